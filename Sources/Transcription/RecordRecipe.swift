internal import Alignment
package import CTCDecoding
package import Manifests
internal import RowFeatures
package import SpeechTypes

/// What shapes the records of a job, besides the rows.
package struct RecordRecipe: Sendable {
    let vocabulary: Vocabulary
    let options: RecognitionOptions
    let decoders: any CTCDecoderFactory
    private let shape: RecordShape
    private let times: TranscriptTimes
    /// Of a record with times.
    private let bytesMax: Int
    /// Samples at 16 kHz from one frame to the next.
    let samplesPerFrame: Int
    /// There is no model to read audio with.
    var readsOnlyLogits = false
    /// Where log-probabilities were stored by the numbers of the rows; nil where audio is read.
    var logitsFolder: LogitsFolder?
    /// Where log-probabilities are written, if they are.
    let logitsStore: LogitsStore?

    /// - Parameter artefacts: what the decoder may use besides the model's output.
    /// - Throws: if the options ask for a decoder that is not known here, or that cannot use them.
    package init(
        vocabulary: Vocabulary, options: RecognitionOptions,
        artefacts: DecoderArtefacts = DecoderArtefacts(),
        samplesPerFrame: Int = FrameGrid.samplesPerFrame
    ) throws(DecoderError) {
        self.init(
            vocabulary: vocabulary, options: options,
            decoders: try DecoderList.configure(options.decoder)(vocabulary, artefacts),
            samplesPerFrame: samplesPerFrame)
    }

    /// - Parameter bytesMax: a record that would be longer has no times of characters, or none at all.
    package init(
        vocabulary: Vocabulary, options: RecognitionOptions, decoders: any CTCDecoderFactory,
        samplesPerFrame: Int = FrameGrid.samplesPerFrame,
        bytesMax: Int = RecordLimits.rowBytesMax
    ) {
        self.vocabulary = vocabulary
        self.options = options
        self.decoders = decoders
        self.bytesMax = bytesMax
        shape = RecordShape(options)
        times = TranscriptTimes(vocabulary: vocabulary, samplesPerFrame: samplesPerFrame)
        self.samplesPerFrame = samplesPerFrame
        logitsStore = LogitsStore(options, classes: vocabulary.symbols.count)
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
    /// - Parameter transcripts: one for each lane.
    package func record(
        of row: ManifestRow, _ transcripts: [Transcript], _ ending: RowAssembly.Ending
    ) -> [UInt8] {
        var content = RecordContent(
            lanes: transcripts.map { LaneContent(text: $0.text) }, shape: shape,
            decodedSeconds: ending.decodedSeconds, audioWarning: ending.audioWarning)
        content.alignment = transcripts.first?.alignment.map { alignment in
            AlignmentContent(alignment, milliseconds: times.milliseconds)
        }
        guard options.timestamps != .none else { return RecordWriter.transcribed(row, content) }
        for (lane, transcript) in transcripts.enumerated() {
            content.lanes[lane].confidence = transcript.confidence.map(
                TranscriptTimes.tenThousandths)
        }
        add(.word, of: transcripts, to: &content, \.words)
        if options.timestamps == .char { add(.char, of: transcripts, to: &content, \.characters) }
        var record = RecordWriter.transcribed(row, content)
        for kind in [TimedItems.Kind.char, .word] where record.count > bytesMax {
            omit(kind, in: &content)
            record = RecordWriter.transcribed(row, content)
        }
        return record
    }

    /// The features of a transcribed row; empty where the job has none.
    ///
    /// - Parameters: one for each lane.
    func features(
        of transcripts: [Transcript], _ posteriors: [PosteriorFeatures], _ audio: [AudioFeatures]
    ) -> [UInt8] {
        guard options.hasFeatures else { return [] }
        precondition(posteriors.count == transcripts.count, "each lane has its frames")
        let lanes = transcripts.indices.map {
            LaneFeatures(
                transcript: transcripts[$0], posterior: posteriors[$0],
                // Log-probabilities that were stored have no audio.
                audio: audio.indices.contains($0) ? audio[$0] : AudioFeatures())
        }
        return LaneFeatures.json(of: lanes, isEachChannel: options.channels == .each)
    }

    /// Adds the items of every lane, or of none where they alone would be too long.
    private func add(
        _ kind: TimedItems.Kind, of transcripts: [Transcript], to content: inout RecordContent,
        _ items: WritableKeyPath<LaneContent, TimedItems?>
    ) {
        var bytesLeft = bytesMax
        for (lane, transcript) in transcripts.enumerated() {
            guard let found = times.items(kind, of: transcript, bytesMax: bytesLeft) else {
                return omit(kind, in: &content)
            }
            bytesLeft -= found.json.count
            content.lanes[lane][keyPath: items] = found
        }
    }

    private func omit(_ kind: TimedItems.Kind, in content: inout RecordContent) {
        content.omitted = content.omitted == .word ? .word : kind
        for lane in content.lanes.indices {
            content.lanes[lane].characters = nil
            if kind == .word { content.lanes[lane].words = nil }
        }
    }
}
