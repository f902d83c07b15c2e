/// What a decoder read in one lane of a recording: the text, and where in the audio it stands.
///
/// Compact, because recordings last for days: 20 bytes a symbol and 16 a word, besides the text. 24
/// hours of speech (about 1.3 million symbols and 300,000 words) take 32 MB.
package struct Transcript: Hashable, Sendable {
    /// One symbol that is not blank, and the frames that it was read from.
    package struct Symbol: Hashable, Sendable {
        /// Mean natural logarithm of the symbol's probability over its frames, 0 at most; a decoder may
        /// add what a language model says.
        package let score: Float
        /// How sure the model was, from 0 to 1; see docs/numerics.md.
        package let confidence: Float
        private let storedIndex: Int32
        private let storedStart: Int32
        private let storedCount: Int32

        /// - Precondition: numbers are not negative and fit 31 bits, which frames of 497 days do.
        package init(index: Int, frames: Range<Int>, score: Float, confidence: Float = 1) {
            storedIndex = Int32(index)
            storedStart = Int32(frames.lowerBound)
            storedCount = Int32(frames.count)
            self.score = score
            self.confidence = confidence
        }

        /// Index of the symbol's class.
        package var index: Int { Int(storedIndex) }
        /// Frames (20 ms each) of the lane, from its start.
        package var frames: Range<Int> { Int(storedStart)..<Int(storedStart) + Int(storedCount) }
    }

    /// A piece of the text between spaces, and the symbols that it was made of.
    package struct Word: Hashable, Sendable {
        private let storedTextStart: Int32
        private let storedTextCount: Int32
        private let storedFirstSymbol: Int32
        private let storedSymbolCount: Int32

        /// - Parameter utf8: bytes of ``Transcript/text``.
        /// - Parameter symbols: positions in ``Transcript/symbols``; there is one at least.
        package init(utf8: Range<Int>, symbols: Range<Int>) {
            precondition(!symbols.isEmpty, "a word is made of symbols")
            storedTextStart = Int32(utf8.lowerBound)
            storedTextCount = Int32(utf8.count)
            storedFirstSymbol = Int32(symbols.lowerBound)
            storedSymbolCount = Int32(symbols.count)
        }

        package var utf8: Range<Int> {
            Int(storedTextStart)..<Int(storedTextStart) + Int(storedTextCount)
        }

        package var symbols: Range<Int> {
            Int(storedFirstSymbol)..<Int(storedFirstSymbol) + Int(storedSymbolCount)
        }
    }

    /// As it stands in the record: words joined by single spaces.
    package var text: String
    /// In the order of their frames; special symbols and word delimiters are among them.
    package var symbols: [Symbol]
    /// The words of ``text``, in order.
    package var words: [Word]
    /// Natural logarithm of this reading's probability as its decoder estimates it: comparable among
    /// the readings of one lane.
    package var score: Double
    /// What the model of sound alone has in ``score``; nil where the decoder has nothing else.
    package var acousticScore: Double?
    /// The share of this reading in the probability of all that the decoder was left with; nil where it
    /// knows of no others.
    package var posterior: Float?
    /// Other readings of the lane, the most probable first; these have no alternatives of their own.
    package var alternatives: [Transcript]
    /// How a known text and the lane go together; nil where none was aligned.
    package var alignment: TextAlignment?

    package init(
        text: String, symbols: [Symbol] = [], words: [Word] = [], score: Double = 0,
        alternatives: [Transcript] = []
    ) {
        self.text = text
        self.symbols = symbols
        self.words = words
        self.score = score
        self.alternatives = alternatives
    }

    /// What a language model, bonuses of words and hotwords have in ``score``; nil where there are none.
    package var languageModelScore: Double? { acousticScore.map { score - $0 } }

    /// The text of one of ``words``.
    package func text(of word: Word) -> Substring {
        let utf8 = text.utf8
        let start = utf8.index(utf8.startIndex, offsetBy: word.utf8.lowerBound)
        return text[start..<utf8.index(start, offsetBy: word.utf8.count)]
    }

    /// From the first frame of a word's first symbol to the end of its last one.
    package func frames(of word: Word) -> Range<Int> {
        let own = symbols[word.symbols]
        let first = own[own.startIndex].frames.lowerBound
        return first..<max(first, own[own.endIndex - 1].frames.upperBound)
    }

    /// The least confidence of a word's symbols.
    package func confidence(of word: Word) -> Float {
        symbols[word.symbols].reduce(1) { min($0, $1.confidence) }
    }

    /// The least confidence of all words; nil where there is none.
    package var confidence: Float? { words.lazy.map(confidence(of:)).min() }

    /// The mean of the scores of a word's symbols, each counted as often as it has frames.
    package func score(of word: Word) -> Float {
        var (sum, frames) = (0.0, 0)
        for symbol in symbols[word.symbols] {
            sum += Double(symbol.score) * Double(symbol.frames.count)
            frames += symbol.frames.count
        }
        return frames == 0 ? 0 : Float(sum / Double(frames))
    }
}
