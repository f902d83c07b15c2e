internal import ErrorRates
internal import Files
internal import JobVerification
internal import Processes
internal import Threading

/// How right an output is, by the references in its rows or in an STM file.
package struct OutputEvaluation {
    package let request: EvaluationRequest
    private(set) var report: ErrorRateReport
    private(set) var confusions = Confusions()
    /// The rows with the most errors, worst first.
    private(set) var worst: [EvaluatedUtterance] = []
    private(set) var bootstrap: BootstrapInterval?
    private(set) var comparison: SystemComparison?
    var rowsWithoutReference = 0
    /// Rows whose audio nobody knows the length of; they count no hours.
    var rowsWithoutLength = 0
    /// Segments that the STM file says are not scored.
    var segmentsIgnored = 0
    /// Rows of recordings that the STM file does not have.
    var rowsOutsideReferences = 0
    private var rowsFile: AtomicFile?

    /// The group of rows without the field that groups are made by.
    static let noName = "(none)"

    /// Evaluates.
    ///
    /// - Throws: `VerificationError` for a line that is no record, two outputs that are not of the same
    ///   rows, or if no row has the field of the groups; `ManifestError` or `FileError` if something
    ///   cannot be read or written.
    package init(_ request: EvaluationRequest) throws {
        self.request = request
        report = ErrorRateReport(request.comparison)
        if request.replicates > 0 {
            bootstrap = BootstrapInterval(
                replicates: request.replicates, seed: request.seed,
                comparesTwo: request.other != nil)
        }
        comparison = request.other.map { SystemComparison(path: $0) }
        rowsFile = try request.rowsPath.map { path throws(FileError) in
            try AtomicFile(path, isDurable: false)
        }
        WorkMeter.shared.begin("reading \(request.output)", .bytes)
        defer { WorkMeter.shared.end() }
        if let stm = request.stm {
            try evaluateSegments(of: STMFile(path: stm))
        } else {
            try evaluateRows()
        }
        if let field = request.by, report.sortedGroups.map(\.name) == [Self.noName] {
            throw VerificationError(
                ExitStatus.usage, "no row of \(request.output) has the field \(field)")
        }
        try rowsFile?.commit()
    }

    /// Counts one row or segment, and what the other output makes of it.
    mutating func add(
        _ utterance: EvaluatedUtterance, other: TextComparison.Score?
    ) throws(FileError) {
        let score = utterance.score
        report.add(
            score, isTranscribed: utterance.isTranscribed, group: utterance.group,
            audioSeconds: utterance.audioSeconds)
        bootstrap?.add(score.words, other: other?.words, block: utterance.block)
        if let other { comparison?.add(score, other) }
        if request.confusionCount > 0 { confusions.add(score.pairs) }
        if request.worstCount > 0, score.words.errors > 0 { keepIfBad(utterance) }
        if let rowsFile { try rowsFile.write(utterance.json) }
    }

    private mutating func keepIfBad(_ utterance: EvaluatedUtterance) {
        let errors = utterance.score.words.errors
        if worst.count == request.worstCount, let last = worst.last,
            last.score.words.errors >= errors
        {
            return
        }
        let place = worst.firstIndex { $0.score.words.errors < errors } ?? worst.endIndex
        worst.insert(utterance, at: place)
        if worst.count > request.worstCount { worst.removeLast() }
    }
}
