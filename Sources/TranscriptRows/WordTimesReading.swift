/// Word times: in the form in which this program writes them at once, in any other member by member.
extension RecordScanner {
    /// What has times; the text of an item is called otherwise.
    enum TimedList {
        case words
        case characters
        case segments

        fileprivate var textKey: StaticString {
            switch self {
            case .words: "word"
            case .characters: "char"
            case .segments: "segment"
            }
        }
    }

    /// Reads the word times that begin here; nil if another value stands here, which stays unread.
    ///
    /// - Throws: as for the lists that records have.
    package mutating func wordTimes() throws(Fault) -> TimedWords? { try words(.words) }

    /// Reads the list of words that begins here; nil if another value stands here, which stays unread.
    ///
    /// - Throws: if a word has no start and end in order, or what is no JSON.
    mutating func words(_ list: TimedList = .words) throws(Fault) -> TimedWords? {
        guard next == UInt8(ascii: "[") else { return nil }
        if let words = writtenWords(list) { return words }
        var words = TimedWords([])
        try array { element throws(Fault) in try element.word(of: list, into: &words) }
        return words
    }

    private mutating func word(
        of list: TimedList, into words: inout TimedWords
    ) throws(Fault) {
        var text = ""
        var start: MediaTime?
        var end: MediaTime?
        var speaker: String?
        var (confidence, startFrame, endFrame) = (-1, -1, -1)
        try object { key, value throws(Fault) in
            switch key.count {
            case 3: if key.equals("end"), let time = try value.time() { end = time }
            case 4: if key.equals(list.textKey) { text = try value.string() ?? "" }
            case 7:
                if key.equals("speaker") {
                    speaker = try value.string()
                } else if key.equals(list.textKey) {
                    text = try value.string() ?? ""
                }
            case 5: if key.equals("start"), let time = try value.time() { start = time }
            case 10:
                if key.equals("confidence") { confidence = try value.confidence() ?? -1 }
                if key.equals("end_offset") { endFrame = Swift.max(-1, value.integer() ?? -1) }
            case 12:
                if key.equals("start_offset") { startFrame = Swift.max(-1, value.integer() ?? -1) }
            default: break
            }
        }
        guard let start, let end, start <= end else {
            throw fault("a word has no start and end in order")
        }
        guard !FlatText.isBlank(text) else { return }
        text.withUTF8 { text in
            words.append(
                UnsafeRawBufferPointer(text), start: start, end: end, confidence: confidence,
                startFrame: startFrame, endFrame: endFrame,
                speaker: speaker.flatMap { FlatText.isBlank($0) ? nil : $0 })
        }
    }

    /// A time in seconds; nil for null.
    ///
    /// - Throws: for anything else that is no number of seconds.
    mutating func time() throws(Fault) -> MediaTime? {
        guard next != UInt8(ascii: "n") else { return nil }
        let place = self
        guard let text = number(), let time = MediaTime(seconds: text) else {
            throw place.fault("not a usable number of seconds")
        }
        return time
    }

    /// Confidence in ten thousandths; nil for null.
    ///
    /// - Throws: for anything else that is no number from 0 to 1.
    private mutating func confidence() throws(Fault) -> Int? {
        let place = self
        guard let seconds = try time() else { return nil }
        guard let share = Self.tenThousandths(seconds) else {
            throw place.fault("a confidence beyond 1")
        }
        return share
    }

    static func tenThousandths(_ share: MediaTime) -> Int? {
        let rounded = (share.nanoseconds + 50_000) / 100_000
        return rounded <= 10_000 ? rounded : nil
    }

    // MARK: The written form

    /// Passes over a list that ``TimedWords/nemoItems`` would write just so, and gives it; nil for any
    /// other, which stays unread.
    mutating func writtenList() -> (json: UnsafeRawBufferPointer, end: MediaTime)? {
        guard next == UInt8(ascii: "[") else { return nil }
        let start = position
        var end = MediaTime.zero
        guard readWritten(.words, { end = $0.end }) == true else {
            position = start
            return nil
        }
        return (UnsafeRawBufferPointer(rebasing: bytes[start..<position]), end)
    }

    private mutating func writtenWords(_ list: TimedList) -> TimedWords? {
        var words = TimedWords([])
        // Few rows have more, and growing is cheap.
        words.reserveCapacity(16, textBytes: 128)
        let isRead = readWritten(list) { word in
            words.append(
                word.text, start: word.start, end: word.end, confidence: word.confidence,
                startFrame: word.startFrame, endFrame: word.endFrame)
        }
        return isRead == nil ? nil : words
    }

    /// Reads a list of words that is, member by member, in the form in which records have it.
    ///
    /// - Returns: whether its numbers are in that form to the last digit; nil for any other list, at which
    ///   nothing was read.
    private mutating func readWritten(
        _ list: TimedList, _ body: (WrittenWord) -> Void
    ) -> Bool? {
        var cursor = WrittenWords(bytes, position + 1)
        repeat {
            guard let word = cursor.word(of: list) else { return nil }
            body(word)
        } while cursor.take(UInt8(ascii: ","))
        guard cursor.take(UInt8(ascii: "]")) else { return nil }
        position = cursor.position
        return cursor.isExact
    }
}
