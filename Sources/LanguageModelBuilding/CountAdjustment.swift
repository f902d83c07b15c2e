/// Makes counts of shorter n-grams of those of the longest: how many different words come before them
/// (Kneser and Ney 1995); at the beginning of a sentence, where nothing comes before, how often they
/// were seen.
///
/// Takes the longest n-grams in the order of suffixes and gives all n-grams, those of each length in
/// that order. `<unk>` and `<s>` come first among the words, with a count of 0.
package struct CountAdjustment {
    private let order: Int
    /// N-grams of each length that were seen so often or less are cut.
    private let thresholds: [UInt64]
    package private(set) var statistics: [CountsOfCounts]
    /// The n-grams that the last one ends with: `open[k]` of k + 1 words has been seen with as many
    /// words before it.
    private var last = NGramRecord()
    private var openCount = 0
    private var adjusted: [UInt64]
    private var occurrences: [UInt64]

    /// - Parameter thresholds: one for each length.
    package init(order: Int, thresholds: [UInt64]) {
        self.order = order
        self.thresholds = thresholds
        statistics = Array(repeating: CountsOfCounts(), count: order)
        adjusted = Array(repeating: 0, count: order)
        occurrences = adjusted
    }

    /// Takes the first n-grams' place.
    package mutating func begin<Failure: Error>(
        _ emit: (Int, NGramRecord) throws(Failure) -> Void
    ) throws(Failure) {
        for word in [WordTable.unknown, WordTable.sentenceBegin] {
            statistics[0].add(0, isCut: false)
            try emit(1, NGramRecord([word]))
        }
    }

    /// - Parameters:
    ///   - record: of the longest length, its value how often it was seen.
    ///   - emit: takes the length and an n-gram whose value is an ``NGramCount``.
    package mutating func add<Failure: Error>(
        _ record: NGramRecord, _ emit: (Int, NGramRecord) throws(Failure) -> Void
    ) throws(Failure) {
        let seen = record.value
        let shared = min(openCount, record.sharedCount(with: last))
        try close(downTo: shared, emit)
        for length in 0..<shared { occurrences[length] += seen }
        if shared > 0 { adjusted[shared - 1] += 1 }
        var length = shared
        while length < order - 1, record[length] != WordTable.sentenceBegin {
            (adjusted[length], occurrences[length]) = (1, seen)
            length += 1
        }
        if length < order - 1 {
            // A shorter n-gram at the beginning of a sentence.
            (adjusted[length], occurrences[length]) = (seen, seen)
            length += 1
        } else {
            let isCut = seen <= thresholds[order - 1] && !isSpecial(record, order)
            statistics[order - 1].add(seen, isCut: isCut)
            var longest = record
            longest.value = NGramCount(seen, isCut: isCut).bits
            try emit(order, longest)
        }
        openCount = length
        last = record
    }

    /// Ends what is still open.
    package mutating func finish<Failure: Error>(
        _ emit: (Int, NGramRecord) throws(Failure) -> Void
    ) throws(Failure) {
        // lmplz counts the last n-gram of each length by its occurrences, and these are its discounts.
        try close(downTo: 0, countsOccurrences: true, emit)
    }

    private mutating func close<Failure: Error>(
        downTo count: Int, countsOccurrences: Bool = false,
        _ emit: (Int, NGramRecord) throws(Failure) -> Void
    ) throws(Failure) {
        while openCount > count {
            openCount -= 1
            var record = last.prefix(openCount + 1)
            let isCut =
                occurrences[openCount] <= thresholds[openCount] && !isSpecial(record, openCount + 1)
            statistics[openCount].add(
                countsOccurrences ? occurrences[openCount] : adjusted[openCount], isCut: isCut)
            record.value = NGramCount(adjusted[openCount], isCut: isCut).bits
            try emit(openCount + 1, record)
        }
    }

    /// Words without which there is no model.
    private func isSpecial(_ record: NGramRecord, _ length: Int) -> Bool {
        length == 1 && record[0] < WordTable.specialCount
    }
}
