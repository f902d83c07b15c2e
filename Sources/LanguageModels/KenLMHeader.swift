/// What stands at the beginning of a binary file of KenLM, version 5, little-endian.
///
/// By its sources (lm/binary_format.cc): a mark that also shows the byte order and the sizes of numbers,
/// the order, the kind, and the counts of n-grams.
package struct KenLMHeader: Sendable {
    enum Kind: Int32, Sendable {
        case probing = 0
        case trie = 2
        case quantisedTrie = 3
        case arrayTrie = 4
        case quantisedArrayTrie = 5

        var isQuantised: Bool { self == .quantisedTrie || self == .quantisedArrayTrie }
        var isArray: Bool { self == .arrayTrie || self == .quantisedArrayTrie }
    }

    let kind: Kind
    /// Of n-grams of each order, `<unk>` among the words.
    package let counts: [Int]
    /// Buckets of a hash table for each entry.
    let probingMultiplier: Float
    /// The words stand at the end of the file.
    let hasWords: Bool
    /// Where the tables begin.
    package let byteCount: Int

    /// What every binary file of KenLM begins with, of whatever version.
    static let mark = Array("mmap lm http://kheafield.com/code".utf8)
    private static let version5 = Array(" format version 5\n".utf8)
    private static let fixedBytes = 108

    /// - Throws: for a file of another version, machine or kind, or counts that the file cannot hold.
    init(_ bytes: UnsafeRawBufferPointer, path: String) throws(LanguageModelError) {
        func failure(_ message: String, at byte: Int) -> LanguageModelError {
            LanguageModelError(path, place: "byte \(byte)", message)
        }
        guard bytes.count >= Self.fixedBytes else {
            throw failure("the file ends within its header", at: bytes.count)
        }
        func number<Value: BitwiseCopyable>(_ place: Int, _ type: Value.Type) -> Value {
            bytes.loadUnaligned(fromByteOffset: place, as: type)
        }
        let text = bytes[Self.mark.count...].prefix(while: { $0 != 0x0A && $0 != 0 }).prefix(40)
        guard bytes[Self.mark.count...].starts(with: Self.version5) else {
            throw failure(
                "a binary file of KenLM that says\(String(decoding: text, as: UTF8.self)): only format "
                    + "version 5 is read; make it again with build_binary from the ARPA file",
                at: Self.mark.count)
        }
        guard number(56, Float.self) == 0, number(60, Float.self) == 1,
            number(64, Float.self) == -0.5, number(68, UInt32.self) == 1,
            number(72, UInt32.self) == .max, number(76, UInt32.self) == 0,
            number(80, UInt64.self) == 1
        else {
            throw failure(
                "the file was made on a machine with another order of bytes; make it again here",
                at: 56)
        }
        let order = Int(bytes[88])
        guard (1...LanguageModel.orderMax).contains(order) else {
            throw failure(
                "the order is \(order); 1 to \(LanguageModel.orderMax) are read", at: 88)
        }
        guard let kind = Kind(rawValue: number(96, Int32.self)) else {
            throw failure(
                "the kind \(number(96, Int32.self)) is none of probing and trie; make it again with "
                    + "build_binary trie", at: 96)
        }
        guard number(104, UInt32.self) <= 1 else {
            throw failure("its tables have an unknown version", at: 104)
        }
        byteCount = Self.byteCount(order: order)
        guard bytes.count >= byteCount else {
            throw failure("the file ends within its header", at: bytes.count)
        }
        var counts: [Int] = []
        for position in 0..<order {
            let place = Self.fixedBytes + 8 * position
            let count = number(place, UInt64.self)
            // An n-gram takes a byte at least, and words are numbered with 32 bits.
            guard count > 0 || position > 0, count <= UInt64(bytes.count),
                count < UInt64(UInt32.max)
            else {
                throw failure(
                    "it counts \(count) n-grams of order \(position + 1), which the file's "
                        + "\(bytes.count) bytes cannot hold; it is damaged or cut short", at: place)
            }
            counts.append(Int(count))
        }
        self.kind = kind
        self.counts = counts
        probingMultiplier = number(92, Float.self)
        hasWords = bytes[100] != 0
        guard kind != .probing || (1...1_000).contains(probingMultiplier) else {
            throw failure("its hash tables have no usable size", at: 92)
        }
    }

    private static func byteCount(order: Int) -> Int { (fixedBytes + 8 * order + 7) / 8 * 8 }

    /// Of a probing model with its words, its tables of the size that build_binary takes unless asked.
    ///
    /// - Parameter counts: of n-grams of each length, `<unk>` among the words.
    package init(probing counts: [Int]) {
        kind = .probing
        self.counts = counts
        probingMultiplier = 1.5
        hasWords = true
        byteCount = Self.byteCount(order: counts.count)
    }

    /// What stands at the beginning of such a file.
    package var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        bytes.withUnsafeMutableBytes { bytes in
            func store(_ value: some BitwiseCopyable, _ place: Int) {
                bytes.storeBytes(of: value, toByteOffset: place, as: type(of: value))
            }
            bytes.copyBytes(from: Self.mark + Self.version5)
            store(1 as Float, 60)
            store(-0.5 as Float, 64)
            store(1 as UInt32, 68)
            store(UInt32.max, 72)
            store(1 as UInt64, 80)
            store(UInt8(counts.count), 88)
            store(probingMultiplier, 92)
            store(kind.rawValue, 96)
            store(hasWords ? 1 : 0 as UInt8, 100)
            for (position, count) in counts.enumerated() {
                store(UInt64(count), Self.fixedBytes + 8 * position)
            }
        }
        return bytes
    }

    /// Buckets of the hash table for `count` entries.
    package func buckets(_ count: Int) -> Int {
        max(count + 1, Int(probingMultiplier * Float(count)))
    }
}

/// Hands out the parts of a file one after the other, as far as there are bytes.
struct PartCursor {
    private(set) var place: Int
    let fileBytes: Int
    let path: String

    /// Where a part of `count` entries of `entryBytes` begins.
    ///
    /// - Throws: if the file ends before its end.
    mutating func next(
        _ count: Int, _ entryBytes: Int, more: Int = 0, _ name: String
    ) throws(LanguageModelError) -> Int {
        let start = place
        let (size, overflow) = count.multipliedReportingOverflow(by: entryBytes)
        guard !overflow, size >= 0, size <= fileBytes, more <= fileBytes,
            start + size + more <= fileBytes
        else {
            throw LanguageModelError(
                path, place: "byte \(start)",
                "the file has \(fileBytes) bytes and ends within its \(name); it is damaged or cut "
                    + "short")
        }
        place = start + size + more
        return start
    }
}
