/// KenLM's trie: the older words of an n-gram are children of its newer ones.
struct TrieTables: NGramSearch {
    /// The n-grams of one length above 1.
    struct Level: Sendable {
        let records: PackedRecords
        let count: Int
        let wordBits: Int
        let probability: Value
        /// Nil in the highest order, which has no children either.
        let backoff: Value?
        let children: Pointer?
    }

    /// A number in a record: float32, or the position of one in a table.
    struct Value: Sendable {
        let bit: Int
        let width: Int
        /// Where the table begins, for quantised ones.
        let table: Int?
    }

    /// The position of a record's first child in the next level.
    struct Pointer: Sendable {
        let bit: Int
        let width: Int
        /// The high part: the position of the last entry that is not above the record's; nil where the
        /// pointer is whole.
        let high: (place: Int, entries: Int)?
        /// Records of the next level.
        let countOfNext: Int
    }

    let order: Int
    let memory: ModelBytes
    /// Entries of 16 bytes: probability, backoff, first child.
    let unigramsOffset: Int
    let unigramCount: Int
    /// Of two words and more.
    let levels: [Level]

    func unigram(_ word: UInt32) -> (entry: NGramEntry, node: Range<Int>) {
        let word = Int(word) < unigramCount ? Int(word) : 0
        let place = unigramsOffset + 16 * word
        let bytes = memory.bytes
        let entry = NGramEntry(
            log10Probability: bytes.loadUnaligned(fromByteOffset: place, as: Float.self),
            log10Backoff: bytes.loadUnaligned(fromByteOffset: place + 4, as: Float.self))
        let count = UInt64(levels.first?.count ?? 0)
        let start = bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)
        let end = bytes.loadUnaligned(fromByteOffset: place + 24, as: UInt64.self)
        // What lies outside belongs to a damaged file, and is no child.
        return (entry, start <= end && end <= count ? Int(start)..<Int(end) : 0..<0)
    }

    func middle(_ word: UInt32, length: Int, node: inout Range<Int>) -> NGramEntry? {
        let level = levels[length - 2]
        guard let record = level.records.search(word, in: node, width: level.wordBits),
            let backoff = level.backoff, let children = level.children
        else { return nil }
        node = self.children(of: record, level, children)
        return NGramEntry(
            log10Probability: probability(record, level),
            log10Backoff: number(record, level.records, backoff))
    }

    func longest(_ word: UInt32, node: Range<Int>) -> Float? {
        let level = levels[order - 2]
        return level.records.search(word, in: node, width: level.wordBits).map {
            probability($0, level)
        }
    }

    private func children(of record: Int, _ level: Level, _ pointer: Pointer) -> Range<Int> {
        func position(_ record: Int) -> Int {
            let low = Int(level.records.field(record, bit: pointer.bit, width: pointer.width))
            guard let high = pointer.high else { return low }
            // The last entry that is not above the record.
            var (first, last) = (0, high.entries)
            while first < last {
                let middle = first + (last - first) / 2
                let entry = memory.bytes.loadUnaligned(
                    fromByteOffset: high.place + 8 * middle, as: UInt64.self)
                if entry <= UInt64(record) { first = middle + 1 } else { last = middle }
            }
            return max(0, first - 1) << pointer.width | low
        }
        let (start, end) = (position(record), position(record + 1))
        return start <= end && end <= pointer.countOfNext ? start..<end : 0..<0
    }

    /// Plain ones are stored without their sign, which is always the same.
    private func probability(_ record: Int, _ level: Level) -> Float {
        let value = level.probability
        guard value.table == nil else { return number(record, level.records, value) }
        let bits = level.records.field(record, bit: value.bit, width: value.width)
        return Float(bitPattern: UInt32(bits) | 0x8000_0000)
    }

    private func number(_ record: Int, _ records: PackedRecords, _ value: Value) -> Float {
        let bits = records.field(record, bit: value.bit, width: value.width)
        guard let table = value.table else { return Float(bitPattern: UInt32(bits)) }
        return memory.bytes.loadUnaligned(fromByteOffset: table + 4 * Int(bits), as: Float.self)
    }
}
