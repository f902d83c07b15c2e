internal import SpeechTypes
internal import Threading

/// The threads that decode, and a watch over them.
///
/// A decoder inside the process, or a read from storage that is gone, may never return, and no thread
/// can be ended from outside. So a row whose audio makes no step for too long fails as `source`, its
/// thread is left behind, and another one takes its place: other rows, and the engine, go on.
final class DecodeCrew: Sendable {
    private struct State {
        var desks: [ObjectIdentifier: DecodeDesk] = [:]
        /// Threads that were left behind so far.
        var leftBehind = 0
        var isOver = false
    }

    private let work: DecodeWork
    private let inbox: any RowInbox
    private let progress: EngineProgress
    private let stallSeconds: Double
    private let state = Guarded(State())

    /// Threads that are replaced; after that the engine goes on with fewer, and at last its worker ends
    /// it.
    private static let leftBehindMax = 64
    /// Looks at a desk without a step after which its row is given up: counted, not timed, so that a
    /// pause of the whole process is nobody's fault.
    private static let looks = 45

    /// - Parameters:
    ///   - progress: counts the steps of all threads.
    ///   - stallSeconds: how long a row's audio may make no step.
    init(
        _ work: DecodeWork, inbox: any RowInbox, progress: EngineProgress,
        stallSeconds: Double = Double(StallLimits.decodingSeconds)
    ) {
        self.work = work
        self.inbox = inbox
        self.progress = progress
        self.stallSeconds = stallSeconds
    }

    /// - Throws: if the system gives no thread; then nothing is decoded that was not begun.
    func start(threads: Int) throws(ThreadError) {
        var started = 0
        do throws(ThreadError) {
            _ = try DedicatedThread { [self] in watch() }
            while started < threads {
                try startThread()
                started += 1
            }
        } catch {
            // What computes ends when nobody brings anything.
            for _ in started..<threads { work.queue.producerEnds() }
            state.withLock { $0.isOver = true }
            throw error
        }
    }

    /// Waits until the inbox has ended and every row has been decoded or given up.
    func finish() {
        state.wait { $0.desks.isEmpty ? () : nil }
        state.withLock { $0.isOver = true }
    }

    private func startThread() throws(ThreadError) {
        let desk = DecodeDesk(progress: EngineProgress(partOf: progress))
        state.withLock { $0.desks[ObjectIdentifier(desk)] = desk }
        do throws(ThreadError) {
            _ = try DedicatedThread { [self] in decodeRows(on: desk) }
        } catch {
            state.withLock { $0.desks[ObjectIdentifier(desk)] = nil }
            throw error
        }
    }

    private func decodeRows(on desk: DecodeDesk) {
        while let task = inbox.next() {
            work.queue.producerBegins()
            work.emit(.started([task.ordinal]))
            work.decode(task, on: desk)
            // Otherwise the watch has settled all that this thread owed.
            guard desk.end() else { return }
            work.queue.producerRests()
        }
        leave(desk)
    }

    /// A thread brings no more windows.
    private func leave(_ desk: DecodeDesk) {
        work.queue.producerEnds()
        state.withLock { $0.desks[ObjectIdentifier(desk)] = nil }
    }

    // MARK: The watch

    private func watch() {
        let milliseconds = max(1, Int(stallSeconds * 1_000) / Self.looks)
        while true {
            let isOver: Bool? = state.wait(milliseconds: milliseconds) { $0.isOver ? true : nil }
            if isOver != nil { return }
            for desk in state.withLock({ Array($0.desks.values) }) {
                guard let row = desk.rowWithoutStep(looks: Self.looks) else { continue }
                giveUp(row, desk)
            }
        }
    }

    private func giveUp(_ row: RowAssembly, _ desk: DecodeDesk) {
        let mayReplace = state.withLock { state in
            state.leftBehind += 1
            return state.leftBehind <= Self.leftBehindMax
        }
        // Before the old one is gone, so that the crew never seems to have ended.
        let isReplaced = mayReplace && (try? startThread()) != nil
        row.fail(
            .source, .quarantinedSource,
            "nothing was decoded for \(Int(stallSeconds.rounded(.up))) s; check the file's storage")
        work.queue.producerRests()
        if isReplaced {
            state.withLock { $0.desks[ObjectIdentifier(desk)] = nil }
        } else {
            leave(desk)
        }
    }
}

/// Where one decode thread works, and what the watch sees of it.
final class DecodeDesk: Sendable {
    private struct State {
        var row: RowAssembly?
        /// The thread waits for others.
        var isWaiting = false
        var isGivenUp = false
        var stepsSeen = 0
        var looksWithoutStep = 0
    }

    let progress: EngineProgress
    private let state = Guarded(State())

    init(progress: EngineProgress) {
        self.progress = progress
    }

    /// From now on the row's audio is expected to get on.
    func begin(_ row: RowAssembly) {
        state.withLock { state in
            state.row = row
            state.stepsSeen = progress.steps
            state.looksWithoutStep = 0
        }
    }

    /// Does what may take any time for reasons that are not the row's.
    func waiting(_ body: () -> Void) {
        state.withLock { $0.isWaiting = true }
        body()
        state.withLock { state in
            state.isWaiting = false
            state.looksWithoutStep = 0
        }
    }

    /// The row is decoded, or failed; false if it was given up meanwhile.
    func end() -> Bool {
        state.withLock { state in
            state.row = nil
            return !state.isGivenUp
        }
    }

    /// Looks whether there was a step since the last look.
    ///
    /// - Returns: the row, given up from now on, after so many looks in vain; nil otherwise.
    func rowWithoutStep(looks: Int) -> RowAssembly? {
        state.withLock { state in
            guard let row = state.row, !state.isWaiting else {
                state.looksWithoutStep = 0
                return nil
            }
            let steps = progress.steps
            if steps != state.stepsSeen {
                state.stepsSeen = steps
                state.looksWithoutStep = 0
                return nil
            }
            state.looksWithoutStep += 1
            guard state.looksWithoutStep >= looks else { return nil }
            state.isGivenUp = true
            state.row = nil
            return row
        }
    }
}
