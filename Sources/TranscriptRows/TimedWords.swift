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
    /// Who says it; nil where the record names nobody.
    package var speaker: String?

    package init(
        text: String, start: MediaTime, end: MediaTime, confidence: Int? = nil,
        startFrame: Int? = nil, endFrame: Int? = nil, speaker: String? = nil
    ) {
        self.speaker = speaker
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
        var confidence: Int16
        /// Among ``TimedWords/speakers``.
        var speaker: Int16
        var start: MediaTime
        var end: MediaTime
        var startFrame: Int
        var endFrame: Int
    }

    private(set) var entries: [Entry]
    private(set) var texts: [UInt8]
    /// Who says the words, in the order in which they first do.
    private(set) var speakers: [String]

    init(entries: [Entry], texts: [UInt8], speakers: [String] = []) {
        self.entries = entries
        self.texts = texts
        self.speakers = speakers
    }

    package init(_ words: some Sequence<TimedWord>) {
        (entries, texts, speakers) = ([], [], [])
        for word in words {
            var text = word.text
            text.withUTF8 { text in
                append(
                    UnsafeRawBufferPointer(text), start: word.start, end: word.end,
                    confidence: word.confidence ?? -1, startFrame: word.startFrame ?? -1,
                    endFrame: word.endFrame ?? -1, speaker: word.speaker)
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
        startFrame: Int, endFrame: Int, speaker: String? = nil
    ) {
        texts.append(contentsOf: text)
        entries.append(
            Entry(
                textEnd: Int32(texts.count), confidence: Int16(confidence),
                speaker: speaker.map { place(of: $0) } ?? -1, start: start, end: end,
                startFrame: startFrame, endFrame: endFrame))
    }

    /// Where a speaker stands in ``speakers``; -1 for one more than can be told apart.
    private mutating func place(of speaker: String) -> Int16 {
        // Whoever spoke last mostly speaks on.
        if let last = entries.last?.speaker, last >= 0, speakers[Int(last)] == speaker {
            return last
        }
        if let place = speakers.firstIndex(of: speaker) { return Int16(place) }
        guard speakers.count < Int16.max else { return -1 }
        speakers.append(speaker)
        return Int16(speakers.count - 1)
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
    package func end(of index: Int) -> MediaTime { entries[index].end }

    /// Who says a word; nil where the record names nobody.
    package func speaker(of index: Int) -> String? {
        entries[index].speaker < 0 ? nil : speakers[Int(entries[index].speaker)]
    }

    /// Whether anybody is named.
    package var hasSpeakers: Bool { !speakers.isEmpty }

    /// The model's frame with which a word begins; nil where the record has none.
    package func startFrame(of index: Int) -> Int? {
        entries[index].startFrame < 0 ? nil : entries[index].startFrame
    }

    /// Some of the words, with times from another beginning.
    ///
    /// - Parameters:
    ///   - start: where that is.
    ///   - frame: the model's frame there; nil where it is not known, so that none is told.
    package func slice(
        _ range: Range<Int>, from start: MediaTime, frame: Int?
    ) -> TimedWords {
        var slice = TimedWords([])
        guard !range.isEmpty else { return slice }
        func moved(_ own: Int) -> Int { own < 0 ? -1 : frame.map { Swift.max(0, own - $0) } ?? -1 }
        let first = range.lowerBound == 0 ? 0 : Int(entries[range.lowerBound - 1].textEnd)
        slice.reserveCapacity(
            range.count, textBytes: Int(entries[range.upperBound - 1].textEnd) - first)
        texts.withUnsafeBytes { texts in
            var begin = first
            for entry in entries[range] {
                let end = Int(entry.textEnd)
                slice.append(
                    UnsafeRawBufferPointer(rebasing: texts[begin..<end]),
                    start: Swift.max(.zero, entry.start - start),
                    end: Swift.max(.zero, entry.end - start),
                    confidence: Int(entry.confidence), startFrame: moved(entry.startFrame),
                    endFrame: moved(entry.endFrame),
                    speaker: entry.speaker < 0 ? nil : speakers[Int(entry.speaker)])
                begin = end
            }
        }
        return slice
    }
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
            endFrame: entry.endFrame < 0 ? nil : entry.endFrame, speaker: speaker(of: index))
    }
}
