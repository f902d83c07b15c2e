package import Calibration
package import ErrorRates
internal import Manifests
internal import MeasuredRows
internal import TextNormalizers
internal import Threading

/// Two outputs of the same rows, held against each other: how much of them is the same, which rows
/// changed, and, where there are references, whether one is better.
package struct PairedOutputs: Sendable {
    package struct Request: Sendable {
        package var first: String
        package var second: String
        /// `OUT.features.jsonl` of the first; only a calibration needs it.
        package var features: String?
        package var calibration: Calibration?
        package var comparison: TextComparison
        package var reference = "text"
        /// Rows that a person's minute helps most; 0 for none.
        package var reviewCount = 0
        /// Replicates of the interval; 0 for none.
        package var replicates = 0
        package var seed: UInt64 = 1

        package init(first: String, second: String, comparison: TextComparison) {
            self.first = first
            self.second = second
            self.comparison = comparison
        }
    }

    package private(set) var rows = 0
    /// Rows of which both outputs have a transcript.
    package private(set) var rowsOfBoth = 0
    package private(set) var rowsOnlyInFirst = 0
    package private(set) var rowsOnlyInSecond = 0
    package private(set) var rowsEqual = 0
    /// Of the second's words against the first's.
    package private(set) var edits = EditCounts()
    /// Of words in the longer text of each row: what edits are a share of.
    package private(set) var wordsOfLonger = 0
    package private(set) var references: References?
    /// The most useful first.
    package private(set) var review: [ReviewRow] = []

    /// What references say of both.
    package struct References: Sendable {
        package var rows = 0
        package var first = EditCounts()
        package var second = EditCounts()
        package var test = MatchedPairsTest()
        package var bootstrap: BootstrapInterval?
    }

    /// Compares, and calls `changed` with each row that both have and that is not the same.
    ///
    /// - Throws: `CalibrationError` if the outputs are not of the same rows, or a calibration lacks
    ///   features; what reading or `changed` throws.
    package init(
        _ request: Request, changed: (ChangedRow) throws -> Void = { _ in }
    ) throws {
        WorkMeter.shared.begin("comparing \(request.first)", .bytes)
        defer { WorkMeter.shared.end() }
        if let calibration = request.calibration, request.features == nil,
            calibration.rows.score.terms.contains(where: { $0.name != "confidence" })
        {
            throw CalibrationError(
                "the calibration goes by features, and \(request.first) has none; transcribe with "
                    + "--features, or compare without --calibration")
        }
        var reading = RowReading()
        reading.reference = request.reference
        let first = try MeasuredRows(
            ofOutput: request.first, features: request.features, reading)
        let second = try MeasuredRows(ofOutput: request.second, features: nil, reading)
        let scorer = request.calibration.map { RowScorer($0) }
        while let (row, _) = try first.next() {
            guard let (other, _) = try second.next() else {
                throw Self.different(
                    request, "line \(row.lineNumber) of the first has no partner")
            }
            guard other.audio == row.audio, other.start == row.start, other.id == row.id else {
                throw Self.different(
                    request,
                    "line \(row.lineNumber) of the first and line \(other.lineNumber) of the second "
                        + "are of other audio")
            }
            try add(row, other, request, scorer, changed)
        }
        if let (row, _) = try second.next() {
            throw Self.different(request, "line \(row.lineNumber) of the second has no partner")
        }
    }

    private static func different(_ request: Request, _ what: String) -> CalibrationError {
        CalibrationError(
            "\(request.first) and \(request.second) are not outputs of the same rows: \(what); "
                + "compare outputs of one manifest")
    }

    private mutating func add(
        _ row: MeasuredRow, _ other: MeasuredRow, _ request: Request, _ scorer: RowScorer?,
        _ changed: (ChangedRow) throws -> Void
    ) throws {
        rows += 1
        let words = request.comparison.normalizer.words(row.text)
        let others = request.comparison.normalizer.words(other.text)
        score(row, words, others, request)
        guard row.isTranscribed, other.isTranscribed else {
            if row.isTranscribed { rowsOnlyInFirst += 1 }
            if other.isTranscribed { rowsOnlyInSecond += 1 }
            return
        }
        rowsOfBoth += 1
        let counts = request.comparison.score(
            words: words, hypothesis: others, listsPairs: false
        ).words
        edits = edits + counts
        wordsOfLonger += max(words.count, others.count)
        if counts.errors == 0 { rowsEqual += 1 }
        let change = ChangedRow(row, other, edits: counts.errors)
        if counts.errors > 0 { try changed(change) }
        if request.reviewCount > 0 {
            let rate = scorer.map { min(1, $0(row).expected) } ?? row.expectedErrorRate
            keep(
                ReviewRow(change, expectedErrors: rate.map { $0 * Double(row.wordCount) }),
                atMost: request.reviewCount)
        }
    }

    private mutating func score(
        _ row: MeasuredRow, _ words: [String], _ others: [String], _ request: Request
    ) {
        let reference = row.reference.map(request.comparison.normalizer.words) ?? []
        guard !reference.isEmpty else { return }
        var found = references ?? References()
        if references == nil, request.replicates > 0 {
            found.bootstrap = BootstrapInterval(
                replicates: request.replicates, seed: request.seed, comparesTwo: true)
        }
        let first = request.comparison.score(
            words: reference, hypothesis: words, listsPairs: true)
        let second = request.comparison.score(
            words: reference, hypothesis: others, listsPairs: true)
        found.rows += 1
        found.first = found.first + first.words
        found.second = found.second + second.words
        found.test.add(first.pairs, second.pairs)
        found.bootstrap?.add(
            first.words, other: second.words, block: Array("row \(row.ordinal)".utf8))
        references = found
    }

    private mutating func keep(_ row: ReviewRow, atMost count: Int) {
        guard row.gain > 0 else { return }
        if review.count == count, let last = review.last, last.gain >= row.gain { return }
        var (low, high) = (0, review.count)
        while low < high {
            let middle = (low + high) / 2
            if review[middle].gain >= row.gain { low = middle + 1 } else { high = middle }
        }
        review.insert(row, at: low)
        if review.count > count { review.removeLast() }
    }

    /// How much of both is the same, from 0 to 1; nil where there are no words.
    package var agreement: Double? {
        wordsOfLonger == 0
            ? nil : max(0, 1 - Double(edits.errors) / Double(wordsOfLonger))
    }
}
