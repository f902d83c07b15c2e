internal import Batching
internal import CTCDecoding
internal import LogitsFiles
package import Manifests
package import RowFeatures
internal import RowSpans
internal import SpeechBoundaries
package import SpeechTypes
internal import Synchronization
internal import Threading
package import WindowCutting

/// One row while its windows are computed and decoded, anywhere and in any order.
///
/// Windows are decoded in order as they come in, so that a recording of many hours is never held
/// whole: what waits is only what was computed ahead of a window that is still in the engine.
package final class RowAssembly: Sendable {
    package let ordinal: Int
    private let row: ManifestRow
    private let recipe: RecordRecipe
    private let text: RowText?
    private let hotwords: [Hotword]
    /// The windows that are computed, where other workers compute the others.
    private let span: RowSpan?
    /// Where the row says that somebody speaks; nil where it does not.
    let speech: RowSpeech?
    /// Held for moments: nothing reads, writes, decodes or waits meanwhile.
    private let state = Guarded(State())
    private let over = Atomic<Bool>(false)
    private let emit: @Sendable (RowEvent) -> Void

    /// What only the end of the audio tells.
    package struct Ending: Sendable {
        var decodedSeconds: Double
        var audioDigest: [UInt8]
        var warning: String
        var audioWarning: AudioWarning?
        /// Windows that each lane was cut into.
        var windowsOfLanes: [Int]
        /// Of each lane, where rows are measured.
        var audio: [LaneAudio]
        /// Of each lane, where the job looks for speech.
        var coverage: [LaneCoverage]
        /// Frames that each window of a span owns, counted from the row's beginning.
        var spanWindows: [Range<Int>] = []
        /// Of the last span of a row that is shared.
        var spanEnding: SpanPart.Ending?
        /// What the audio was fetched from; empty for files.
        var object: String

        package init(
            decodedSeconds: Double, audioDigest: [UInt8], warning: String = "",
            audioWarning: AudioWarning? = nil, windowsOfLanes: [Int], audio: [LaneAudio] = [],
            coverage: [LaneCoverage] = [], object: String = ""
        ) {
            self.object = object
            self.decodedSeconds = decodedSeconds
            self.audioDigest = audioDigest
            self.warning = warning
            self.audioWarning = audioWarning
            self.windowsOfLanes = windowsOfLanes
            self.audio = audio
            self.coverage = coverage
        }
    }

    private struct State {
        /// Given back when nobody works on the row any more.
        var claim: RowMemory.Claim?
        var lanes: [Lane] = []
        var ending: Ending?
        var isFinishing = false
    }

    /// The windows of one lane, and the decoder while no thread uses it.
    private struct Lane {
        /// Computed and not decoded: next in order, or ahead of a window before them.
        var waiting: [Int: ComputedWindow] = [:]
        /// A thread has the decoder, or is asked to take it.
        var isAssigned = false
        /// Nil before the first window, and while a thread has it.
        var decoding: LaneDecoding?
        /// Windows decoded so far, all of those before this index.
        var windowsDone = 0
    }

    package convenience init(
        ordinal: Int, row: ManifestRow, recipe: RecordRecipe,
        emit: @escaping @Sendable (RowEvent) -> Void
    ) {
        self.init(ordinal: ordinal, row: row, recipe: recipe, text: nil, emit: emit)
    }

    /// - Parameters:
    ///   - text: what is aligned with the row's audio, in a job that does so.
    ///   - hotwords: that the row names.
    ///   - speech: where the row says that somebody speaks.
    ///   - span: the windows that are computed; nil for all.
    init(
        ordinal: Int, row: ManifestRow, recipe: RecordRecipe, text: RowText?,
        hotwords: [Hotword] = [], speech: RowSpeech? = nil, span: RowSpan? = nil,
        emit: @escaping @Sendable (RowEvent) -> Void
    ) {
        self.speech = speech
        self.span = span
        self.ordinal = ordinal
        self.row = row
        self.recipe = recipe
        self.text = text
        self.hotwords = hotwords
        self.emit = emit
    }

    /// Whether the row has ended, so that what still comes for it is dropped; answers without waiting.
    package var isOver: Bool { over.load(ordering: .acquiring) }

    /// The language that the row is read in; nil where rows name none.
    var language: SpokenLanguage? { recipe.language }

    /// The class of the blank among the symbols of the row's language.
    var blank: Int { recipe.vocabulary.blank }

    /// Keeps what the row takes of the worker's memory until nobody works on it any more.
    func keep(_ claim: RowMemory.Claim) { state.withLock { $0.claim = claim } }

    /// Says how many lanes (channels) there are, before the first window.
    package func begin(lanes count: Int) {
        state.withLock { $0.lanes = (0..<count).map { _ in Lane() } }
    }

    /// Ends the row without a transcript; only the first end counts.
    package func fail(_ failureClass: FailureClass, _ code: FailureCode, _ detail: String) {
        guard endFirst() else { return }
        emitFailure(failureClass, code, detail)
    }

    /// Whether this is the row's first end.
    private func endFirst() -> Bool {
        guard !over.exchange(true, ordering: .acquiringAndReleasing) else { return false }
        // Windows and files are freed outside of the lock.
        _ = state.withLock { state in
            defer { state.lanes = [] }
            return state.lanes
        }
        return true
    }

    private func emitFailure(_ failureClass: FailureClass, _ code: FailureCode, _ detail: String) {
        emit(
            .failed(
                FailedRow(
                    ordinal: ordinal, failureClass: failureClass, code: code, detail: detail)))
    }

    // MARK: What a thread is to do next

    /// Work on the row that a thread has to be found for.
    enum Task {
        /// Decodes the next window of a lane.
        case decode(lane: Int)
        /// Ends all lanes and writes the record.
        case finish
    }

    /// Adds a computed window; returns what there is to do on account of it.
    func add(_ window: ComputedWindow, lane: Int) -> Task? {
        state.withLock { state in
            guard !isOver else { return nil }
            state.lanes[lane].waiting[window.index] = window
            return Self.decode(lane, &state)
        }
    }

    /// Notes that every window is cut and what the audio was; returns what there is to do then.
    func end(_ ending: Ending) -> Task? {
        state.withLock { state in
            guard !isOver else { return nil }
            state.ending = ending
            return Self.finish(&state)
        }
    }

    /// Asks for a thread if a lane's next window is there and nobody decodes the lane.
    private static func decode(_ lane: Int, _ state: inout State) -> Task? {
        let next = state.lanes[lane]
        guard !next.isAssigned, next.waiting[next.windowsDone] != nil else { return nil }
        state.lanes[lane].isAssigned = true
        return .decode(lane: lane)
    }

    /// Asks for a thread if everything was decoded.
    private static func finish(_ state: inout State) -> Task? {
        guard let ending = state.ending, !state.isFinishing,
            zip(state.lanes, ending.windowsOfLanes).allSatisfy({ $0.windowsDone == $1 })
        else { return nil }
        state.isFinishing = true
        return .finish
    }

    // MARK: What the thread does

    /// Does `task` on the calling thread; whatever goes wrong ends this row and no other.
    ///
    /// - Returns: what there is to do next.
    func perform(_ task: Task, progress: EngineProgress) -> Task? {
        do {
            switch task {
            case .decode(let lane): return try decodeWindow(of: lane, progress)
            case .finish:
                try writeRecord(progress)
                return nil
            }
        } catch let error as LogitsError {
            // The job's output is at fault: another worker, or a later try, may have a disk for it.
            fail(.worker, .quarantinedEngine, "\(error)")
        } catch let error as DecoderError where error.code != nil {
            fail(.input, error.code ?? .quarantinedEngine, "\(error)")
        } catch {
            fail(.engine, .quarantinedEngine, "\(error)")
        }
        return nil
    }

    private func decodeWindow(of lane: Int, _ progress: EngineProgress) throws -> Task? {
        let next = state.withLock { state -> (window: ComputedWindow, decoding: LaneDecoding?)? in
            guard !isOver else { return nil }
            let index = state.lanes[lane].windowsDone
            guard let window = state.lanes[lane].waiting.removeValue(forKey: index) else {
                preconditionFailure("a lane is assigned when its next window is there")
            }
            defer { state.lanes[lane].decoding = nil }
            return (window, state.lanes[lane].decoding)
        }
        guard let (window, known) = next else { return nil }
        var decoding = try known ?? makeDecoding(of: lane)
        try decoding.append(window) {
            progress.step()
            return !isOver
        }
        return state.withLock { state in
            guard !isOver else { return nil }
            state.lanes[lane].decoding = decoding
            state.lanes[lane].windowsDone += 1
            state.lanes[lane].isAssigned = false
            return Self.decode(lane, &state) ?? Self.finish(&state)
        }
    }

    private func writeRecord(_ progress: EngineProgress) throws {
        let (decoded, ending) = state.withLock { state in
            defer { state.lanes = [] }
            return (state.lanes.map(\.decoding), state.ending)
        }
        guard let ending else { return }
        if let span { return try writeSpan(span, decoded.first ?? nil, ending, progress) }
        var transcripts: [Transcript] = []
        var posteriors: [PosteriorFeatures] = []
        for (lane, known) in decoded.enumerated() {
            var decoding = try decodeEnd(of: lane, known, ending, progress)
            transcripts.append(try decoding.finish())
            if let posterior = decoding.posterior { posteriors.append(posterior) }
            progress.step()
        }
        // Lanes are gone where the row has failed meanwhile.
        guard transcripts.count == ending.windowsOfLanes.count else { return }
        finish(transcripts, ending, posteriors)
    }

    /// Reads the frames behind the last window, which nothing computed.
    private func decodeEnd(
        of lane: Int, _ known: LaneDecoding?, _ ending: Ending, _ progress: EngineProgress
    ) throws -> LaneDecoding {
        // Nothing was decoded where nothing was speech.
        var decoding = try known ?? makeDecoding(of: lane)
        if ending.coverage.indices.contains(lane) {
            try decoding.appendSilence(ending.coverage[lane].framesAtEnd(recipe.clock)) {
                progress.step()
                return !isOver
            }
        }
        return decoding
    }

    /// Ends a span with the bytes that stand for its windows.
    private func writeSpan(
        _ span: RowSpan, _ known: LaneDecoding?, _ ending: Ending, _ progress: EngineProgress
    ) throws {
        let decoding = try decodeEnd(of: 0, known, ending, progress)
        guard let reading = decoding.reading, endFirst() else { return }
        let part = SpanPart(
            span: span, windows: ending.spanWindows, reading: reading, ending: ending.spanEnding)
        let samples = reading.classes.count * recipe.samplesPerFrame
        emit(
            .finished(
                FinishedRow(
                    ordinal: ordinal, record: part.bytes, audioDigest: ending.audioDigest,
                    audioSeconds: Double(samples) / Double(FrameClock.sampleRate))))
    }

    /// Ends the row with its record; only the first end counts.
    func finish(
        _ transcripts: [Transcript], _ ending: Ending, _ posteriors: [PosteriorFeatures] = []
    ) {
        guard endFirst() else { return }
        let measured = recipe.features(of: transcripts, posteriors, ending.audio)
        emit(
            .finished(
                FinishedRow(
                    ordinal: ordinal,
                    record: recipe.record(of: row, transcripts, ending, speech, measured),
                    audioDigest: ending.audioDigest, audioSeconds: ending.decodedSeconds,
                    warning: ending.warning,
                    features: recipe.json(of: measured), object: ending.object)))
    }

    /// The channel that a lane is; nil for a mix.
    func channel(ofLane lane: Int) -> Int? {
        recipe.channel(ofLane: lane, of: row)
    }

    private func makeDecoding(of lane: Int) throws(LogitsError) -> LaneDecoding {
        try LaneDecoding(
            recipe: recipe, name: name(of: lane), text: text, hotwords: hotwords,
            isSpan: span != nil)
    }

    /// The name of a lane's file of log-probabilities.
    private func name(of lane: Int) -> String {
        recipe.options.channels == .each ? "\(ordinal).\(lane)" : "\(ordinal)"
    }
}
