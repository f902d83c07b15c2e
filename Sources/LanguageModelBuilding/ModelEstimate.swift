internal import Files
internal import Glibc

/// A model whose discounts are known; its n-grams come when they are asked for.
package struct ModelEstimate {
    private let settings: ModelBuildSettings
    package let words: WordTable
    private let wordCounts: [NGramCount]
    private let byContext: [NGramSorter]
    package let sentenceCount: Int
    /// Without the ends of sentences.
    package let tokenCount: Int
    /// For n-grams of each length.
    package let discounts: [Discounts]
    /// Whose discounts are the fallback's.
    package let lengthsWithFallback: [Int]
    /// N-grams of each length in the model.
    package let counts: [Int]
    /// The same with those that are cut.
    package let countsBeforeCutting: [Int]

    init(
        _ adjusted: AdjustedNGrams, sentenceCount: Int, tokenCount: Int, discounts: [Discounts],
        lengthsWithFallback: [Int], counts: [Int], countsBeforeCutting: [Int]
    ) {
        settings = adjusted.settings
        words = adjusted.words
        wordCounts = adjusted.wordCounts
        byContext = adjusted.byContext
        self.sentenceCount = sentenceCount
        self.tokenCount = tokenCount
        self.discounts = discounts
        self.lengthsWithFallback = lengthsWithFallback
        self.counts = counts
        self.countsBeforeCutting = countsBeforeCutting
    }

    package var order: Int { settings.order }

    /// N-grams that go by while the model is written, for a meter.
    package var stepCount: Int {
        zip(counts, countsBeforeCutting).dropFirst().reduce(0) { $0 + $1.0 + $1.1 }
    }

    /// Gives all n-grams to `sink`, those of one length after the other, in the order of suffixes.
    ///
    /// - Throws: if the disk refuses.
    func forEach(
        _ sink: (EstimatedNGram) throws(FileError) -> Void
    ) throws(FileError) {
        var shorter = try RecordFile(in: settings.folder)
        var (sorted, backoffs) = try smoothed(2)
        var steps = StepCounter()
        try forEachWord(backoffs, keeping: shorter, sink)
        for length in 2..<max(2, order + 1) {
            let (next, nextBackoffs) = try smoothed(length + 1)
            let kept = try RecordFile(in: settings.folder)
            try shorter.flush()
            var join = ShorterNGrams(RecordReader(shorter))
            var contexts = Backoffs(try Self.reader(nextBackoffs))
            while let record = try sorted?.next() {
                let (own, weight) = record.floats
                let (below, isFirst) = try join.probability(of: record.prefix(length - 1))
                let probability = own + weight * below
                let context = length < order ? try contexts.of(record) : nil
                try sink(
                    EstimatedNGram(
                        record, length: length, probability: probability, context: context,
                        isFirstOfSuffix: isFirst))
                if length < order {
                    var remembered = record
                    remembered.floats = (probability, 0)
                    try kept.append(remembered)
                }
                steps.step()
            }
            (sorted, backoffs, shorter) = (next, nextBackoffs, kept)
        }
    }

    private static func reader(_ file: RecordFile?) throws(FileError) -> RecordReader? {
        guard let file else { return nil }
        try file.flush()
        return RecordReader(file)
    }

    /// Words, after whose probabilities comes the even chance of all of them but `<s>`.
    private func forEachWord(
        _ backoffs: RecordFile?, keeping shorter: RecordFile,
        _ sink: (EstimatedNGram) throws(FileError) -> Void
    ) throws(FileError) {
        var smoothing = ContextSmoothing(discounts[0])
        for count in wordCounts { smoothing.add(count) }
        let even = Float(1 / Double(Float(counts[0] - 1)))
        let rest = smoothing.backoff
        var contexts = Backoffs(try Self.reader(backoffs))
        for (word, count) in wordCounts.enumerated() {
            let index = UInt32(word)
            guard !count.isCut else { continue }
            let probability: Float =
                switch index {
                case WordTable.unknown: rest * even
                // So that it costs nothing where it is scored, though it never follows anything.
                case WordTable.sentenceBegin: 1
                default: smoothing.probability(count) + rest * even
                }
            var record = NGramRecord([index])
            let context = order > 1 ? try contexts.of(record) : nil
            try sink(
                EstimatedNGram(
                    record, length: 1, probability: probability, context: context,
                    isFirstOfSuffix: false))
            record.floats = (probability, 0)
            try shorter.append(record)
        }
    }

    /// The n-grams of a length in the order of suffixes, with the part of their probability that is
    /// their own and the weight of the shorter context; and the weights by contexts.
    private func smoothed(
        _ length: Int
    ) throws(FileError) -> (sorted: SortedNGrams?, backoffs: RecordFile?) {
        guard length <= order else { return (nil, nil) }
        let backoffs = try RecordFile(in: settings.folder)
        let bySuffix = NGramSorter(
            in: settings.folder, memoryBytesMax: settings.memoryBytes / 2 / (order - 1))
        let sorted = try byContext[length - 2].sorted()
        var group: [NGramRecord] = []
        var steps = StepCounter()
        func endGroup() throws(FileError) {
            guard let first = group.first else { return }
            var smoothing = ContextSmoothing(discounts[length - 1])
            for record in group { smoothing.add(NGramCount(bits: record.value)) }
            let backoff = smoothing.backoff
            var context = first.prefix(length - 1)
            context.floats = (backoff, smoothing.hasWords ? 1 : 0)
            try backoffs.append(context)
            for record in group {
                let count = NGramCount(bits: record.value)
                guard !count.isCut else { continue }
                var smoothed = record.movingLastToFirst(length)
                smoothed.floats = (smoothing.probability(count), backoff)
                try bySuffix.add(smoothed)
            }
            group.removeAll(keepingCapacity: true)
        }
        while let record = try sorted.next() {
            if let first = group.first, first.sharedCount(with: record) < length - 1 {
                try endGroup()
            }
            // The words after one context: no more than there are words, which are in memory as well.
            group.append(record)
            steps.step()
        }
        try endGroup()
        return (try bySuffix.sorted(), backoffs)
    }
}

/// An n-gram of a model.
struct EstimatedNGram {
    /// The words, newest first.
    let words: NGramRecord
    let length: Int
    let log10Probability: Float
    let log10Backoff: Float
    /// Longer n-grams of the model begin with this one.
    let isContext: Bool
    /// The first one that ends with its last words.
    let isFirstOfSuffix: Bool

    /// SRILM's number for what cannot be, where the logarithm has none.
    private static let log10OfZero: Float = -99

    init(
        _ words: NGramRecord, length: Int, probability: Float, context: (Float, Bool)?,
        isFirstOfSuffix: Bool
    ) {
        self.words = words
        self.length = length
        // Rounding can bring a sure word above 1.
        log10Probability = min(0, max(Self.log10OfZero, log10(probability)))
        log10Backoff = max(Self.log10OfZero, log10(context?.0 ?? 1))
        isContext = context?.1 ?? false
        self.isFirstOfSuffix = isFirstOfSuffix
    }
}

/// The probabilities of the n-grams that are one word shorter, in the order of suffixes.
private struct ShorterNGrams: ~Copyable {
    private var reader: RecordReader
    private var current = NGramRecord()
    private var isFirst = true
    private var hasBegun = false

    init(_ reader: consuming RecordReader) { self.reader = reader }

    /// - Parameter suffix: never before the one that was asked for last.
    /// - Returns: its probability, and whether it is asked for for the first time.
    mutating func probability(
        of suffix: NGramRecord
    ) throws(FileError) -> (probability: Float, isFirst: Bool) {
        if hasBegun, current.hasWords(of: suffix) { return (current.floats.0, false) }
        hasBegun = true
        while let next = try reader.next() {
            current = next
            if next.hasWords(of: suffix) { return (next.floats.0, true) }
        }
        preconditionFailure("an n-gram that is kept has all its parts")
    }
}

/// The weights of contexts, in the order of suffixes.
private struct Backoffs: ~Copyable {
    private var reader: RecordReader?
    private var next: NGramRecord?
    private var hasBegun = false

    init(_ reader: consuming RecordReader?) { self.reader = reader }

    /// The weight behind an n-gram, and whether any word follows it in the model; nil for one that is
    /// no context.
    ///
    /// - Parameter record: never before the one that was asked for last.
    mutating func of(_ record: NGramRecord) throws(FileError) -> (Float, Bool)? {
        if !hasBegun {
            hasBegun = true
            next = try reader?.next()
        }
        while let context = next, context.precedes(record) { next = try reader?.next() }
        guard let context = next, context.hasWords(of: record) else { return nil }
        let (weight, hasWords) = context.floats
        return (weight, hasWords == 1)
    }
}
