internal import SpeechTypes

/// Spells the pieces of a text between white space.
struct Speller {
    /// A word of a piece.
    struct Piece {
        var letters: [Int]
        /// Bytes of the piece before the word.
        var start: Int
    }

    /// The class of each symbol, by canonical equivalence of its text.
    private let classes: [String: Int]
    /// Scalars of the longest symbol.
    private let scalarsMax: Int
    private let normalization: TextNormalization
    private let hasDelimiter: Bool
    private let apostrophe: String?

    init(_ vocabulary: Vocabulary, _ normalization: TextNormalization) {
        var classes: [String: Int] = [:]
        var longest = 1
        for (index, symbol) in vocabulary.symbols.enumerated() {
            guard index != vocabulary.blank, index != vocabulary.wordDelimiter,
                !vocabulary.specials.contains(index), !symbol.isEmpty, classes[symbol] == nil
            else { continue }
            classes[symbol] = index
            longest = max(longest, symbol.unicodeScalars.count)
        }
        self.classes = classes
        scalarsMax = min(longest, 16)
        self.normalization = normalization
        hasDelimiter = vocabulary.wordDelimiter != nil
        apostrophe = ["'", "\u{2019}", "\u{02BC}"].first { classes[$0] != nil }
    }

    func words(
        of token: [Unicode.Scalar], at place: UnspellableCharacters.Place,
        _ unspellable: inout UnspellableCharacters
    ) -> [Piece] {
        var pieces: [Piece] = []
        var current: Piece?
        var position = 0
        var bytes = 0
        func end() {
            if let piece = current { pieces.append(piece) }
            current = nil
        }
        func append(_ letters: [Int], at start: Int) {
            if letters.isEmpty { return }
            if !hasDelimiter {
                for letter in letters { pieces.append(Piece(letters: [letter], start: start)) }
            } else if current == nil {
                current = Piece(letters: letters, start: start)
            } else {
                current?.letters += letters
            }
        }
        while position < token.count {
            if let (letters, count) = symbol(token, position) {
                append(letters, at: bytes)
                bytes += width(token, position..<position + count)
                position += count
                continue
            }
            let scalar = token[position]
            if normalization == .none {
                unspellable.add(scalar, .init(line: place.line, column: place.column + position))
            } else if scalar.isApostrophe, isBetweenLetters(token, position) {
                if let apostrophe, let index = classes[apostrophe] {
                    append([index], at: bytes)
                }
            } else if scalar.isApostrophe || scalar.isSilent {
                end()
            } else {
                unspellable.add(scalar, .init(line: place.line, column: place.column + position))
            }
            bytes += UTF8.width(scalar)
            position += 1
        }
        end()
        return pieces
    }

    /// The longest symbol that begins at a place, and how many scalars it takes.
    private func symbol(
        _ token: [Unicode.Scalar], _ position: Int
    ) -> (letters: [Int], count: Int)? {
        // An apostrophe is a letter between letters only, unless nothing is to be changed.
        if normalization != .none, token[position].isApostrophe { return nil }
        for count in stride(from: min(scalarsMax + 2, token.count - position), to: 0, by: -1) {
            let text = String(String.UnicodeScalarView(token[position..<position + count]))
            if let index = classes[text] { return ([index], count) }
            guard normalization != .none else { continue }
            if let index = classes[text.uppercased()] ?? classes[text.lowercased()] {
                return ([index], count)
            }
        }
        guard normalization == .latin else { return nil }
        return plain(token, position)
    }

    /// A letter without its marks, as the letters of the vocabulary.
    private func plain(
        _ token: [Unicode.Scalar], _ position: Int
    ) -> (letters: [Int], count: Int)? {
        let scalar = token[position]
        if position > 0, scalar.properties.generalCategory == .nonspacingMark { return ([], 1) }
        guard let base = scalar.latinBase else { return nil }
        var letters: [Int] = []
        for letter in base {
            let text = String(letter)
            guard
                let index = classes[text] ?? classes[text.uppercased()]
                    ?? classes[text.lowercased()]
            else { return nil }
            letters.append(index)
        }
        return (letters, 1)
    }

    private func isBetweenLetters(_ token: [Unicode.Scalar], _ position: Int) -> Bool {
        guard position > 0, position + 1 < token.count else { return false }
        return token[position - 1].isLetterOrMark && token[position + 1].properties.isAlphabetic
    }

    private func width(_ token: [Unicode.Scalar], _ range: Range<Int>) -> Int {
        token[range].reduce(0) { $0 + UTF8.width($1) }
    }
}

extension Unicode.Scalar {
    fileprivate var isLetterOrMark: Bool {
        properties.isAlphabetic || properties.generalCategory == .nonspacingMark
    }
}
