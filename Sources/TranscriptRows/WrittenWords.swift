/// One word of a list in the records' form.
struct WrittenWord {
    var text: UnsafeRawBufferPointer
    var startFrame: Int
    var endFrame: Int
    var start: MediaTime
    var end: MediaTime
    var confidence: Int
}

/// Reads the one form in which records have their words.
struct WrittenWords {
    /// What stands between the values of a word: up to 16 bytes, compared as two numbers.
    struct Mark {
        let first: UInt64
        let last: UInt64
        let mask: UInt64
        let count: Int

        init(_ text: StaticString) {
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

    /// What stands in a list, in its order.
    private struct Marks {
        let word = Mark("{\"word\":\"")
        let character = Mark("{\"char\":\"")
        let segment = Mark("{\"segment\":\"")

        func beginning(_ list: RecordScanner.TimedList) -> Mark {
            switch list {
            case .words: word
            case .characters: character
            case .segments: segment
            }
        }

        let startOffset = Mark(",\"start_offset\":")
        let endOffset = Mark(",\"end_offset\":")
        let start = Mark(",\"start\":")
        let end = Mark(",\"end\":")
        let confidence = Mark(",\"confidence\":")

        static let all = Marks()
    }

    /// Asked for once a list, as each use of a global value asks whether it is there.
    private let marks = Marks.all
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    /// Every number so far is as records have it: no zero too many, three decimals of a time, four of a
    /// confidence.
    private(set) var isExact = true

    init(_ bytes: UnsafeRawBufferPointer, _ position: Int) {
        self.bytes = bytes
        self.position = position
    }

    /// The word that stands here; nil for anything else.
    mutating func word(of list: RecordScanner.TimedList) -> WrittenWord? {
        guard take(marks.beginning(list)), let text = plainText(),
            take(marks.startOffset),
            let startFrame = integer(), take(marks.endOffset), let endFrame = integer(),
            take(marks.start),
            let start = time(decimals: 3), take(marks.end), let end = time(decimals: 3),
            take(marks.confidence), let share = time(decimals: 4),
            let confidence = RecordScanner.tenThousandths(share), start <= end,
            take(UInt8(ascii: "}"))
        else { return nil }
        return WrittenWord(
            text: text, startFrame: startFrame, endFrame: endFrame, start: start, end: end,
            confidence: confidence)
    }

    private mutating func take(_ mark: Mark) -> Bool {
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
    private mutating func plainText() -> UnsafeRawBufferPointer? {
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
    private mutating func integer() -> Int? {
        let start = position
        let value = digits()
        noteZero(at: start)
        return position > start && position - start <= 15 ? value : nil
    }

    /// A number of seconds, of at most 9 digits on each side of the point.
    ///
    /// - Parameter decimals: as many as records have.
    private mutating func time(decimals: Int) -> MediaTime? {
        let start = position
        let seconds = digits()
        guard position > start, position - start <= 9 else { return nil }
        noteZero(at: start)
        guard take(UInt8(ascii: ".")) else {
            isExact = false
            return MediaTime(nanoseconds: seconds * 1_000_000_000)
        }
        let point = position
        var fraction = digits()
        let count = position - point
        guard (1...9).contains(count) else { return nil }
        if count != decimals { isExact = false }
        for _ in count..<9 { fraction *= 10 }
        return MediaTime(nanoseconds: seconds * 1_000_000_000 + fraction)
    }

    /// Notes a number from `start` on that has a zero in front.
    private mutating func noteZero(at start: Int) {
        if position - start > 1, bytes[start] == UInt8(ascii: "0") { isExact = false }
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
