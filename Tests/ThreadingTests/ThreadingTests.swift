import SystemErrors
import Testing
import Threading

@Suite("Threads and what they share")
struct ThreadingTests {
    @Test("a value counts every change of many threads, and joining sees them all")
    func counting() throws {
        let total = Guarded(0)
        let threads = try (0..<4).map { _ in
            try DedicatedThread {
                for _ in 0..<1_000 { total.withLock { $0 += 1 } }
            }
        }
        for thread in threads { thread.join() }
        #expect(total.withLock { $0 } == 4_000)
    }

    @Test("who waits is woken by the change that it waits for")
    func waiting() throws {
        let box = Guarded<[Int]>([])
        let consumer = Guarded<Int?>(nil)
        let thread = try DedicatedThread {
            let first = box.wait { $0.count >= 3 ? $0.reduce(0, +) : nil }
            consumer.withLock { $0 = first }
        }
        for value in 1...3 { box.withLock { $0.append(value) } }
        thread.join()
        #expect(consumer.withLock { $0 } == 6)
    }

    @Test("waiting with a limit ends without a result when nothing changes")
    func limit() throws {
        let never = Guarded(false)
        #expect(never.wait(milliseconds: 20) { $0 ? 1 : nil } == nil)
        let release = Guarded(false)
        let thread = try DedicatedThread { release.wait { $0 ? () : nil } }
        #expect(!thread.join(milliseconds: 20))
        release.withLock { $0 = true }
        thread.join()
    }

    @Test("a thread that the system refuses is an error that says what to do")
    func refused() {
        // No address space has room for such a stack.
        let error = #expect(throws: ThreadError.self) {
            try DedicatedThread(stackBytes: 1 << 60) {}
        }
        let text = error?.description ?? ""
        #expect(text.contains("ulimit -u") || text.contains("memory"), "\(text)")
    }

    @Test("threads that fail at once are each told their own error")
    func errors() throws {
        let wrong = Guarded(0)
        let threads = try [Int32(2), 13, 28, 99_999].map { number in
            let right = SystemError.text(of: number)
            return try DedicatedThread {
                for _ in 0..<5_000 where SystemError.text(of: number) != right {
                    wrong.withLock { $0 += 1 }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(wrong.withLock { $0 } == 0)
        #expect(SystemError.text(of: 28) == "No space left on device")
        #expect(SystemError.remedy(forStarting: 11).contains("pids.max"))
        #expect(SystemError.remedy(forStarting: 2).isEmpty)
    }
}
