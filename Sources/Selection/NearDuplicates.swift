/// Finds texts that are nearly the same as one that came before: sets of shingles, compared by MinHash
/// (Broder 1997) and found by bands of it.
///
/// A text of up to five words is a duplicate only of the very same words.
struct NearDuplicates {
    /// Shares of shingles that two texts must have in common.
    private let leastShare: Double
    /// Signatures of the texts that were kept, one after another.
    private var signatures: [UInt32] = []
    /// By a band's number and hash, the kept texts that have it.
    private var buckets: [UInt64: [Int32]] = [:]

    private static let bands = 16
    private static let rowsOfBand = 3
    private static let hashes = bands * rowsOfBand
    private static let shingleWords = 3
    private static let shortWords = 5

    /// - Parameter leastShare: from 0 to 1, such as 0.8.
    init(leastShare: Double) { self.leastShare = leastShare }

    /// Hashes of a text's words, as signatures are made of them.
    static func words(of text: String) -> [UInt64] {
        text.split(whereSeparator: \.isWhitespace).map { word in
            word.uppercased().utf8.reduce(0xCBF2_9CE4_8422_2325) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01B3
            }
        }
    }

    /// The signature of a text, from which its likeness to others follows.
    static func signature(of text: String) -> [UInt32] {
        let words = words(of: text)
        var least = [UInt32](repeating: .max, count: hashes)
        let size = words.count <= shortWords ? max(1, words.count) : shingleWords
        guard words.count >= size, !words.isEmpty else { return least }
        for start in 0...(words.count - size) {
            var shingle = words[start..<start + size].reduce(UInt64(size)) {
                KeyHash.mixed($0 ^ $1)
            }
            for index in 0..<hashes {
                shingle = KeyHash.mixed(shingle &+ 0x9E37_79B9_7F4A_7C15)
                least[index] = min(least[index], UInt32(truncatingIfNeeded: shingle >> 32))
            }
        }
        return least
    }

    /// Whether a text like this one was kept.
    func isRepeated(_ signature: [UInt32]) -> Bool {
        (0..<Self.bands).contains { band in
            (buckets[Self.key(of: signature, band)] ?? []).contains { place in
                likeness(signature, Int(place)) >= leastShare
            }
        }
    }

    /// Keeps a text, for what comes later.
    mutating func keep(_ signature: [UInt32]) {
        let number = Int32(clamping: signatures.count / Self.hashes)
        signatures += signature
        for band in 0..<Self.bands {
            buckets[Self.key(of: signature, band), default: []].append(number)
        }
    }

    private static func key(of signature: [UInt32], _ band: Int) -> UInt64 {
        let rows = signature[band * rowsOfBand..<(band + 1) * rowsOfBand]
        return rows.reduce(UInt64(band)) { KeyHash.mixed($0 ^ UInt64($1)) }
    }

    private func likeness(_ signature: [UInt32], _ place: Int) -> Double {
        let start = place * Self.hashes
        var same = 0
        for index in 0..<Self.hashes where signatures[start + index] == signature[index] {
            same += 1
        }
        return Double(same) / Double(Self.hashes)
    }
}

/// Numbers that stand for names: the same on every machine.
enum KeyHash {
    static func key(_ bytes: some Sequence<UInt8>, kind: UInt64) -> UInt64 {
        mixed(
            bytes.reduce(0xCBF2_9CE4_8422_2325 ^ kind) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01B3
            })
    }

    /// SplitMix64 (Steele, Lea and Flood 2014).
    static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
