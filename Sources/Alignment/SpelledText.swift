package import SpeechTypes

/// A text as words of a model's classes, each with its place in the text.
package struct SpelledText: Hashable, Sendable {
    /// A word as it is aligned.
    package struct Word: Hashable, Sendable {
        /// Classes of the model; there is one at least.
        package var letters: [Int]
        /// Bytes of the text: the word as it is written, with the punctuation around it.
        package var source: Range<Int>
        /// The last word of a line, or of a sentence where there is one line only.
        package var endsUnit: Bool
    }

    package let text: String
    package private(set) var words: [Word] = []
    /// Lines that are not blank.
    package private(set) var lineCount = 0

    /// What a text may be long, in bytes: a day of speech and much more.
    package static let utf8Max = 2 << 20

    /// Spells `text`.
    ///
    /// Where the vocabulary has no delimiter of words, each letter is a word.
    ///
    /// - Throws: if a character is no symbol of the model; it names the characters.
    package init(
        _ text: String, vocabulary: Vocabulary, normalization: TextNormalization = .basic
    ) throws(SpellingError) {
        self.text = text
        let speller = Speller(vocabulary, normalization)
        var unspellable = UnspellableCharacters()
        var isSentenceEnd: [Bool] = []
        var token: [Unicode.Scalar] = []
        var tokenStart = 0
        var place = UnspellableCharacters.Place(line: 1, column: 1)
        var wordsBeforeLine = 0

        func endToken(at end: Int) {
            guard !token.isEmpty else { return }
            let first = UnspellableCharacters.Place(
                line: place.line, column: place.column - token.count)
            let pieces = speller.words(of: token, at: first, &unspellable)
            for (index, piece) in pieces.enumerated() {
                let isLast = index + 1 == pieces.count
                let from = index == 0 ? tokenStart : tokenStart + piece.start
                let to = isLast ? end : tokenStart + pieces[index + 1].start
                words.append(Word(letters: piece.letters, source: from..<to, endsUnit: false))
                isSentenceEnd.append(isLast && Self.endsSentence(token))
            }
            token = []
        }
        func endLine() {
            if words.count > wordsBeforeLine {
                lineCount += 1
                words[words.count - 1].endsUnit = true
            }
            wordsBeforeLine = words.count
        }

        var offset = 0
        for scalar in text.unicodeScalars {
            let isSpace = scalar.properties.isWhitespace
            if isSpace {
                endToken(at: offset)
            } else {
                if token.isEmpty { tokenStart = offset }
                token.append(scalar)
            }
            offset += UTF8.width(scalar)
            place.column += 1
            if scalar == "\n" {
                endLine()
                place = .init(line: place.line + 1, column: 1)
            }
        }
        endToken(at: offset)
        endLine()
        if let error = unspellable.error(normalization) { throw error }
        if lineCount == 1 {
            for index in words.indices where isSentenceEnd[index] { words[index].endsUnit = true }
        }
    }

    /// The text between the first byte of one word and the last of another.
    package func source(_ range: Range<Int>) -> String {
        let utf8 = text.utf8
        let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
        let end = utf8.index(start, offsetBy: range.count)
        return String(text[start..<end])
    }

    /// Whether a token ends a sentence, closing quotes and brackets aside.
    private static func endsSentence(_ token: [Unicode.Scalar]) -> Bool {
        for scalar in token.reversed() {
            if scalar.endsSentence { return true }
            guard scalar.isSilent else { return false }
        }
        return false
    }
}

/// Why a text cannot be spelled with a model's symbols.
package struct SpellingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Names the characters, and says where they are and what helps.
    package let description: String
}

/// Characters that are no symbols, each with its first place.
struct UnspellableCharacters {
    struct Place {
        var line: Int
        /// Counted in characters from 1.
        var column: Int
    }

    private var found: [(scalar: Unicode.Scalar, place: Place)] = []
    private var count = 0
    private static let shownMax = 6

    mutating func add(_ scalar: Unicode.Scalar, _ place: Place) {
        count += 1
        if found.count < Self.shownMax, !found.contains(where: { $0.scalar == scalar }) {
            found.append((scalar, place))
        }
    }

    func error(_ normalization: TextNormalization) -> SpellingError? {
        guard count > 0 else { return nil }
        let names = found.map {
            "\($0.scalar.shown) at line \($0.place.line), column \($0.place.column)"
        }
        let isNumber = found.contains { $0.scalar.properties.numericType != nil }
        var remedy = isNumber ? "write numbers as words" : "write them with the model's letters"
        if normalization == .none {
            remedy += ", or try --text-normalizer basic"
        } else if normalization == .basic, found.contains(where: { $0.scalar.latinBase != nil }) {
            remedy += ", or try --text-normalizer latin"
        }
        return SpellingError(
            description: "the model has no symbol for \(names.joined(separator: "; ")) "
                + "(\(count) in all); \(remedy)")
    }
}
