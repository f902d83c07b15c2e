/// A word and when it was said.
package struct TimedWord: Hashable, Sendable {
    package var text: String
    /// From the beginning of the row's span.
    package var start: MediaTime
    package var end: MediaTime
    /// In ten thousandths, from 0 to 10,000; nil where the record has none.
    package var confidence: Int?
    /// The model's frames from the beginning of the row's span; nil where the record has none.
    package var startFrame: Int?
    package var endFrame: Int?

    package init(
        text: String, start: MediaTime, end: MediaTime, confidence: Int? = nil,
        startFrame: Int? = nil, endFrame: Int? = nil
    ) {
        self.text = text
        self.start = start
        self.end = end
        self.confidence = confidence
        self.startFrame = startFrame
        self.endFrame = endFrame
    }
}

/// The words of one segment, packed.
///
/// Word times are nine tenths of an output, and ten words a row make two million strings a second at the
/// rate that exports have to reach. So all texts lie in one run of bytes and all numbers in one array;
/// a ``TimedWord`` is made where somebody asks for one.
package struct TimedWords: Hashable, Sendable {
    /// The numbers of a word; nil is -1.
    struct Entry: Hashable, Sendable {
        /// Where the word's text ends in ``texts``; it begins where the one before ends.
        var textEnd: Int32
        var confidence: Int32
        var start: MediaTime
        var end: MediaTime
        var startFrame: Int
        var endFrame: Int
    }

    private(set) var entries: [Entry]
    private(set) var texts: [UInt8]

    init(entries: [Entry], texts: [UInt8]) {
        self.entries = entries
        self.texts = texts
    }

    package init(_ words: some Sequence<TimedWord>) {
        (entries, texts) = ([], [])
        for word in words {
            var text = word.text
            text.withUTF8 { text in
                append(
                    UnsafeRawBufferPointer(text), start: word.start, end: word.end,
                    confidence: word.confidence ?? -1, startFrame: word.startFrame ?? -1,
                    endFrame: word.endFrame ?? -1)
            }
        }
    }

    mutating func reserveCapacity(_ words: Int, textBytes: Int) {
        entries.reserveCapacity(words)
        texts.reserveCapacity(textBytes)
    }

    /// Appends a word; -1 for what there is none of.
    ///
    /// - Parameter text: UTF-8.
    mutating func append(
        _ text: UnsafeRawBufferPointer, start: MediaTime, end: MediaTime, confidence: Int,
        startFrame: Int, endFrame: Int
    ) {
        texts.append(contentsOf: text)
        entries.append(
            Entry(
                textEnd: Int32(texts.count), confidence: Int32(confidence), start: start, end: end,
                startFrame: startFrame, endFrame: endFrame))
    }

    /// Calls `body` with the numbers and the text of each word.
    func forEach(_ body: (Entry, UnsafeRawBufferPointer) -> Void) {
        texts.withUnsafeBytes { texts in
            var start = 0
            for entry in entries {
                let end = Int(entry.textEnd)
                body(entry, UnsafeRawBufferPointer(rebasing: texts[start..<end]))
                start = end
            }
        }
    }

    /// Bytes of all texts.
    package var textByteCount: Int { texts.count }

    package func start(of index: Int) -> MediaTime { entries[index].start }
}

extension TimedWords: RandomAccessCollection, ExpressibleByArrayLiteral {
    package init(arrayLiteral words: TimedWord...) { self.init(words) }

    package var startIndex: Int { 0 }
    package var endIndex: Int { entries.count }

    package subscript(index: Int) -> TimedWord {
        let entry = entries[index]
        let start = index == 0 ? 0 : Int(entries[index - 1].textEnd)
        return TimedWord(
            text: String(decoding: texts[start..<Int(entry.textEnd)], as: UTF8.self),
            start: entry.start, end: entry.end,
            confidence: entry.confidence < 0 ? nil : Int(entry.confidence),
            startFrame: entry.startFrame < 0 ? nil : entry.startFrame,
            endFrame: entry.endFrame < 0 ? nil : entry.endFrame)
    }
}
