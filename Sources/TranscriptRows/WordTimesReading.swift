internal import Glibc

/// Word times: in the form in which this program writes them at once, in any other member by member.
extension RecordScanner {
    /// Reads the list of words that begins here; nil if another value stands here, which stays unread.
    ///
    /// - Throws: if a word has no start and end in order, or what is no JSON.
    mutating func words() throws(Fault) -> TimedWords? {
        guard next == UInt8(ascii: "[") else { return nil }
        if let words = writtenWords() { return words }
        var words = TimedWords([])
        try array { element throws(Fault) in try element.word(into: &words) }
        return words
    }

    private mutating func word(into words: inout TimedWords) throws(Fault) {
        var text = ""
        var start: MediaTime?
        var end: MediaTime?
        var (confidence, startFrame, endFrame) = (-1, -1, -1)
        try object { key, value throws(Fault) in
            switch key.count {
            case 3: if key.equals("end"), let time = try value.time() { end = time }
            case 4: if key.equals("word") { text = try value.string() ?? "" }
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
                startFrame: startFrame, endFrame: endFrame)
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

    private static func tenThousandths(_ share: MediaTime) -> Int? {
        let rounded = (share.nanoseconds + 50_000) / 100_000
        return rounded <= 10_000 ? rounded : nil
    }

    // MARK: The written form

    /// Reads a list of words that is, byte for byte, in the form in which records have it; nil for any
    /// other, at which nothing was read.
    private mutating func writtenWords() -> TimedWords? {
        var cursor = WrittenWords(bytes, position + 1)
        var words = TimedWords([])
        // Few rows have more, and growing is cheap.
        words.reserveCapacity(16, textBytes: 128)
        repeat {
            guard cursor.take(.word), let text = cursor.plainText(), cursor.take(.startOffset),
                let startFrame = cursor.integer(), cursor.take(.endOffset),
                let endFrame = cursor.integer(), cursor.take(.start),
                let start = cursor.time(), cursor.take(.end), let end = cursor.time(),
                cursor.take(.confidence), let share = cursor.time(),
                let confidence = Self.tenThousandths(share), start <= end,
                cursor.take(UInt8(ascii: "}"))
            else { return nil }
            words.append(
                text, start: start, end: end, confidence: confidence, startFrame: startFrame,
                endFrame: endFrame)
        } while cursor.take(UInt8(ascii: ","))
        guard cursor.take(UInt8(ascii: "]")) else { return nil }
        position = cursor.position
        return words
    }
}

/// Reads the one form in which records have their words.
private struct WrittenWords {
    /// What stands between the values of a word: up to 16 bytes, compared as two numbers.
    struct Mark {
        let first: UInt64
        let last: UInt64
        let mask: UInt64
        let count: Int

        /// The list's marks, in their order.
        static let word = Mark("{\"word\":\"")
        static let startOffset = Mark(",\"start_offset\":")
        static let endOffset = Mark(",\"end_offset\":")
        static let start = Mark(",\"start\":")
        static let end = Mark(",\"end\":")
        static let confidence = Mark(",\"confidence\":")

        private init(_ text: StaticString) {
            count = text.utf8CodeUnitCount
            precondition((1...16).contains(count), "a mark of another length")
            var bytes = [UInt8](repeating: 0, count: 16)
            for index in 0..<count { bytes[index] = text.utf8Start[index] }
            mask = count < 8 ? (1 << UInt64(8 * count)) - 1 : .max
            (first, last) = bytes.withUnsafeBytes { [count] bytes in
                (
                    UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)),
                    UInt64(
                        littleEndian: bytes.loadUnaligned(
                            fromByteOffset: max(0, count - 8), as: UInt64.self))
                )
            }
        }
    }

    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int

    init(_ bytes: UnsafeRawBufferPointer, _ position: Int) {
        self.bytes = bytes
        self.position = position
    }

    mutating func take(_ mark: Mark) -> Bool {
        // A record goes on behind its words, so that the last ones are no special case.
        guard position + 16 <= bytes.count else { return false }
        let first = UInt64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        let last = UInt64(
            littleEndian: bytes.loadUnaligned(
                fromByteOffset: position + max(0, mark.count - 8), as: UInt64.self))
        guard first & mark.mask == mark.first, last & mark.mask == mark.last else { return false }
        position += mark.count
        return true
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// A text up to its closing quote; nil if it has escapes, is not UTF-8, or is nothing but space.
    mutating func plainText() -> UnsafeRawBufferPointer? {
        let start = position
        var all: UInt8 = 0
        var hasInk = false
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") || byte < 0x20 { return nil }
            all |= byte
            if byte != 0x20 { hasInk = true }
            position += 1
        }
        let text = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
        guard hasInk, take(UInt8(ascii: "\"")) else { return nil }
        if all >= 0x80 {
            guard
                let text = FlatText.validated(text),
                !FlatText.isBlank(text)
            else { return nil }
        }
        return text
    }

    /// A number without sign and fraction, of at most 15 digits.
    mutating func integer() -> Int? {
        let start = position
        let value = digits()
        return position > start && position - start <= 15 ? value : nil
    }

    /// A number of seconds, of at most 9 digits on each side of the point.
    mutating func time() -> MediaTime? {
        let start = position
        let seconds = digits()
        guard position > start, position - start <= 9 else { return nil }
        guard take(UInt8(ascii: ".")) else {
            return MediaTime(nanoseconds: seconds * 1_000_000_000)
        }
        let point = position
        var fraction = digits()
        let count = position - point
        guard (1...9).contains(count) else { return nil }
        for _ in count..<9 { fraction *= 10 }
        return MediaTime(nanoseconds: seconds * 1_000_000_000 + fraction)
    }

    /// The digits that stand here, as a number; those beyond what a number holds are dropped.
    private mutating func digits() -> Int {
        var value = 0
        while position < bytes.count {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ Int(digit)
            position += 1
        }
        return value
    }
}
