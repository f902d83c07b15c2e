/// The order of work, written into the entries of an index: longest first, ties by ordinal.
enum WorkOrder {
    /// Buckets of 65,536 lengths that are counted at a time: 16 MB, however many rows there are.
    private static let bucketsPerPass = 64

    /// Sets the last four bytes of entry k to the ordinal of the k-th row of the order.
    ///
    /// A counting sort by milliseconds to compute, every lane counted: the high half of a length says in which pass its
    /// row is placed, the low half is counted there. Each pass reads the entries twice.
    ///
    /// - Parameter entries: 16 bytes a row, lanes in byte 7, the length in bytes 8 to 12.
    static func fill(_ entries: UnsafeMutableRawBufferPointer) {
        let rowCount = entries.count / RowIndex.entryBytes
        var bucketSizes = [Int](repeating: 0, count: 1 << 16)
        for row in 0..<rowCount { bucketSizes[Int(key(entries, row) >> 16)] += 1 }
        let used = bucketSizes.indices.reversed().filter { bucketSizes[$0] > 0 }
        var nextRank = 0
        for start in stride(from: 0, to: used.count, by: bucketsPerPass) {
            place(
                entries, rowCount, buckets: used[start..<min(start + bucketsPerPass, used.count)],
                &nextRank)
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
        for row in 0..<rowCount {
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
        for row in 0..<rowCount {
            let key = key(entries, row)
            let slot = slots[Int(key >> 16)]
            guard slot >= 0 else { continue }
            let rank = Int(ranks[slot << 16 | Int(key & 0xFFFF)])
            ranks[slot << 16 | Int(key & 0xFFFF)] += 1
            entries.storeBytes(
                of: UInt32(row).littleEndian, toByteOffset: rank * RowIndex.entryBytes + 12,
                as: UInt32.self)
        }
    }

    /// What rows are ordered by; unusable rows come last.
    private static func key(_ entries: UnsafeMutableRawBufferPointer, _ row: Int) -> UInt32 {
        let entry = row * RowIndex.entryBytes
        let value = entries.loadUnaligned(fromByteOffset: entry + 8, as: UInt32.self)
        guard value != RowIndex.unusable else { return 0 }
        let lanes = UInt64(entries.loadUnaligned(fromByteOffset: entry + 7, as: UInt8.self)) + 1
        return UInt32(clamping: UInt64(value) * lanes)
    }
}
