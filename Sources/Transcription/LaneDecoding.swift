internal import CTCDecoding
internal import LogitsFiles
internal import RowFeatures
internal import RowSpans
internal import SpeechTypes

/// One lane's transcript as it grows, window by window: a decoder, and a file of log-probabilities
/// where the job wants one.
///
/// Used by one thread at a time, outside of every lock: the decoder computes and the file waits for
/// its disk.
struct LaneDecoding {
    private var decoder: any CTCDecoder
    private let logits: LogitsFile?
    private let vocabulary: Vocabulary
    /// Of the frames so far, where rows are measured.
    private(set) var posterior: PosteriorFeatures?
    /// What stands for the frames of a span, in place of text.
    private(set) var reading: GreedyReading?

    /// - Parameters:
    ///   - name: of the file of log-probabilities.
    ///   - text: what is aligned with the lane, in a job that does so.
    ///   - hotwords: that the lane's row names.
    ///   - isSpan: the frames are those of a span.
    /// - Throws: if that file cannot be made.
    init(
        recipe: RecordRecipe, name: String, text: RowText? = nil, hotwords: [Hotword] = [],
        isSpan: Bool = false
    ) throws(LogitsError) {
        if isSpan { reading = GreedyReading(vocabulary: recipe.vocabulary) }
        vocabulary = recipe.vocabulary
        decoder = recipe.makeDecoder(for: text, hotwords: hotwords)
        if recipe.measuresRows {
            posterior = PosteriorFeatures(blank: recipe.vocabulary.blank)
        }
        logits = try recipe.logitsStore?.begin(name)
    }

    /// Reads the frames that a window owns.
    ///
    /// - Parameter goesOn: is asked before each piece, and told so that a step was made; false ends the
    ///   window early.
    /// - Throws: `DecoderError` or `LogitsError`.
    mutating func append(_ window: ComputedWindow, while goesOn: () -> Bool) throws {
        try appendSilence(window.skipped, while: goesOn)
        for piece in window.pieces {
            guard goesOn() else { return }
            guard reading == nil else {
                reading?.append(piece)
                continue
            }
            try decoder.append(piece)
            posterior?.append(piece)
            try logits?.append(piece.values)
        }
    }

    /// Reads frames that no window has.
    ///
    /// - Throws: `DecoderError` or `LogitsError`.
    mutating func appendSilence(_ frames: Int, while goesOn: () -> Bool) throws {
        for piece in silence(of: frames) {
            guard goesOn() else { return }
            guard reading == nil else {
                reading?.append(piece)
                continue
            }
            try decoder.append(piece)
            try logits?.append(piece.values)
        }
    }

    /// Frames that nothing was computed for, as decoders and files are to have them, so that times count
    /// from the lane's start: blank, after one that ends a word, where there are such.
    private func silence(of frames: Int) -> some Sequence<LogProbabilities> {
        let classes = vocabulary.symbols.count
        let step = ComputedWindow.framesOfPiece(classes: classes)
        return stride(from: 0, to: frames, by: step).lazy.map { [vocabulary] start in
            let count = min(step, frames - start)
            var values = [Float](repeating: Self.improbable, count: count * classes)
            for frame in 0..<count { values[frame * classes + vocabulary.blank] = 0 }
            if start == 0, let delimiter = vocabulary.wordDelimiter {
                values[vocabulary.blank] = Self.improbable
                values[delimiter] = 0
            }
            return LogProbabilities(frames: count, classes: classes, values: values)
        }
    }

    /// A logarithm of nearly nothing that stays a number in every sum.
    private static let improbable: Float = -60

    /// Ends the lane, and completes its file.
    ///
    /// - Throws: `DecoderError` or `LogitsError`.
    mutating func finish() throws -> Transcript {
        let transcript = try decoder.finish()
        try logits?.finish()
        return transcript
    }
}
