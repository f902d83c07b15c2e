/// An n-gram of up to six words with eight bytes of value, as n-grams are sorted and stored for a while.
///
/// Words stand in 32 bits each, the first to be compared in the most significant place, so that records
/// compare as three numbers do. In the order of suffixes the newest word is the first.
package struct NGramRecord: BitwiseCopyable, Hashable, Sendable {
    private(set) var high: UInt64 = 0
    private(set) var middle: UInt64 = 0
    private(set) var low: UInt64 = 0
    package var value: UInt64 = 0

    package static let wordsMax = 6

    package init() {}

    /// - Parameter words: in the order in which they are compared.
    package init(_ words: [UInt32], value: UInt64 = 0) {
        for (position, word) in words.enumerated() { self[position] = word }
        self.value = value
    }

    package subscript(position: Int) -> UInt32 {
        get {
            let pair = position < 2 ? high : position < 4 ? middle : low
            return UInt32(truncatingIfNeeded: position & 1 == 0 ? pair >> 32 : pair)
        }
        set {
            let shift: UInt64 = position & 1 == 0 ? 32 : 0
            let mask: UInt64 = ~(0xFFFF_FFFF << shift)
            let bits = UInt64(newValue) << shift
            switch position >> 1 {
            case 0: high = high & mask | bits
            case 1: middle = middle & mask | bits
            default: low = low & mask | bits
            }
        }
    }

    /// Whether it comes before another one of as many words.
    package func precedes(_ other: NGramRecord) -> Bool {
        if high != other.high { return high < other.high }
        if middle != other.middle { return middle < other.middle }
        return low < other.low
    }

    package func hasWords(of other: NGramRecord) -> Bool {
        high == other.high && middle == other.middle && low == other.low
    }

    /// How many words from the first on are those of another one.
    package func sharedCount(with other: NGramRecord) -> Int {
        if high != other.high { return (high ^ other.high).leadingZeroBitCount / 32 }
        if middle != other.middle { return 2 + (middle ^ other.middle).leadingZeroBitCount / 32 }
        return 4 + (low ^ other.low).leadingZeroBitCount / 32
    }

    /// The first words alone.
    package func prefix(_ count: Int) -> NGramRecord {
        var prefix = self
        switch count {
        case ...2: (prefix.high, prefix.middle, prefix.low) = (Self.kept(high, count), 0, 0)
        case ...4: (prefix.middle, prefix.low) = (Self.kept(middle, count - 2), 0)
        default: prefix.low = Self.kept(low, count - 4)
        }
        return prefix
    }

    private static func kept(_ pair: UInt64, _ count: Int) -> UInt64 {
        count >= 2 ? pair : count == 1 ? pair & ~0xFFFF_FFFF : 0
    }

    /// A word more in the first place; the last of `count` words falls away.
    package func pushing(_ word: UInt32, count: Int) -> NGramRecord {
        var pushed = self
        pushed.high = UInt64(word) << 32 | high >> 32
        pushed.middle = high << 32 | middle >> 32
        pushed.low = middle << 32 | low >> 32
        return pushed.prefix(count)
    }

    /// The first of `count` words moved to their end: the order of suffixes becomes that of contexts.
    package func movingFirstToEnd(_ count: Int) -> NGramRecord {
        var moved = self
        moved.high = high << 32 | middle >> 32
        moved.middle = middle << 32 | low >> 32
        moved.low = low << 32
        moved[count - 1] = self[0]
        return moved
    }

    /// The last of `count` words moved to the first place: the order of contexts becomes that of suffixes.
    package func movingLastToFirst(_ count: Int) -> NGramRecord {
        pushing(self[count - 1], count: count)
    }
}

/// How often an n-gram was seen, and whether it is cut from the model for being rare.
///
/// It still counts where rare n-grams are counted, and what is left of its probability goes to shorter
/// ones.
package struct NGramCount: Hashable, Sendable {
    private static let mark: UInt64 = 1 << 63
    package let bits: UInt64

    package init(_ count: UInt64, isCut: Bool = false) { bits = count | (isCut ? Self.mark : 0) }

    package init(bits: UInt64) { self.bits = bits }

    package var count: UInt64 { bits & ~Self.mark }
    package var isCut: Bool { bits & Self.mark != 0 }
}

extension NGramRecord {
    /// The value as two numbers.
    var floats: (Float, Float) {
        get {
            (
                Float(bitPattern: UInt32(truncatingIfNeeded: value >> 32)),
                Float(bitPattern: UInt32(truncatingIfNeeded: value))
            )
        }
        set { value = UInt64(newValue.0.bitPattern) << 32 | UInt64(newValue.1.bitPattern) }
    }
}
