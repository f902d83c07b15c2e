/// When the parts of words are said, by the times of their characters.
struct CharacterTimes {
    /// Milliseconds from the beginning of the recording.
    typealias Span = (start: Int, end: Int)

    private let characters: [Utterance.Word]
    private var next = 0

    /// - Parameter characters: in order of time.
    init(_ characters: [Utterance.Word]) { self.characters = characters }

    /// The times of the parts of a word; nil where its characters have none, or are not those of the word.
    ///
    /// - Parameters:
    ///   - word: not before an earlier one.
    ///   - parts: the word's text, in parts.
    mutating func times(of word: Utterance.Word, in parts: [String]) -> [Span]? {
        while next < characters.count,
            characters[next].startMilliseconds < word.startMilliseconds
        {
            next += 1
        }
        let first = next
        var rest = word.text.utf8[...]
        while next < characters.count, characters[next].endMilliseconds <= word.endMilliseconds,
            rest.starts(with: characters[next].text.utf8)
        {
            rest = rest.dropFirst(characters[next].text.utf8.count)
            next += 1
        }
        guard next > first, rest.isEmpty else { return nil }
        return Self.times(of: parts, in: characters[first..<next])
    }

    /// A part that begins or ends within a character, as symbols of several letters have it, takes a share of it.
    private static func times(
        of parts: [String], in characters: ArraySlice<Utterance.Word>
    ) -> [Span] {
        var index = characters.startIndex
        /// Where the character at `index` begins, and where a part does, in bytes of the word.
        var (characterStart, partStart) = (0, 0)
        func time(at place: Int) -> Int {
            let character = characters[index]
            let length = character.endMilliseconds - character.startMilliseconds
            return character.startMilliseconds
                + length * (place - characterStart) / max(1, character.text.utf8.count)
        }
        return parts.map { part in
            let partEnd = partStart + part.utf8.count
            let start = time(at: partStart)
            while case let end = characterStart + characters[index].text.utf8.count,
                end < partEnd, index + 1 < characters.endIndex
            {
                characterStart = end
                index += 1
            }
            let end = time(at: partEnd)
            // The next part begins with the next character.
            if case let end = characterStart + characters[index].text.utf8.count, end <= partEnd,
                index + 1 < characters.endIndex
            {
                characterStart = end
                index += 1
            }
            partStart = partEnd
            return (start, max(start, end))
        }
    }
}
