package import SpeechTypes
package import Tensors
package import Threading
package import WindowCutting

/// Makes text of computed windows, on threads of its own, so that compute threads only compute.
///
/// The windows of a lane are decoded one after the other in their order, those of different lanes side
/// by side. Which thread decodes what never shows in a transcript.
package final class DecodeStage: Sendable {
    private struct Work {
        let row: RowAssembly
        let task: RowAssembly.Task
    }

    private struct State {
        /// Oldest first, so that a long recording does not keep short ones waiting.
        var work: [Work] = []
        /// Threads at work.
        var busy = 0
        /// Frames of all windows that were added and are not decoded.
        var frames = 0
        var isClosed = false
    }

    private let state = Guarded(State())
    /// Waiting frames beyond this stop the compute threads.
    private let framesMax: Int
    private let progress: EngineProgress
    private let threads: Guarded<[DedicatedThread]> = Guarded([])

    /// - Parameters:
    ///   - waitingFramesMax: frames that wait to be decoded; one window does, whatever its length.
    ///   - progress: counts every piece of a window that is decoded.
    package init(waitingFramesMax: Int, progress: EngineProgress) {
        framesMax = waitingFramesMax
        self.progress = progress
    }

    /// - Throws: if the system gives no thread; those that were started have ended then.
    package func start(threads count: Int) throws(ThreadError) {
        for _ in 0..<count {
            do throws(ThreadError) {
                let thread = try DedicatedThread { [self] in run() }
                threads.withLock { $0.append(thread) }
            } catch {
                finish()
                throw error
            }
        }
    }

    /// Adds the log-probabilities of a window of `row`; waits while too many frames wait already.
    ///
    /// - Parameter window: its samples are not needed any more.
    package func add(_ result: Tensor, of window: ChunkGrid.Window, row: RowAssembly, lane: Int) {
        let frames = result.shape[0]
        state.wait { state -> Void? in
            // Where nothing can be decoded, all that waits is ahead of a window that has yet to come.
            let canDecode = !state.work.isEmpty || state.busy > 0
            guard state.frames == 0 || state.frames + frames <= framesMax || !canDecode else {
                return nil
            }
            state.frames += frames
            return ()
        }
        let share = FrameShare { [state] in state.withLock { $0.frames -= frames } }
        enqueue(row.add(ComputedWindow(result, of: window, share: share), lane: lane), of: row)
    }

    /// Notes that the audio of `row` has ended: its record is written when all is decoded.
    package func end(_ row: RowAssembly, _ ending: RowAssembly.Ending) {
        enqueue(row.end(ending), of: row)
    }

    /// Waits until everything that was added is decoded, and ends the threads.
    package func finish() {
        state.withLock { $0.isClosed = true }
        for thread in threads.withLock({ $0 }) { thread.join() }
    }

    private func enqueue(_ task: RowAssembly.Task?, of row: RowAssembly) {
        guard let task else { return }
        state.withLock { $0.work.append(Work(row: row, task: task)) }
    }

    private func run() {
        while let work = nextWork() {
            let next = progress.during(.text) { work.row.perform(work.task, progress: progress) }
            state.withLock { state in
                state.busy -= 1
                // Behind the others, so that rows take turns.
                if let next { state.work.append(Work(row: work.row, task: next)) }
            }
        }
    }

    /// Waits for work; nil when there will be none.
    private func nextWork() -> Work? {
        state.wait { state -> Work?? in
            guard state.work.isEmpty else {
                state.busy += 1
                return .some(state.work.removeFirst())
            }
            // A thread at work may find more to do.
            return state.isClosed && state.busy == 0 ? .some(nil) : nil
        }
    }
}

/// The frames of one window among those that wait: given back when nobody holds the window any more.
final class FrameShare: Sendable {
    private let giveBack: @Sendable () -> Void

    init(giveBack: @escaping @Sendable () -> Void) { self.giveBack = giveBack }

    deinit { giveBack() }
}
