internal import Files
internal import Threading

/// Estimates an n-gram model of a text in memory that is bounded but for the words.
///
/// Smoothing is modified Kneser-Ney, interpolated (Chen and Goodman 1998), streamed as in lmplz
/// (Heafield et al. 2013). Sentences are added first; ``estimate()`` then adjusts the counts and finds the discounts.
package struct ModelBuilder {
    private let settings: ModelBuildSettings
    private let sorter: NGramSorter
    private var counter: CorpusCounter

    package init(_ settings: ModelBuildSettings) {
        self.settings = settings
        sorter = NGramSorter(
            in: settings.folder, memoryBytesMax: settings.memoryBytes / 2, addsCounts: true)
        counter = CorpusCounter(
            order: settings.order, skipsSymbols: settings.skipsSymbols, sorter: sorter)
    }

    /// Counts a sentence.
    ///
    /// - Throws: for words that stand for something else; if the disk refuses.
    package mutating func add(_ sentence: UnsafeRawBufferPointer) throws(ModelBuildError) {
        try counter.add(sentence)
    }

    /// Ends the counting.
    ///
    /// - Throws: if the text gives no discounts and there is no fallback, or the disk refuses.
    package consuming func estimate() throws(ModelBuildError) -> ModelEstimate {
        let (settings, counter, sorter) = (settings, counter, sorter)
        guard counter.tokenCount > 0 else { throw .impossible("the text has no words") }
        let adjusted = try mapError(ModelBuildError.storage) { () throws(FileError) in
            try AdjustedNGrams(sorter.sorted(), settings: settings, words: counter.words)
        }
        return try adjusted.estimate(
            sentenceCount: counter.sentenceCount, tokenCount: counter.tokenCount)
    }
}

/// N-grams of all lengths with their adjusted counts, those of two words and more waiting to be
/// sorted by their contexts.
struct AdjustedNGrams {
    let settings: ModelBuildSettings
    let words: WordTable
    /// Of the words by their numbers.
    private(set) var wordCounts: [NGramCount]
    /// Of two words and more.
    private(set) var byContext: [NGramSorter]
    private let statistics: [CountsOfCounts]

    init(
        _ sorted: SortedNGrams, settings: ModelBuildSettings, words: WordTable
    ) throws(FileError) {
        self.settings = settings
        self.words = words
        let order = settings.order
        let sorters = (1..<max(1, order)).map { _ in
            NGramSorter(
                in: settings.folder, memoryBytesMax: settings.memoryBytes / 2 / (order - 1))
        }
        var counts = [NGramCount](repeating: NGramCount(0), count: words.count)
        var adjustment = CountAdjustment(order: order, thresholds: settings.thresholds)
        let emit = { (length: Int, record: NGramRecord) throws(FileError) in
            if length == 1 {
                counts[Int(record[0])] = NGramCount(bits: record.value)
            } else {
                try sorters[length - 2].add(record.movingFirstToEnd(length))
            }
        }
        try adjustment.begin(emit)
        var steps = StepCounter()
        while let record = try sorted.next() {
            try adjustment.add(record, emit)
            steps.step()
        }
        try adjustment.finish(emit)
        wordCounts = counts
        byContext = sorters
        statistics = adjustment.statistics
    }

    func estimate(
        sentenceCount: Int, tokenCount: Int
    ) throws(ModelBuildError) -> ModelEstimate {
        var discounts: [Discounts] = []
        var fallbacks: [Int] = []
        for (position, statistics) in statistics.enumerated() {
            do throws(CountsOfCounts.Degenerate) {
                discounts.append(try statistics.discounts())
            } catch {
                guard let fallback = settings.fallback else {
                    throw .impossible(Self.sentence(error, length: position + 1))
                }
                discounts.append(fallback)
                fallbacks.append(position + 1)
            }
        }
        return ModelEstimate(
            self, sentenceCount: sentenceCount, tokenCount: tokenCount, discounts: discounts,
            lengthsWithFallback: fallbacks, counts: statistics.map(\.kept),
            countsBeforeCutting: statistics.map(\.total))
    }

    private static func sentence(_ error: CountsOfCounts.Degenerate, length: Int) -> String {
        let found =
            switch error {
            case .missing(let count):
                "no \(length)-gram of the text counts \(count), and the discounts of Kneser and Ney "
                    + "need some that do"
            case .outOfRange(let count, let discount):
                "the discount of \(length)-grams that count \(count) would be \(discount)"
            }
        return found
            + ": the text is small, or much of it stands there more than once; give more text, take "
            + "out lines that repeat, or let --discount-fallback take 0.5, 1 and 1.5 where this happens"
    }
}

/// Tells the meter of n-grams, some at a time.
struct StepCounter {
    private var count = 0

    mutating func step() {
        count += 1
        if count & 0xFFFF == 0 { WorkMeter.shared.advance(1 << 16, .nGrams) }
    }
}
