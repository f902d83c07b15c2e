/// What is never parted: a word, or in scripts without spaces a character with its marks.
struct CuePiece {
    var text: String
    var startMilliseconds: Int
    var endMilliseconds: Int
    /// Whether a space stands between the previous piece and this one on a line.
    var hasSpaceBefore: Bool
    var columns: Int
    var endsSentence: Bool
    var endsClause: Bool

    /// The pieces of an utterance, in order of time.
    ///
    /// Characters of a word without times of their own are spread over the word by their columns, as words
    /// without times are over the span.
    static func pieces(of utterance: Utterance) -> [CuePiece] {
        var words: [(Utterance.Word, hasSpace: Bool)] = []
        if let timed = utterance.words {
            let spaces = spaces(before: timed.map(\.text), in: utterance.text)
            words = Array(zip(timed, spaces))
        } else {
            let parts = utterance.text.split { $0.isWhitespace }.map(String.init)
            let ends = shares(
                parts.map { CharacterColumns.count($0) + 1 }, from: utterance.startMilliseconds,
                to: utterance.endMilliseconds)
            var start = utterance.startMilliseconds
            for (part, end) in zip(parts, ends) {
                words.append(
                    (.init(text: part, startMilliseconds: start, endMilliseconds: end), true))
                start = end
            }
        }
        var pieces: [CuePiece] = []
        var characters = CharacterTimes(utterance.characters)
        for (word, hasSpace) in words { append(word, hasSpace, &characters, to: &pieces) }
        return pieces
    }

    private static func append(
        _ word: Utterance.Word, _ hasSpace: Bool, _ characters: inout CharacterTimes,
        to pieces: inout [CuePiece]
    ) {
        let parts = parts(of: word.text)
        let times = characters.times(of: word, in: parts) ?? spread(parts, over: word)
        for (index, part) in parts.enumerated() {
            pieces.append(
                CuePiece(
                    text: part, startMilliseconds: times[index].start,
                    endMilliseconds: times[index].end,
                    hasSpaceBefore: index == 0 && hasSpace && !pieces.isEmpty,
                    columns: CharacterColumns.count(part),
                    endsSentence: CharacterColumns.endsSentence(part),
                    endsClause: CharacterColumns.endsClause(part)))
        }
    }

    private static func spread(
        _ parts: [String], over word: Utterance.Word
    ) -> [CharacterTimes.Span] {
        let ends = shares(
            parts.map { max(1, CharacterColumns.count($0)) }, from: word.startMilliseconds,
            to: word.endMilliseconds)
        return zip([word.startMilliseconds] + ends, ends).map { ($0, $1) }
    }

    /// A word as it may be parted: whole, but for characters of scripts without spaces.
    static func parts(of word: String) -> [String] {
        guard word.contains(where: CharacterColumns.needsNoSpaces) else { return [word] }
        var parts: [String] = []
        var previous: Character?
        for character in word {
            let mayPart =
                previous.map { previous in
                    (CharacterColumns.needsNoSpaces(previous)
                        || CharacterColumns.needsNoSpaces(character))
                        && !CharacterColumns.beginsNoLine(character)
                        && !CharacterColumns.endsNoLine(previous)
                } ?? true
            if mayPart { parts.append("") }
            parts[parts.count - 1].append(character)
            previous = character
        }
        return parts
    }

    /// Where each of the weighted parts of a span ends.
    private static func shares(_ weights: [Int], from start: Int, to end: Int) -> [Int] {
        let total = max(1, weights.reduce(0, +))
        var sum = 0
        return weights.map { weight in
            sum += weight
            return start + (end - start) * sum / total
        }
    }

    /// Whether `text` has white space before each of the words; yes where it says something else.
    private static func spaces(before words: [String], in text: String) -> [Bool] {
        var rest = text[...].utf8
        var isLost = false
        return words.map { word in
            if isLost { return true }
            let skipped = rest.prefix { $0 <= 0x20 }.count
            rest = rest.dropFirst(skipped)
            guard rest.starts(with: word.utf8) else {
                isLost = true
                return true
            }
            rest = rest.dropFirst(word.utf8.count)
            return skipped > 0
        }
    }
}
