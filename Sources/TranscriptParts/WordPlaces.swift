internal import TranscriptRows

/// Where the words of a row stand in its text, so that parts of it keep what stands between them.
struct WordPlaces {
    private let words: TimedWords
    private let text: String
    /// Bytes of each word; nil where the text says something else.
    private let places: [Range<Int>]?

    init(_ words: TimedWords, in text: String) {
        self.words = words
        self.text = text
        let bytes = Array(text.utf8)
        var places: [Range<Int>] = []
        places.reserveCapacity(words.count)
        var position = 0
        for word in words {
            while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
            let end = position + word.text.utf8.count
            guard end <= bytes.count, bytes[position..<end].elementsEqual(word.text.utf8) else {
                self.places = nil
                return
            }
            places.append(position..<end)
            position = end
        }
        self.places = places
    }

    /// The text of some words, of which there is one at least; where the text says something else, the words
    /// with spaces between them.
    func text(of run: Range<Int>) -> String {
        guard let places else { return run.map { words[$0].text }.joined(separator: " ") }
        let bytes = text.utf8
        let start = bytes.index(bytes.startIndex, offsetBy: places[run.lowerBound].lowerBound)
        let end = bytes.index(bytes.startIndex, offsetBy: places[run.upperBound - 1].upperBound)
        return String(text[start..<end])
    }
}
