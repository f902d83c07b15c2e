internal import CTCDecoding
internal import Manifests
internal import SpeechTypes
internal import Tensors
internal import Threading

/// One row while its windows are computed, anywhere and in any order.
///
/// Windows are decoded in order as they come in, so that a recording of many hours is never held
/// whole: what waits is only what was computed ahead of a window that is still in the engine.
final class RowAssembly: Sendable {
    let ordinal: Int
    private let recipe: RecordRecipe
    private let state: Guarded<State>
    private let emit: @Sendable (RowEvent) -> Void

    /// What only the end of the audio tells.
    struct Ending: Sendable {
        var decodedSeconds: Double
        var audioDigest: [UInt8]
        var warning: String
        var audioWarning: AudioWarning?
        /// Windows that each lane was cut into.
        var windowsOfLanes: [Int]
    }

    private struct State {
        /// Given back when nobody works on the row any more.
        var claim: RowMemory.Claim?
        let row: ManifestRow
        var lanes: [LaneAssembly] = []
        var ending: Ending?
        var isOver = false
    }

    init(
        ordinal: Int, row: ManifestRow, recipe: RecordRecipe,
        emit: @escaping @Sendable (RowEvent) -> Void
    ) {
        self.ordinal = ordinal
        self.recipe = recipe
        self.emit = emit
        state = Guarded(State(row: row))
    }

    /// Whether the row has ended; what still comes for it is dropped.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Keeps what the row takes of the worker's memory until nobody works on it any more.
    func keep(_ claim: RowMemory.Claim) { state.withLock { $0.claim = claim } }

    /// Says how many lanes (channels) there are, before the first window.
    func begin(lanes count: Int) {
        state.withLock { state in
            state.lanes = (0..<count).map { lane in
                let suffix = recipe.options.channels == .each ? ".\(lane)" : ""
                return LaneAssembly(recipe: recipe, name: "\(ordinal)\(suffix)")
            }
        }
    }

    /// Takes the log-probabilities of the frames that a window owns.
    func add(_ logProbabilities: LogProbabilities, of window: ChunkGrid.Window, lane: Int) {
        finishIfComplete { state in
            state.lanes[lane].add(logProbabilities, of: window)
        }
    }

    /// Says that every window is cut, and what the audio was.
    func end(_ ending: Ending) {
        finishIfComplete { state in
            state.ending = ending
        }
    }

    /// Ends the row without a transcript; only the first end counts.
    func fail(_ failureClass: FailureClass, _ code: FailureCode, _ detail: String) {
        let isFirst = state.withLock { state in
            defer {
                state.isOver = true
                state.lanes = []
            }
            return !state.isOver
        }
        guard isFirst else { return }
        emit(
            .failed(
                FailedRow(
                    ordinal: ordinal, failureClass: failureClass, code: code, detail: detail)))
    }

    private func finishIfComplete(after change: (inout State) -> Void) {
        let completed = state.withLock { state -> (ManifestRow, [LaneAssembly], Ending)? in
            guard !state.isOver else { return nil }
            change(&state)
            guard let ending = state.ending else { return nil }
            for (lane, count) in zip(state.lanes, ending.windowsOfLanes)
            where lane.windowsDone < count { return nil }
            state.isOver = true
            defer { state.lanes = [] }
            return (state.row, state.lanes, ending)
        }
        guard let (row, lanes, ending) = completed else { return }
        for lane in lanes {
            if let refusal = lane.finishLogits() {
                emit(
                    .failed(
                        FailedRow(
                            ordinal: ordinal, failureClass: .engine, code: .quarantinedEngine,
                            detail: refusal)))
                return
            }
        }
        emit(
            .finished(
                FinishedRow(
                    ordinal: ordinal,
                    record: recipe.record(of: row, lanes.map(\.hypothesis), ending),
                    audioDigest: ending.audioDigest, audioSeconds: ending.decodedSeconds,
                    warning: ending.warning)))
    }
}

/// What shapes the records of a job, besides the rows.
struct RecordRecipe: Sendable {
    let vocabulary: Vocabulary
    let options: RecognitionOptions

    /// The terminal record of a transcribed row.
    func record(
        of row: ManifestRow, _ lanes: [Hypothesis], _ ending: RowAssembly.Ending
    ) -> [UInt8] {
        let assembler = TextAssembler(vocabulary: vocabulary)
        return RecordWriter.transcribed(
            row,
            RecordContent(
                lanes: lanes.map { LaneContent(text: assembler.text(of: $0)) },
                isEachChannel: options.channels == .each, decodedSeconds: ending.decodedSeconds,
                audioWarning: ending.audioWarning))
    }
}

/// One lane's transcript as it grows, window by window.
struct LaneAssembly {
    private var decoder: GreedyDecoder
    private let logits: LogitsFile?
    private let logitsRefusal: String?
    /// Computed ahead of a window before them.
    private var early: [Int: LogProbabilities] = [:]
    /// Windows decoded so far, all of those before this index.
    private(set) var windowsDone = 0

    init(recipe: RecordRecipe, name: String) {
        decoder = GreedyDecoder(vocabulary: recipe.vocabulary)
        if let folder = recipe.options.logitsDirectory {
            logits = LogitsFile(
                folder: folder, name: name, classes: recipe.vocabulary.symbols.count)
            logitsRefusal = logits == nil ? "cannot write log-probabilities into \(folder)" : nil
        } else {
            logits = nil
            logitsRefusal = nil
        }
    }

    var hypothesis: Hypothesis { decoder.hypothesis }

    mutating func add(_ logProbabilities: LogProbabilities, of window: ChunkGrid.Window) {
        early[window.index] = logProbabilities
        while let next = early.removeValue(forKey: windowsDone) {
            decoder.append(next)
            logits?.append(next.values)
            windowsDone += 1
        }
    }

    /// Completes the file of log-probabilities; a sentence if that failed.
    func finishLogits() -> String? {
        if let logitsRefusal { return logitsRefusal }
        guard let logits, !logits.finish() else { return nil }
        return "cannot write log-probabilities: the disk refused them"
    }
}
