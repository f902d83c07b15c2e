package import CTCDecoding
internal import Manifests
package import SpeechTypes

/// What shapes the records of a job, besides the rows.
package struct RecordRecipe: Sendable {
    let vocabulary: Vocabulary
    let options: RecognitionOptions
    let decoders: any CTCDecoderFactory

    /// - Throws: if the options ask for a decoder that is not known here.
    package init(vocabulary: Vocabulary, options: RecognitionOptions) throws(DecoderError) {
        self.init(
            vocabulary: vocabulary, options: options,
            decoders: try DecoderList.configure(options.decoder)(vocabulary))
    }

    package init(
        vocabulary: Vocabulary, options: RecognitionOptions, decoders: any CTCDecoderFactory
    ) {
        self.vocabulary = vocabulary
        self.options = options
        self.decoders = decoders
    }

    /// The terminal record of a transcribed row.
    ///
    /// - Parameter transcripts: one for each lane.
    func record(
        of row: ManifestRow, _ transcripts: [Transcript], _ ending: RowAssembly.Ending
    ) -> [UInt8] {
        RecordWriter.transcribed(
            row,
            RecordContent(
                lanes: transcripts.map { LaneContent(text: $0.text) },
                isEachChannel: options.channels == .each, decodedSeconds: ending.decodedSeconds,
                audioWarning: ending.audioWarning))
    }
}
