/// Reads KenLM's tries in place: plain, quantised, and with pointers in arrays.
enum TrieReader {
    /// Words of a trie: their hashes in order; the position of a word is that of its hash, from 1.
    struct Words: Sendable {
        let memory: ModelBytes
        let offset: Int
        let count: Int

        func index(_ hash: UInt64) -> UInt32? {
            var (low, high) = (0, count)
            while low < high {
                let middle = low + (high - low) / 2
                let found = memory.bytes.loadUnaligned(
                    fromByteOffset: offset + 8 * middle, as: UInt64.self)
                if found == hash { return UInt32(middle + 1) }
                if found < hash { low = middle + 1 } else { high = middle }
            }
            return nil
        }
    }

    /// Bits that numbers up to `maximum` take.
    private static func bits(_ maximum: Int) -> Int { Int.bitWidth - maximum.leadingZeroBitCount }

    /// - Throws: if the file does not hold what its header says.
    static func read(
        _ memory: ModelBytes, _ header: KenLMHeader, path: String
    ) throws(LanguageModelError) -> (tables: TrieTables, words: Words, end: Int) {
        let (counts, order) = (header.counts, header.counts.count)
        var cursor = PartCursor(place: header.byteCount, fileBytes: memory.bytes.count, path: path)
        func failure(_ message: String) -> LanguageModelError {
            LanguageModelError(path, place: "byte \(cursor.place)", message)
        }
        let head = try cursor.next(1, 8, "vocabulary")
        let wordCount = memory.bytes.loadUnaligned(fromByteOffset: head, as: UInt64.self)
        guard wordCount <= UInt64(counts[0]) else {
            throw failure("its vocabulary has \(wordCount) words, its header \(counts[0])")
        }
        let words = Words(
            memory: memory, offset: try cursor.next(counts[0], 8, "vocabulary"),
            count: Int(wordCount))
        var quantisation: (probabilityBits: Int, backoffBits: Int)?
        var tables: [(probability: Int, backoff: Int)] = []
        if header.kind.isQuantised {
            let place = try cursor.next(1, 8, "quantisation")
            let bits = (Int(memory.bytes[place + 1]), Int(memory.bytes[place + 2]))
            guard memory.bytes[place] == 2, (1...25).contains(bits.0), (1...25).contains(bits.1)
            else { throw failure("its quantisation is of an unknown kind") }
            quantisation = bits
            for length in 2...max(2, order) where length <= order {
                let probability = try cursor.next(1 << bits.0, 4, "quantisation")
                let backoff =
                    length == order ? 0 : try cursor.next(1 << bits.1, 4, "quantisation")
                tables.append((probability, backoff))
            }
        }
        let unigrams = try cursor.next(counts[0] + 2, 16, "table of words")
        var levels: [TrieTables.Level] = []
        let wordBits = bits(counts[0])
        for length in 2..<max(2, order + 1) {
            let isLongest = length == order
            let count = counts[length - 1]
            let table = tables.isEmpty ? nil : tables[length - 2]
            let backoff =
                isLongest
                ? nil
                : TrieTables.Value(
                    bit: quantisation == nil ? wordBits + 31 : wordBits,
                    width: quantisation?.backoffBits ?? 32, table: table?.backoff)
            let probability = TrieTables.Value(
                bit: quantisation == nil ? wordBits : wordBits + (backoff?.width ?? 0),
                width: quantisation?.probabilityBits ?? 31, table: table?.probability)
            var width = wordBits + probability.width + (backoff?.width ?? 0)
            var pointer: TrieTables.Pointer?
            if !isLongest {
                let next = counts[length]
                var (kept, high): (Int, (place: Int, entries: Int)?) = (bits(next), nil)
                if header.kind.isArray {
                    let array = try pointerArray(&cursor, memory, count: count, next: next)
                    (kept, high) = (array.bitsKept, array.high)
                }
                pointer = TrieTables.Pointer(
                    bit: width, width: kept, high: high, countOfNext: next)
                width += kept
            }
            guard wordBits <= 32, pointer.map({ $0.width <= 57 }) ?? true,
                // One more, for where the children of the last one end.
                let bytes = PackedRecords.byteCount(count + 1, width: width)
            else { throw failure("its \(length)-grams have no usable width") }
            let offset = try cursor.next(
                bytes, 1, more: PackedRecords.padding, "table of \(length)-grams")
            levels.append(
                TrieTables.Level(
                    records: PackedRecords(memory, offset: offset, width: width), count: count,
                    wordBits: wordBits, probability: probability, backoff: backoff,
                    children: pointer))
        }
        return (
            TrieTables(
                order: order, memory: memory, unigramsOffset: unigrams, unigramCount: counts[0],
                levels: levels), words, cursor.place
        )
    }

    /// The table of the high parts of pointers (Raj and Whittaker, 2003): how many bits were cut off is
    /// what makes table and records the smallest, by KenLM's estimate.
    private static func pointerArray(
        _ cursor: inout PartCursor, _ memory: ModelBytes, count: Int, next: Int
    ) throws(LanguageModelError) -> (bitsKept: Int, high: (place: Int, entries: Int)) {
        let start = cursor.place
        guard start + 2 <= memory.bytes.count else {
            throw LanguageModelError(
                cursor.path, place: "byte \(start)", "the file ends within its pointers")
        }
        let limit = Int(memory.bytes[start + 1])
        let required = bits(next)
        func cost(_ cut: Int) -> Int { (next >> (required - cut)) * 64 - (count + 1) * cut }
        var cut = 0
        for other in 0...min(required, limit) where cost(other) < cost(cut) { cut = other }
        let entries = (next >> (required - cut)) + 1
        _ = try cursor.next(1 + entries, 8, more: 7, "pointers")
        return (required - cut, ((start + 7) / 8 * 8 + 8, entries))
    }
}
