internal import Batching
internal import Threading

/// Windows of audio that wait for a compute thread: bounded, so that decoding runs ahead of
/// compute by a little and never by an archive.
final class WindowQueue: Sendable {
    /// A window, and the recording that it belongs to.
    struct Item: Sendable {
        let row: RowAssembly
        let lane: Int
        let window: ChunkGrid.Window
        let frames: Int
    }

    private struct State {
        var items: [Item] = []
        var frames = 0
        /// Producers that may still bring windows at any moment.
        var busyProducers = 0
        /// Of those, the ones that wait for room: nothing comes from them until a batch is taken.
        var blockedProducers = 0
        var producers: Int
    }

    private let state: Guarded<State>
    private let planner: BatchPlanner
    private let consumers: Int
    /// Waiting work beyond this stops the decoders.
    private let framesMax: Int

    /// - Parameter producers: decode threads; the queue ends when all of them have finished.
    /// - Parameter consumers: compute threads.
    /// - Parameter waitingFramesMax: frames that wait; one window does, whatever its length.
    init(planner: BatchPlanner, producers: Int, consumers: Int, waitingFramesMax: Int) {
        state = Guarded(State(producers: producers))
        self.planner = planner
        self.consumers = consumers
        framesMax = waitingFramesMax
    }

    /// Adds a window; waits while too much waits already.
    func push(_ item: Item) {
        let isTaken = state.withLock { state in
            if add(item, to: &state) { return true }
            // Said at once and not while waiting: a consumer that hopes for more is to hear of it.
            state.blockedProducers += 1
            return false
        }
        if isTaken { return }
        state.wait { state -> Void? in
            guard add(item, to: &state) else { return nil }
            state.blockedProducers -= 1
            return ()
        }
    }

    /// Whether there was room for the window.
    private func add(_ item: Item, to state: inout State) -> Bool {
        guard state.items.isEmpty || state.frames + item.frames <= framesMax else { return false }
        state.items.append(item)
        state.frames += item.frames
        return true
    }

    /// A producer has a recording in hand: more windows are about to come.
    func producerBegins() { state.withLock { $0.busyProducers += 1 } }

    /// A producer has nothing in hand and may wait for long.
    func producerRests() { state.withLock { $0.busyProducers -= 1 } }

    /// A producer brings no more; after the last one the queue runs empty and ends.
    func producerEnds() { state.withLock { $0.producers -= 1 } }

    /// The next batch; nil when no more will come.
    ///
    /// Waits for a full batch while decoders are at work, and takes what there is when they rest:
    /// decoding is a hundred times faster than computing, so the wait is short.
    func nextBatch() -> [Item]? {
        while true {
            switch state.wait(until: nextStep) {
            case .room: continue
            case .end: return nil
            case .batch(let batch): return batch
            }
        }
    }

    private enum Step {
        /// Windows of rows that are over were dropped: who waits for room is to look again.
        case room
        case batch([Item])
        case end
    }

    /// What there is to do now; nil for nothing, and then nothing was changed.
    private func nextStep(_ state: inout State) -> Step? {
        if state.items.contains(where: \.row.isOver) {
            state.items.removeAll { item in
                guard item.row.isOver else { return false }
                state.frames -= item.frames
                return true
            }
            return .room
        }
        if state.items.isEmpty { return state.producers == 0 ? .end : nil }
        let isFed = state.busyProducers > state.blockedProducers
        if isFed && state.frames < planner.limits.framesMax { return nil }
        let positions = planner.nextBatch(
            frames: state.items.map(\.frames),
            shares: isFed ? 1 : consumers)
        let batch = positions.map { state.items[$0] }
        for position in positions.reversed() { state.items.remove(at: position) }
        state.frames -= batch.reduce(0) { $0 + $1.frames }
        return .batch(batch)
    }
}
