package import CTCDecoding
package import SpeechTypes

extension TextMatching {
    /// - Parameter isOfFile: the text stands in a file of its own.
    func isLoose(_ text: SpelledText, isOfFile: Bool) -> Bool {
        switch self {
        case .auto: isOfFile || text.lineCount > 1
        case .exact: false
        case .loose: true
        }
    }
}

/// Puts a known text onto the log-probabilities of one lane; in place of a decoder.
package struct TextAligner: CTCDecoder {
    private let text: SpelledText
    private let vocabulary: Vocabulary
    private let isLoose: Bool
    private var emissions: Emissions

    /// - Parameter isOfFile: the text stands in a file of its own.
    package init(
        _ text: SpelledText, vocabulary: Vocabulary, matching: TextMatching, isOfFile: Bool
    ) {
        self.text = text
        self.vocabulary = vocabulary
        isLoose = matching.isLoose(text, isOfFile: isOfFile)
        emissions = Emissions(classes: Self.classes(of: text, vocabulary))
    }

    /// Bytes that are kept of each frame of a recording with this text.
    package static func bytesOfFrame(_ text: SpelledText, _ vocabulary: Vocabulary) -> Int {
        Emissions.bytesOfFrame(columns: classes(of: text, vocabulary).count)
    }

    /// The blank, the delimiter, and the letters of the text.
    private static func classes(of text: SpelledText, _ vocabulary: Vocabulary) -> [Int] {
        var classes = Set(text.words.lazy.flatMap(\.letters))
        classes.insert(vocabulary.blank)
        if let delimiter = vocabulary.wordDelimiter { classes.insert(delimiter) }
        return classes.sorted()
    }

    package mutating func append(_ frames: LogProbabilities) { emissions.append(frames) }

    package mutating func finish() throws(DecoderError) -> Transcript {
        let columns = emissions.columnOfClass
        guard let blank = columns[vocabulary.blank] else {
            preconditionFailure("the blank is one of the classes")
        }
        let words = text.words.map { word in word.letters.compactMap { columns[$0] } }
        let delimiter = vocabulary.wordDelimiter.flatMap { columns[$0] }
        let alignment: LooseAlignment
        if isLoose {
            alignment = LooseAlignment.align(
                words, blank: blank, delimiter: delimiter, in: emissions)
        } else {
            alignment = try exact(words, blank, delimiter)
        }
        return AlignmentReport(
            text, vocabulary: vocabulary, emissions, alignment, blank: blank, delimiter: delimiter
        ).transcript()
    }

    /// All letters on all frames, delimiters between the words among them.
    private func exact(
        _ words: [[Int]], _ blank: Int, _ delimiter: Int?
    ) throws(DecoderError) -> LooseAlignment {
        var letters: [Int] = []
        var kinds: [LooseAlignment.Frame] = []
        for (word, columns) in words.enumerated() {
            if word > 0, let delimiter {
                letters.append(delimiter)
                kinds.append(.delimiter)
            }
            letters += columns
            kinds += columns.indices.map { .letter(word: word, position: $0) }
        }
        do throws(AlignmentError) {
            let forced = try ForcedAlignment.align(letters, blank: blank, in: emissions)
            return LooseAlignment(path: forced.path.map { $0 < 0 ? .blank : kinds[Int($0)] })
        } catch {
            switch error {
            case .textTooLong: throw DecoderError("\(error)", code: .textTooLong)
            case .tooMuchWork: throw DecoderError("\(error)", code: .textTooLarge)
            case .notALetter: throw DecoderError("\(error)")
            }
        }
    }
}
