package import Batching
package import SpeechTypes
internal import Threading
package import WindowCutting

/// Windows of audio that wait for a compute thread: bounded, so that decoding runs ahead of
/// compute by a little and never by an archive.
package final class WindowQueue: Sendable {
    /// A window, and the recording that it belongs to.
    package struct Item: Sendable {
        package let row: RowAssembly
        package let lane: Int
        package let window: ChunkGrid.Window
        let frames: Int

        /// - Parameters:
        ///   - lane: of the row, from 0.
        ///   - clock: of the model that computes it.
        package init(
            row: RowAssembly, lane: Int, window: ChunkGrid.Window, clock: FrameClock = .wav2vec2
        ) {
            self.row = row
            self.lane = lane
            self.window = window
            frames = clock.frames(ofSamples: window.samples.count)
        }
    }

    private struct State {
        var items: [Item] = []
        var frames = 0
        /// Producers that may still bring windows at any moment.
        var busyProducers = 0
        /// Of those, the ones that wait for space: nothing comes from them until a batch has left.
        var blockedProducers = 0
        var producers: Int
    }

    private let state: Guarded<State>
    private let planner: BatchPlanner
    private let consumers: Int
    /// Waiting work beyond this stops the producers.
    private let framesMax: Int

    /// How long a consumer without a full batch hopes for more.
    ///
    /// Producers are a hundred times faster than compute, so they fill a batch sooner than this as a
    /// rule. One whose storage does not answer brings nothing for a minute and more, and the windows of
    /// other rows must not wait for it.
    private static let patienceMilliseconds = 250

    /// - Parameter producers: decode threads; the queue ends when all of them have finished.
    /// - Parameter consumers: compute threads.
    /// - Parameter waitingFramesMax: frames that wait; one window does, whatever its length.
    package init(planner: BatchPlanner, producers: Int, consumers: Int, waitingFramesMax: Int) {
        state = Guarded(State(producers: producers))
        self.planner = planner
        self.consumers = consumers
        framesMax = waitingFramesMax
    }

    /// Adds a window; waits while too much waits already.
    package func push(_ item: Item) {
        let isAdded = state.withLock { state in
            if add(item, to: &state) { return true }
            // Said at once and not while waiting: a consumer that hopes for more is to hear of it.
            state.blockedProducers += 1
            return false
        }
        if isAdded { return }
        state.wait { state -> Void? in
            guard add(item, to: &state) else { return nil }
            state.blockedProducers -= 1
            return ()
        }
    }

    /// Whether there was space for the window.
    private func add(_ item: Item, to state: inout State) -> Bool {
        guard state.items.isEmpty || state.frames + item.frames <= framesMax else { return false }
        state.items.append(item)
        state.frames += item.frames
        return true
    }

    /// A producer has a recording in hand: more windows are about to come.
    package func producerBegins() { state.withLock { $0.busyProducers += 1 } }

    /// A producer has nothing in hand and may wait for long.
    package func producerRests() { state.withLock { $0.busyProducers -= 1 } }

    /// A producer brings no more; after the last one the queue runs empty and ends.
    package func producerEnds() { state.withLock { $0.producers -= 1 } }

    /// Removes and returns the windows of the next batch; nil when no more will come.
    ///
    /// Waits a moment for a full batch while producers are at work, and returns what there is when they
    /// rest or bring nothing.
    package func nextBatch() -> [Item]? {
        while true {
            state.wait { $0.items.isEmpty && $0.producers > 0 ? nil : () }
            let step =
                state.wait(milliseconds: Self.patienceMilliseconds) {
                    nextStep(&$0, isPatient: true)
                } ?? state.withLock { nextStep(&$0, isPatient: false) }
            switch step {
            // What is dropped here is freed here, outside of the lock.
            case .dropped, nil: continue
            case .end: return nil
            case .batch(let batch): return batch
            }
        }
    }

    private enum Step {
        /// Windows of rows that are over were removed: who waits for space is to look again.
        case dropped([Item])
        case batch([Item])
        case end
    }

    /// What there is to do now; nil for nothing, and then nothing was changed.
    private func nextStep(_ state: inout State, isPatient: Bool) -> Step? {
        let over = state.items.filter(\.row.isOver)
        if !over.isEmpty {
            state.items.removeAll { item in over.contains { $0.row === item.row } }
            state.frames = state.items.reduce(0) { $0 + $1.frames }
            return .dropped(over)
        }
        if state.items.isEmpty { return state.producers == 0 ? .end : nil }
        let isFed = isPatient && state.busyProducers > state.blockedProducers
        if isFed && state.frames < planner.limits.framesMax { return nil }
        // A batch is of one language: that of the window that waits longest, so that none starves.
        let language = state.items[0].row.language?.name
        let candidates = state.items.indices.filter {
            state.items[$0].row.language?.name == language
        }
        let positions = planner.nextBatch(
            frames: candidates.map { state.items[$0].frames },
            shares: isFed ? 1 : consumers
        ).map { candidates[$0] }
        let batch = positions.map { state.items[$0] }
        for position in positions.reversed() { state.items.remove(at: position) }
        state.frames -= batch.reduce(0) { $0 + $1.frames }
        return .batch(batch)
    }
}
