internal import Files

/// Counts the longest n-grams of a text, sentence by sentence.
///
/// Before the first word stand as many `<s>` as an n-gram has room for: such n-grams stand for the
/// shorter ones at the beginning of a sentence, which nothing longer holds (``CountAdjustment``).
struct CorpusCounter {
    private let order: Int
    private let skipsSymbols: Bool
    private let sorter: NGramSorter
    private(set) var words = WordTable()
    /// Without `</s>`.
    private(set) var tokenCount = 0
    private(set) var sentenceCount = 0

    init(order: Int, skipsSymbols: Bool, sorter: NGramSorter) {
        self.order = order
        self.skipsSymbols = skipsSymbols
        self.sorter = sorter
    }

    /// Counts a sentence, whose words stand between spaces, tabs, NULs and carriage returns.
    ///
    /// - Throws: for `<s>`, `</s>` or `<unk>` in the text, unless they count as white space; for more
    ///   words than can be numbered; if the disk refuses.
    mutating func add(_ sentence: UnsafeRawBufferPointer) throws(ModelBuildError) {
        var history = NGramRecord()
        for position in 0..<order - 1 { history[position] = WordTable.sentenceBegin }
        var start = 0
        while start < sentence.count {
            guard !Self.isSpace(sentence[start]) else {
                start += 1
                continue
            }
            var end = start + 1
            while end < sentence.count, !Self.isSpace(sentence[end]) { end += 1 }
            let word = UnsafeRawBufferPointer(rebasing: sentence[start..<end])
            let index = words.index(adding: word)
            start = end
            guard index >= WordTable.specialCount else {
                guard skipsSymbols else {
                    throw .text(
                        "\(String(decoding: word, as: UTF8.self)) stands in the text, and models have it "
                            + "for something else; take it out, or give --skip-symbols to pass it over"
                    )
                }
                continue
            }
            guard words.count <= WordTable.countMax else { throw .text("too many different words") }
            tokenCount += 1
            history = try add(index, to: history)
        }
        _ = try add(WordTable.sentenceEnd, to: history)
        sentenceCount += 1
    }

    private func add(
        _ word: UInt32, to history: NGramRecord
    ) throws(ModelBuildError) -> NGramRecord {
        var record = history.pushing(word, count: order)
        record.value = 1
        try mapError(ModelBuildError.storage) { () throws(FileError) in try sorter.add(record) }
        return record
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A || byte == 0
    }
}
