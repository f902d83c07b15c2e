internal import Alignment
internal import AudioPlaces
package import CTCDecoding
internal import CalibratedRecords
internal import LogitsFiles
package import Manifests
internal import RecordTimes
package import RowFeatures
package import SpeechBoundaries
package import SpeechTypes
internal import VoiceActivity
internal import WindowCutting

/// What shapes the records of a job, besides the rows.
package struct RecordRecipe: Sendable {
    package let vocabulary: Vocabulary
    let options: RecognitionOptions
    let decoders: any CTCDecoderFactory
    private let shape: RecordShape
    private let times: TranscriptTimes
    /// Of a record with times.
    private let bytesMax: Int
    /// Of the model that reads audio.
    let clock: FrameClock
    /// Samples at 16 kHz from one frame to the next, of the model or of what was stored.
    let samplesPerFrame: Int
    /// There is no model to read audio with.
    var readsOnlyLogits = false
    /// The language that the row is read in, where rows name theirs.
    package var language: SpokenLanguage?
    /// Where log-probabilities were stored by the numbers of the rows; nil where audio is read.
    var logitsFolder: LogitsFolder?
    /// What finds speech, in a job whose windows lie around it.
    var speechNetwork: SpeechNetwork?
    /// What records say of the errors to expect, in a job that has a calibration.
    private(set) var calibration: LaneCalibration?
    private(set) var knownAudio = KnownAudio.nothing
    /// Where log-probabilities are written, if they are.
    let logitsStore: LogitsStore?

    /// - Parameters:
    ///   - artefacts: what the decoder may use besides the model's output.
    ///   - samplesPerFrame: of log-probabilities that were stored; nil for the clock's.
    /// - Throws: if the options ask for a decoder that is not known here, or that cannot use them.
    package init(
        vocabulary: Vocabulary, options: RecognitionOptions,
        artefacts: DecoderArtefacts = DecoderArtefacts(), clock: FrameClock = .wav2vec2,
        samplesPerFrame: Int? = nil
    ) throws(DecoderError) {
        self.init(
            vocabulary: vocabulary, options: options,
            decoders: try DecoderList.configure(options.decoder)(vocabulary, artefacts),
            clock: clock, samplesPerFrame: samplesPerFrame)
    }

    /// - Parameter bytesMax: a record that would be longer has no times of characters, or none at all.
    package init(
        vocabulary: Vocabulary, options: RecognitionOptions, decoders: any CTCDecoderFactory,
        clock: FrameClock = .wav2vec2, samplesPerFrame: Int? = nil,
        bytesMax: Int = RecordLimits.rowBytesMax
    ) {
        self.vocabulary = vocabulary
        self.options = options
        self.decoders = decoders
        self.bytesMax = bytesMax
        shape = RecordShape(options)
        self.clock = clock
        self.samplesPerFrame = samplesPerFrame ?? clock.samplesPerFrame
        times = TranscriptTimes(vocabulary: vocabulary, samplesPerFrame: self.samplesPerFrame)
        logitsStore = LogitsStore(options, classes: vocabulary.symbols.count)
    }

    /// Takes a calibration, and what it needs of audio that is not read.
    ///
    /// - Throws: if that file cannot be opened.
    mutating func calibrate(
        _ calibration: LaneCalibration?, _ paths: AudioPathPolicy
    ) throws(StoredAudioFeatures.Fault) {
        self.calibration = calibration
        guard calibration != nil else { return }
        let path = options.audioFeaturesSource.map { paths.localPath(of: PathBytes($0)).text }
        knownAudio = try KnownAudio(features: path, samplesPerFrame: samplesPerFrame)
    }

    /// Whether features of rows are computed, to be kept or for what records say.
    var measuresRows: Bool { options.hasFeatures || calibration != nil }

    /// What cuts a lane into windows.
    ///
    /// - Parameters:
    ///   - speech: where the row says that somebody speaks; nil where it does not.
    ///   - channel: of the lane; nil for a mix.
    /// - Precondition: a job whose windows lie around speech has what finds it.
    func cutter(of speech: RowSpeech?, channel: Int?) -> LaneCutter {
        guard options.chunking == .speech else {
            return .grid(ChunkGrid(options.chunking, clock: clock))
        }
        if let speech {
            let stretches = speech.samples(channel: channel, rate: FrameClock.sampleRate)
            return .speech(SpeechCutter(given: stretches, clock: clock))
        }
        guard let speechNetwork else { preconditionFailure("speech is found by a network") }
        return .speech(SpeechCutter(speechNetwork, clock: clock))
    }

    /// The channel of a recording that a lane is; nil for a mix of several.
    func channel(ofLane lane: Int, of row: ManifestRow) -> Int? {
        switch options.channels {
        case .mix: nil
        case .first: 0
        case .each: lane
        case .index(let index): index
        case .row: row.channel
        }
    }

    /// What reads a lane: the job's decoder, or what puts the row's text onto its frames.
    ///
    /// - Parameter hotwords: of the row, besides the job's.
    func makeDecoder(for text: RowText?, hotwords: [Hotword] = []) -> any CTCDecoder {
        guard let text, let alignment = options.alignment else {
            return decoders.makeDecoder(hotwords: hotwords)
        }
        return TextAligner(
            text.text, vocabulary: vocabulary, matching: alignment.matching,
            isOfFile: text.isOfFile)
    }

    /// The terminal record of a transcribed row.
    ///
    /// - Parameters:
    ///   - transcripts: one for each lane.
    ///   - speech: where the row says that somebody speaks, and who.
    ///   - measured: one for each lane; empty where rows are not measured.
    package func record(
        of row: ManifestRow, _ transcripts: [Transcript], _ ending: RowAssembly.Ending,
        _ speech: RowSpeech? = nil, _ measured: [LaneFeatures] = []
    ) -> [UInt8] {
        let labels = transcripts.indices.map { lane in
            speech.map { SpeakerLabels($0, channel: channel(ofLane: lane, of: row)) }
        }
        var content = RecordContent(
            lanes: transcripts.map { LaneContent(text: $0.text) }, shape: shape,
            decodedSeconds: ending.decodedSeconds, audioWarning: ending.audioWarning)
        content.language = language?.name
        content.alignment = transcripts.first?.alignment.map { alignment in
            AlignmentContent(alignment, milliseconds: times.milliseconds)
        }
        for (lane, coverage) in ending.coverage.enumerated() where shape.hasCoverage {
            content.lanes[lane].segments = times.segments(
                of: transcripts[lane], coverage.windows, labels[lane])
            content.lanes[lane].coverage = CoverageContent(
                speech: coverage.samples.speech, silence: coverage.samples.silence,
                skipped: coverage.samples.skipped, seconds: ending.decodedSeconds)
        }
        if shape.hasTurns { content.turns = times.turns(of: transcripts, labels) }
        if shape.hasReadings { addReadings(of: transcripts, to: &content) }
        if options.timestamps != .none {
            for (lane, transcript) in transcripts.enumerated() {
                content.lanes[lane].confidence = transcript.confidence.map(
                    TranscriptTimes.tenThousandths)
            }
        }
        let calibrated = calibrate(&content, transcripts, measured)
        if options.timestamps != .none {
            add(.word, of: transcripts, labels, calibrated, to: &content, \.words)
            // Characters take more than the words that they are of.
            if options.timestamps == .char, content.omitted == nil {
                add(.char, of: transcripts, labels, to: &content, \.characters)
            }
        }
        var record = RecordWriter.transcribed(row, content)
        if record.count > bytesMax, content.omittedReadings == nil, shape.hasReadings {
            omitReadings(of: transcripts, in: &content)
            record = RecordWriter.transcribed(row, content)
        }
        for omission in RecordOmission.allCases
        where record.count > bytesMax && mayOmit(omission, of: content) {
            omit(omission, in: &content)
            record = RecordWriter.transcribed(row, content)
        }
        return record
    }

    /// Says of every lane what errors are to be expected.
    ///
    /// - Returns: of each lane the probabilities of its words to be right; empty without a calibration.
    private func calibrate(
        _ content: inout RecordContent, _ transcripts: [Transcript], _ measured: [LaneFeatures]
    ) -> [[Int]] {
        guard let calibration else { return [] }
        return transcripts.indices.map { lane in
            let expectation = calibration.expectation(
                text: transcripts[lane].text, confidence: content.lanes[lane].confidence,
                words: options.timestamps == .none ? [] : words(of: transcripts[lane]),
                features: measured[lane])
            content.lanes[lane].expectedErrorRate = expectation.errorRate
            content.lanes[lane].calibratedConfidence = expectation.words.min()
            return expectation.words
        }
    }

    /// Words as a calibration takes them.
    private func words(of transcript: Transcript) -> [LaneCalibration.Word] {
        transcript.words.map { word in
            LaneCalibration.Word(
                text: String(transcript.text(of: word)),
                milliseconds: times.milliseconds(of: transcript.frames(of: word)),
                confidence: TranscriptTimes.tenThousandths(transcript.confidence(of: word)))
        }
    }

    /// Adds the readings of every lane, or of none where they alone would be too long.
    private func addReadings(of transcripts: [Transcript], to content: inout RecordContent) {
        var bytesLeft = bytesMax
        for (lane, transcript) in transcripts.enumerated() {
            var items = ReadingItems()
            for reading in [transcript] + transcript.alternatives {
                items.append(Self.reading(reading))
                guard items.json.count <= bytesLeft else {
                    return omitReadings(of: transcripts, in: &content)
                }
            }
            items.end()
            bytesLeft -= items.json.count
            content.lanes[lane].readings = items
        }
    }

    private func omitReadings(of transcripts: [Transcript], in content: inout RecordContent) {
        content.omittedReadings = transcripts.reduce(0) { $0 + 1 + $1.alternatives.count }
        for lane in content.lanes.indices { content.lanes[lane].readings = nil }
    }

    private static func reading(_ transcript: Transcript) -> ReadingItems.Reading {
        func tenThousandths(_ value: Double) -> Int {
            Int((max(-1e12, min(value, 1e12)) * 10_000).rounded())
        }
        return ReadingItems.Reading(
            text: transcript.text, score: tenThousandths(transcript.score),
            acousticScore: tenThousandths(transcript.acousticScore ?? transcript.score),
            languageModelScore: tenThousandths(transcript.languageModelScore ?? 0),
            posterior: tenThousandths(max(0, min(Double(transcript.posterior ?? 1), 1))),
            words: transcript.words.map {
                .init(String(transcript.text(of: $0)), frames: transcript.frames(of: $0))
            })
    }

    /// Whether the record has what would be left out.
    private func mayOmit(_ omission: RecordOmission, of content: RecordContent) -> Bool {
        switch omission {
        case .char: options.timestamps == .char && content.omitted == nil
        case .word: options.timestamps != .none && content.omitted != .word
        case .alignment: content.alignment != nil
        }
    }

    /// About what a row with times keeps until its record is written: symbols and words, their times as
    /// JSON, and the record.
    ///
    /// Of somebody who talks without a pause: two and a half words a second, of five letters.
    func bytesOfTimes(frames: Int) -> Int {
        let readings = shape.hasReadings ? options.decoder.readings : 0
        // Texts and words of each, twice while they are written.
        let bytesOfReadings = min(10 * frames * readings, 2 * bytesMax)
        return switch options.timestamps {
        case .none: bytesOfReadings
        case .word: Self.bytesOfFrame * frames + bytesOfReadings
        case .char: Self.bytesOfFrame * frames + min(54 * frames, 2 * bytesMax) + bytesOfReadings
        }
    }

    /// A day of word times took 100 to 120 MB.
    private static let bytesOfFrame = 28

    /// The features of each lane of a transcribed row; empty where rows are not measured.
    ///
    /// - Parameters: one for each lane.
    func features(
        of transcripts: [Transcript], _ posteriors: [PosteriorFeatures], _ audio: [LaneAudio]
    ) -> [LaneFeatures] {
        guard measuresRows else { return [] }
        precondition(posteriors.count == transcripts.count, "each lane has its frames")
        return transcripts.indices.map {
            LaneFeatures(
                transcript: transcripts[$0], posterior: posteriors[$0],
                // Log-probabilities that were stored have no audio.
                audio: audio.indices.contains($0) ? audio[$0] : LaneAudio())
        }
    }

    /// Features as they are kept; empty where the job keeps none.
    func json(of features: [LaneFeatures]) -> [UInt8] {
        guard options.hasFeatures else { return [] }
        return LaneFeatures.json(of: features, isEachChannel: options.channels == .each)
    }

    /// Adds the items of every lane, or of none where they alone would be too long.
    private func add(
        _ kind: TimedItems.Kind, of transcripts: [Transcript], _ labels: [SpeakerLabels?],
        _ calibrated: [[Int]] = [], to content: inout RecordContent,
        _ items: WritableKeyPath<LaneContent, TimedItems?>
    ) {
        var bytesLeft = bytesMax
        for (lane, transcript) in transcripts.enumerated() {
            let found = times.items(
                kind, of: transcript, labels[lane],
                calibrated: calibrated.isEmpty ? [] : calibrated[lane], bytesMax: bytesLeft)
            guard let found else {
                return omit(kind == .word ? .word : .char, in: &content)
            }
            bytesLeft -= found.json.count
            content.lanes[lane][keyPath: items] = found
        }
    }

    private func omit(_ omission: RecordOmission, in content: inout RecordContent) {
        content.omitted = omission
        for lane in content.lanes.indices {
            content.lanes[lane].characters = nil
            if omission != .char { content.lanes[lane].words = nil }
        }
        if omission == .alignment { content.alignment = nil }
    }
}
