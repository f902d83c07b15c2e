/// Records of equal width in bits, least significant bit first, one after the other.
struct PackedRecords: Sendable {
    private let memory: ModelBytes
    private let offset: Int
    /// Of one record.
    let width: Int

    /// Bytes that records may be read beyond: KenLM pads its blocks with them.
    static let padding = 8

    /// Bytes of `count` records.
    static func byteCount(_ count: Int, width: Int) -> Int? {
        let (bits, overflow) = count.multipliedReportingOverflow(by: width)
        return overflow || bits > Int.max - 7 ? nil : (bits + 7) / 8
    }

    /// - Precondition: all records and ``padding`` lie within `memory`.
    init(_ memory: ModelBytes, offset: Int, width: Int) {
        self.memory = memory
        self.offset = offset
        self.width = width
    }

    /// The field of `width` bits, 57 at most, that begins `bit` bits into record `record`.
    func field(_ record: Int, bit: Int, width: Int) -> UInt64 {
        guard width > 0 else { return 0 }
        let place = record * self.width + bit
        let word = memory.bytes.loadUnaligned(
            fromByteOffset: offset + place >> 3, as: UInt64.self)
        return (word >> UInt64(place & 7)) & (1 << UInt64(width) - 1)
    }

    /// The first of the records `range` whose first field of `width` bits, in which they are sorted, is
    /// `value`; nil if there is none.
    func search(_ value: UInt32, in range: Range<Int>, width: Int) -> Int? {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            if field(middle, bit: 0, width: width) < UInt64(value) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < range.upperBound && field(low, bit: 0, width: width) == UInt64(value)
            ? low : nil
    }
}
