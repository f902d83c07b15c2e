/// Reads KenLM's probing form in place.
enum ProbingReader {
    /// - Throws: if the file does not hold what its header says.
    static func read(
        _ memory: ModelBytes, _ header: KenLMHeader, path: String
    ) throws(LanguageModelError) -> (tables: ProbingTables, words: ProbingTable, end: Int) {
        var cursor = PartCursor(
            place: header.byteCount, fileBytes: memory.bytes.count, path: path)
        let start = try cursor.next(1, 8, "vocabulary")
        guard memory.bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self) == 0 else {
            throw LanguageModelError(
                path, place: "byte \(start)", "its vocabulary has an unknown version")
        }
        func table(_ count: Int, _ entryBytes: Int, _ name: String) throws(LanguageModelError)
            -> ProbingTable
        {
            let buckets = header.buckets(count)
            let offset = try cursor.next(buckets, entryBytes, name)
            return ProbingTable(memory, offset: offset, buckets: buckets, entryBytes: entryBytes)
        }
        let words = try table(header.counts[0], 12, "vocabulary")
        let unigrams = try cursor.next(header.counts[0] + 1, 8, "table of words")
        var tables: [ProbingTable] = []
        let order = header.counts.count
        for length in 2..<max(2, order + 1) {
            tables.append(
                try table(
                    header.counts[length - 1], length == order ? 12 : 16,
                    "table of \(length)-grams"))
        }
        return (
            ProbingTables(
                order: order, unigrams: memory, unigramsOffset: unigrams,
                unigramCount: header.counts[0], tables: tables), words, cursor.place
        )
    }
}
