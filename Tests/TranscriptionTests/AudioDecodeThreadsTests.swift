import Dispatch
import SpeechTypes
import Testing
import Threading
import Transcription

/// Rows that are handed out one by one.
private final class Rows: RowInbox {
    private let left: Guarded<[RowTask]>

    init(_ count: Int) {
        left = Guarded((0..<count).map { RowTask(ordinal: $0, raw: []) })
    }

    func next() -> RowTask? { nextIfAvailable() }

    func nextIfAvailable() -> RowTask? {
        left.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}

/// Decoding that does what each row's number says.
private final class Work: AudioDecodeWork {
    struct Books {
        var decoded: Set<Int> = []
        var failures: [Int: String] = [:]
        var inHand = 0
        var ended = 0
    }

    let books = Guarded(Books())
    /// What a decoder that hangs waits for.
    let never = DispatchSemaphore(value: 0)
    private let doing: @Sendable (Int, WatchedThread, DispatchSemaphore) -> Void

    init(_ doing: @escaping @Sendable (Int, WatchedThread, DispatchSemaphore) -> Void) {
        self.doing = doing
    }

    func begins(_ task: RowTask) { books.withLock { $0.inHand += 1 } }
    func rests() { books.withLock { $0.inHand -= 1 } }
    func ends() { books.withLock { $0.ended += 1 } }

    func decode(_ task: RowTask, on thread: WatchedThread) {
        thread.begin { [self] detail in books.withLock { $0.failures[task.ordinal] = detail } }
        doing(task.ordinal, thread, never)
        books.withLock { _ = $0.decoded.insert(task.ordinal) }
    }
}

@Suite("Threads that decode")
struct AudioDecodeThreadsTests {
    private func run(
        _ work: Work, rows: Int, stallSeconds: Double, progress: EngineProgress = .init()
    ) throws {
        let threads = AudioDecodeThreads(
            work, inbox: Rows(rows), progress: progress, stallSeconds: stallSeconds)
        try threads.start(threads: 2)
        threads.finish()
    }

    @Test("a decoder that hangs costs its own row, as one whose source does not answer")
    func hangs() throws {
        let hanging: Set = [0, 1, 7]
        let work = Work { ordinal, _, never in
            if hanging.contains(ordinal) { never.wait() }
        }
        try run(work, rows: 20, stallSeconds: 0.2)
        let books = work.books.withLock { $0 }
        #expect(books.decoded == Set(0..<20).subtracting(hanging))
        #expect(Set(books.failures.keys) == hanging)
        #expect(books.failures[7]?.contains("nothing was decoded for 1 s") == true)
        // Whoever waits for windows knows that none comes of the rows that hang.
        #expect(books.inHand == 0 && books.ended == 2)
        for _ in hanging { work.never.signal() }
    }

    @Test("a decoder that comes back late changes nothing any more")
    func late() throws {
        let progress = EngineProgress()
        let work = Work { ordinal, _, never in if ordinal == 0 { never.wait() } }
        try run(work, rows: 3, stallSeconds: 0.1, progress: progress)
        work.never.signal()
        #expect(work.books.withLock { $0.failures.count } == 1)
        #expect(work.books.withLock { $0.inHand } == 0)
    }

    @Test("a decoder that makes steps, or waits for others, may take any time")
    func slow() throws {
        let progress = EngineProgress()
        let work = Work { ordinal, thread, never in
            if ordinal == 0 {
                thread.waiting { _ = never.wait(timeout: .now() + 0.6) }
            } else {
                for _ in 0..<60 {
                    _ = never.wait(timeout: .now() + 0.01)
                    thread.progress.step()
                }
            }
        }
        try run(work, rows: 2, stallSeconds: 0.3, progress: progress)
        #expect(work.books.withLock { $0.failures.isEmpty && $0.decoded.count == 2 })
        #expect(progress.steps == 60)
    }
}
