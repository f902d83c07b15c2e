import Testing
import Threading

@Suite("Threads and what they share")
struct ThreadingTests {
    @Test("a value counts every change of many threads, and joining sees them all")
    func counting() {
        let total = Guarded(0)
        let threads = (0..<4).map { _ in
            DedicatedThread {
                for _ in 0..<1_000 { total.withLock { $0 += 1 } }
            }
        }
        for thread in threads { thread.join() }
        #expect(total.withLock { $0 } == 4_000)
    }

    @Test("who waits is woken by the change that it waits for")
    func waiting() {
        let box = Guarded<[Int]>([])
        let consumer = Guarded<Int?>(nil)
        let thread = DedicatedThread {
            let first = box.wait { $0.count >= 3 ? $0.reduce(0, +) : nil }
            consumer.withLock { $0 = first }
        }
        for value in 1...3 { box.withLock { $0.append(value) } }
        thread.join()
        #expect(consumer.withLock { $0 } == 6)
    }

    @Test("waiting with a limit ends without a result when nothing changes")
    func limit() {
        let never = Guarded(false)
        #expect(never.wait(milliseconds: 20) { $0 ? 1 : nil } == nil)
        let release = Guarded(false)
        let thread = DedicatedThread { release.wait { $0 ? () : nil } }
        #expect(!thread.join(milliseconds: 20))
        release.withLock { $0 = true }
        thread.join()
    }
}
