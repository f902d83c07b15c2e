package import SpeechTypes
package import Threading

/// What ``AudioDecodeThreads`` do with each row.
package protocol AudioDecodeWork: Sendable {
    /// A thread has a row in hand: more is about to come of it.
    func begins(_ task: RowTask)

    /// Decodes a row.
    ///
    /// - Parameter thread: the one that this runs on; it is told once it is known what is decoded.
    func decode(_ task: RowTask, on thread: WatchedThread)

    /// A thread has nothing in hand and may wait for long.
    func rests()

    /// A thread brings no more.
    func ends()
}

/// The threads that read and decode audio, and a watch over them.
///
/// A decoder inside the process, or a read from storage that is gone, may never return, and no thread
/// can be ended from outside. So a row whose audio makes no step for too long fails as `source`, its
/// thread is left behind, and another one takes its place: other rows, and the engine, go on.
package final class AudioDecodeThreads: Sendable {
    private struct State {
        var watched: [ObjectIdentifier: WatchedThread] = [:]
        /// Threads that were left behind so far.
        var leftBehind = 0
        var isOver = false
    }

    private let work: any AudioDecodeWork
    private let inbox: any RowInbox
    private let progress: EngineProgress
    private let stallSeconds: Double
    private let state = Guarded(State())

    /// Threads that are replaced; after that the engine goes on with fewer, and at last its worker ends
    /// it.
    private static let leftBehindMax = 64
    /// Looks at a thread without a step after which its row is given up: counted, not timed, so that a
    /// pause of the whole process is nobody's fault.
    private static let looks = 45

    /// - Parameters:
    ///   - progress: counts the steps of all threads.
    ///   - stallSeconds: how long a row's audio may make no step.
    package init(
        _ work: any AudioDecodeWork, inbox: any RowInbox, progress: EngineProgress,
        stallSeconds: Double = Double(StallLimits.decodingSeconds)
    ) {
        self.work = work
        self.inbox = inbox
        self.progress = progress
        self.stallSeconds = stallSeconds
    }

    /// - Throws: if the system gives no thread; then nothing is decoded that was not begun.
    package func start(threads: Int) throws(ThreadError) {
        var started = 0
        do throws(ThreadError) {
            _ = try DedicatedThread { [self] in watch() }
            while started < threads {
                try startThread()
                started += 1
            }
        } catch {
            // Compute threads end when no producer is left.
            for _ in started..<threads { work.ends() }
            state.withLock { $0.isOver = true }
            throw error
        }
    }

    /// Waits until the inbox has ended and every row has been decoded or given up.
    package func finish() {
        state.wait { $0.watched.isEmpty ? () : nil }
        state.withLock { $0.isOver = true }
    }

    private func startThread() throws(ThreadError) {
        let thread = WatchedThread(progress: EngineProgress(partOf: progress))
        state.withLock { $0.watched[ObjectIdentifier(thread)] = thread }
        do throws(ThreadError) {
            _ = try DedicatedThread { [self] in decodeRows(on: thread) }
        } catch {
            state.withLock { $0.watched[ObjectIdentifier(thread)] = nil }
            throw error
        }
    }

    private func decodeRows(on thread: WatchedThread) {
        while let task = inbox.next() {
            work.begins(task)
            thread.progress.during(.decode) { work.decode(task, on: thread) }
            // Otherwise the watch has settled all that this thread owed.
            guard thread.end() else { return }
            work.rests()
        }
        leave(thread)
    }

    /// A thread brings no more windows.
    private func leave(_ thread: WatchedThread) {
        work.ends()
        state.withLock { $0.watched[ObjectIdentifier(thread)] = nil }
    }

    // MARK: The watch

    private func watch() {
        let milliseconds = max(1, Int(stallSeconds * 1_000) / Self.looks)
        while true {
            let isOver: Bool? = state.wait(milliseconds: milliseconds) { $0.isOver ? true : nil }
            if isOver != nil { return }
            for thread in state.withLock({ Array($0.watched.values) }) {
                guard let fail = thread.rowWithoutStep(looks: Self.looks) else { continue }
                giveUp(thread, fail)
            }
        }
    }

    private func giveUp(_ thread: WatchedThread, _ fail: WatchedThread.Failing) {
        let mayReplace = state.withLock { state in
            state.leftBehind += 1
            return state.leftBehind <= Self.leftBehindMax
        }
        // Before the old one is removed, so that ``finish()`` never sees an empty table too early.
        let isReplaced = mayReplace && (try? startThread()) != nil
        let seconds = Int(stallSeconds.rounded(.up))
        fail("nothing was decoded for \(seconds) s; check the file's storage")
        work.rests()
        if isReplaced {
            state.withLock { $0.watched[ObjectIdentifier(thread)] = nil }
        } else {
            leave(thread)
        }
    }
}

/// One thread that decodes, as the watch sees it.
package final class WatchedThread: Sendable {
    /// Ends the row as one whose source does not answer, given what happened.
    package typealias Failing = @Sendable (_ detail: String) -> Void

    private struct State {
        /// Of the row in hand.
        var fail: Failing?
        /// The thread waits for others.
        var isWaiting = false
        var isGivenUp = false
        var stepsSeen = 0
        var looksWithoutStep = 0
    }

    /// Told of every step of the row's audio.
    package let progress: EngineProgress
    private let state = Guarded(State())

    init(progress: EngineProgress) {
        self.progress = progress
    }

    /// From now on the row's audio is expected to get on.
    ///
    /// - Parameter fail: called, on another thread, if it does not; what still comes is not waited for.
    package func begin(orFail fail: @escaping Failing) {
        state.withLock { state in
            state.fail = fail
            state.stepsSeen = progress.steps
            state.looksWithoutStep = 0
        }
    }

    /// Does what may take any time for reasons that are not the row's.
    package func waiting(_ body: () -> Void) {
        state.withLock { $0.isWaiting = true }
        progress.during(.idle) { body() }
        state.withLock { state in
            state.isWaiting = false
            state.looksWithoutStep = 0
        }
    }

    /// The row is decoded, or failed; false if it was given up meanwhile.
    func end() -> Bool {
        state.withLock { state in
            state.fail = nil
            return !state.isGivenUp
        }
    }

    /// Looks whether there was a step since the last look.
    ///
    /// - Returns: what ends the row, which is given up from now on, after so many looks in vain; nil
    ///   otherwise.
    func rowWithoutStep(looks: Int) -> Failing? {
        state.withLock { state in
            guard let fail = state.fail, !state.isWaiting else {
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
            state.fail = nil
            return fail
        }
    }
}
