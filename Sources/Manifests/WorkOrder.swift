/// The order of work, written into the entries of an index: longest first, ties by ordinal; rows that
/// begin inside one recording follow the longest of them, in the order of time.
///
/// A recording that cannot seek is decoded once for spans that come in that order, and once for each
/// that does not (`AudioInput`).
enum WorkOrder {
    /// Set in an entry's first number while the order is made: the row is among the spans.
    static let spanMark: UInt64 = 1 << 63

    /// Buckets of 65,536 lengths that are counted at a time: 16 MB, however many rows there are.
    private static let bucketsPerPass = 64

    /// Sets the last four bytes of entry k to the ordinal of the k-th row of the order.
    ///
    /// A counting sort by milliseconds to compute, every lane counted: the high half of a length says in which pass its
    /// row is placed, the low half is counted there. Each pass reads the entries twice. Spans are
    /// sorted by themselves and merged in.
    ///
    /// - Parameter entries: 16 bytes a row, lanes in byte 7, the length in bytes 8 to 12; marks are taken away.
    /// - Parameter spans: one for each entry that is marked, in any order.
    static func fill(
        _ entries: UnsafeMutableRawBufferPointer,
        spans: UnsafeMutableBufferPointer<SpanEntry> = .init(start: nil, count: 0)
    ) {
        let rowCount = entries.count / RowIndex.entryBytes
        var bucketSizes = [Int](repeating: 0, count: 1 << 16)
        for row in 0..<rowCount where !isSpan(entries, row) {
            bucketSizes[Int(key(entries, row) >> 16)] += 1
        }
        let used = bucketSizes.indices.reversed().filter { bucketSizes[$0] > 0 }
        // The spans are merged in from the front.
        var nextRank = spans.count
        for start in stride(from: 0, to: used.count, by: bucketsPerPass) {
            place(
                entries, rowCount, buckets: used[start..<min(start + bucketsPerPass, used.count)],
                &nextRank)
        }
        SpanEntry.sort(spans) { key(entries, $0) }
        merge(spans, into: entries, rowCount)
        guard !spans.isEmpty else { return }
        for row in 0..<rowCount {
            let first = entries.loadUnaligned(
                fromByteOffset: row * RowIndex.entryBytes, as: UInt64.self)
            entries.storeBytes(
                of: first & ~spanMark.littleEndian, toByteOffset: row * RowIndex.entryBytes,
                as: UInt64.self)
        }
    }

    /// Merges the spans with the other rows, whose order stands behind as many ranks as there are
    /// spans.
    private static func merge(
        _ spans: UnsafeMutableBufferPointer<SpanEntry>,
        into entries: UnsafeMutableRawBufferPointer, _ rowCount: Int
    ) {
        var nextOther = spans.count
        var nextRank = 0
        for span in spans {
            while nextOther < rowCount {
                let row = ordinal(entries, rank: nextOther)
                let place = SpanEntry.place(length: key(entries, row), ordinal: row)
                guard place < span.group else { break }
                setOrdinal(entries, rank: nextRank, row)
                nextOther += 1
                nextRank += 1
            }
            setOrdinal(entries, rank: nextRank, span.ordinal)
            nextRank += 1
        }
    }

    /// Places the rows of some buckets, which are given from the longest to the shortest.
    private static func place(
        _ entries: UnsafeMutableRawBufferPointer, _ rowCount: Int, buckets: ArraySlice<Int>,
        _ nextRank: inout Int
    ) {
        var slots = [Int](repeating: -1, count: 1 << 16)
        for (slot, bucket) in buckets.enumerated() { slots[bucket] = slot }
        // For each length, first the number of its rows, then the rank of the next of them.
        var ranks = [UInt32](repeating: 0, count: buckets.count << 16)
        for row in 0..<rowCount where !isSpan(entries, row) {
            let key = key(entries, row)
            let slot = slots[Int(key >> 16)]
            if slot >= 0 { ranks[slot << 16 | Int(key & 0xFFFF)] += 1 }
        }
        for slot in 0..<buckets.count {
            for low in stride(from: 0xFFFF, through: 0, by: -1) {
                let count = Int(ranks[slot << 16 | low])
                ranks[slot << 16 | low] = UInt32(nextRank)
                nextRank += count
            }
        }
        for row in 0..<rowCount where !isSpan(entries, row) {
            let key = key(entries, row)
            let slot = slots[Int(key >> 16)]
            guard slot >= 0 else { continue }
            let rank = Int(ranks[slot << 16 | Int(key & 0xFFFF)])
            ranks[slot << 16 | Int(key & 0xFFFF)] += 1
            setOrdinal(entries, rank: rank, row)
        }
    }

    private static func isSpan(_ entries: UnsafeMutableRawBufferPointer, _ row: Int) -> Bool {
        let first = entries.loadUnaligned(
            fromByteOffset: row * RowIndex.entryBytes, as: UInt64.self)
        return UInt64(littleEndian: first) & spanMark != 0
    }

    private static func ordinal(_ entries: UnsafeMutableRawBufferPointer, rank: Int) -> Int {
        let value = entries.loadUnaligned(
            fromByteOffset: rank * RowIndex.entryBytes + 12, as: UInt32.self)
        return Int(UInt32(littleEndian: value))
    }

    private static func setOrdinal(
        _ entries: UnsafeMutableRawBufferPointer, rank: Int, _ row: Int
    ) {
        entries.storeBytes(
            of: UInt32(row).littleEndian, toByteOffset: rank * RowIndex.entryBytes + 12,
            as: UInt32.self)
    }

    /// What rows are ordered by; unusable rows come last.
    private static func key(_ entries: UnsafeMutableRawBufferPointer, _ row: Int) -> UInt32 {
        let entry = row * RowIndex.entryBytes
        let value = entries.loadUnaligned(fromByteOffset: entry + 8, as: UInt32.self)
        guard value != RowIndex.unusable else { return 0 }
        // The highest bit of that byte is the mark.
        let lanes = entries.loadUnaligned(fromByteOffset: entry + 7, as: UInt8.self) & 0x7F
        return UInt32(clamping: UInt64(value) * (UInt64(lanes) + 1))
    }
}
