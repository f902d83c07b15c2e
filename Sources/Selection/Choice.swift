internal import Calibration

/// Takes rows from the surest on, within caps and budgets, and draws the curve of all that could be taken.
struct Choice {
    private let request: SelectionRequest
    private let levels: DoubtLevels
    private let spread: ErrorSpread?

    private(set) var curve = YieldCurve()
    /// What is kept.
    private(set) var kept: YieldCurve.Point?

    // Of what the curve has by now.
    private var rows = 0
    private var words = 0
    private var milliseconds = 0
    private var errors = 0.0
    private var groups: [UInt64: GroupTotals] = [:]
    /// The sum of the squares of the groups' expected errors.
    private var groupSquares = 0.0
    private var replicateErrors: [Double]
    /// Words at the present level of doubt, which the replicates have not counted yet.
    private var waitingWords = 0
    private var waitingRank = -1
    private var folders: [UInt64: Int] = [:]
    private var duplicates: NearDuplicates?
    private var recordings: AudioDuplicates?

    private struct GroupTotals {
        var milliseconds = 0
        var errors = 0.0
    }

    private static let pointsMax = 200
    /// Of so many groups each has no weight any more.
    private static let groupsMax = 1_000_000

    init(_ request: SelectionRequest, _ levels: DoubtLevels) {
        self.request = request
        self.levels = levels
        spread = levels.calibration?.spread
        replicateErrors = [Double](repeating: 0, count: spread?.replicates.count ?? 0)
        duplicates = request.duplicateShare.map { NearDuplicates(leastShare: $0) }
        recordings = request.dropsSameAudio ? AudioDuplicates() : nil
    }

    /// Decides on every row that has no reason yet.
    ///
    /// - Parameters:
    ///   - keys: of each row, where something is asked for that needs them.
    mutating func run(_ table: inout RowTable<TableRow>, _ keys: RowKeys) {
        let order = Self.order(table)
        let step = max(1, order.count / Self.pointsMax)
        var isOpen = true
        var closing = SelectionReason.wer
        for (place, index) in order.enumerated() {
            var row = table[Int(index)]
            if let reason = cap(row, Int(index), keys) {
                row.reason = reason.rawValue
                row.value = .nan
                table[Int(index)] = row
                continue
            }
            if isOpen, let reason = budget(row) {
                isOpen = false
                closing = reason
                kept = point()
            }
            if !isOpen {
                row.reason = closing.rawValue
                row.value =
                    levels.source == .confidence ? .nan : Float(levels.expected(row.rank))
                table[Int(index)] = row
            }
            take(row, Int(index), keys)
            if place % step == step - 1 { curve.points.append(point()) }
        }
        let last = point()
        if curve.points.last?.rows != last.rows { curve.points.append(last) }
        if isOpen { kept = last }
    }

    /// Rows without a reason, the surest first and equal ones in their own order.
    private static func order(_ table: RowTable<TableRow>) -> [UInt32] {
        var starts = [Int](repeating: 0, count: 1 << 16)
        for index in 0..<table.count where table[index].reason == 0 {
            starts[Int(table[index].rank)] += 1
        }
        var sum = 0
        for rank in starts.indices { (starts[rank], sum) = (sum, sum + starts[rank]) }
        var order = [UInt32](repeating: 0, count: sum)
        for index in 0..<table.count where table[index].reason == 0 {
            let rank = Int(table[index].rank)
            order[starts[rank]] = UInt32(index)
            starts[rank] += 1
        }
        return order
    }

    private func cap(
        _ row: TableRow, _ index: Int, _ keys: RowKeys
    ) -> SelectionReason? {
        func isBeyond(_ total: Int, _ hours: Double?) -> Bool {
            guard let hours else { return false }
            // Half a millisecond hides how hours are rounded in binary.
            return Double(total + Int(row.milliseconds)) > hours * 3_600_000 + 0.5
        }
        if isBeyond(groups[row.group]?.milliseconds ?? 0, request.speakerHoursMax) {
            return .speakerHours
        }
        if let folder = keys.folders?[index],
            isBeyond(folders[folder] ?? 0, request.folderHoursMax)
        {
            return .folderHours
        }
        if let signature = keys.signatures?[index], duplicates?.isRepeated(signature) == true {
            return .duplicate
        }
        if let fingerprint = keys.fingerprints?[index],
            recordings?.isRepeated(fingerprint) == true
        {
            return .duplicateAudio
        }
        return nil
    }

    private func budget(_ row: TableRow) -> SelectionReason? {
        let after = errors + levels.expected(row.rank) * Double(row.words)
        if let most = request.errorRateMax, after > most * Double(words + Int(row.words)) {
            return .wer
        }
        if let most = request.hoursMax,
            Double(milliseconds + Int(row.milliseconds)) > most * 3_600_000 + 0.5
        {
            return .hours
        }
        return nil
    }

    private mutating func take(_ row: TableRow, _ index: Int, _ keys: RowKeys) {
        let expected = levels.expected(row.rank) * Double(row.words)
        rows += 1
        words += Int(row.words)
        milliseconds += Int(row.milliseconds)
        errors += expected
        if let folder = keys.folders?[index] {
            folders[folder, default: 0] += Int(row.milliseconds)
        }
        if let signature = keys.signatures?[index] { duplicates?.keep(signature) }
        if let fingerprint = keys.fingerprints?[index] { recordings?.keep(fingerprint) }
        if groups.count < Self.groupsMax || groups[row.group] != nil
            || request.speakerHoursMax != nil
        {
            var totals = groups[row.group] ?? GroupTotals()
            groupSquares += expected * (expected + 2 * totals.errors)
            totals.errors += expected
            totals.milliseconds += Int(row.milliseconds)
            groups[row.group] = totals
        } else {
            groupSquares += expected * expected
        }
        if Int(row.rank) != waitingRank { countReplicates() }
        waitingRank = Int(row.rank)
        waitingWords += Int(row.words)
    }

    private mutating func countReplicates() {
        if let spread, waitingWords > 0, waitingRank >= 0 {
            let (below, share) = levels.place(waitingRank, in: spread.scores)
            let above = min(below + 1, spread.scores.count - 1)
            for index in replicateErrors.indices {
                let values = spread.replicates[index]
                let value = values[below] + (values[above] - values[below]) * share
                replicateErrors[index] += value * Double(waitingWords)
            }
        }
        waitingWords = 0
    }

    private mutating func point() -> YieldCurve.Point {
        countReplicates()
        var point = YieldCurve.Point(
            rows: rows, words: words, hours: Double(milliseconds) / 3_600_000, errorRate: nil,
            interval: nil, rowErrorRate: nil, confidence: nil)
        let rank = UInt16(clamping: max(0, waitingRank))
        guard levels.source != .confidence else {
            point.confidence = rows > 0 ? levels.confidence(rank) : nil
            return point
        }
        let rate = words > 0 ? errors / Double(words) : 0
        point.errorRate = rate
        point.rowErrorRate = levels.expected(rank)
        point.interval = spread?.interval(
            rate: rate, errors: errors, replicateErrors: replicateErrors,
            groupShares: errors > 0 ? groupSquares / (errors * errors) : 0)
        return point
    }
}

/// Doubt in 65,536 steps: little enough to sort ten million rows by counting, and finer than what
/// calibrations can tell apart.
struct DoubtLevels: Sendable {
    /// By what rows are sure.
    enum Source {
        case calibration
        /// `expected_wer` of records, by the calibration of their job.
        case records
        case confidence
    }

    let source: Source
    let calibration: Calibration?
    private let low: Double
    private let span: Double
    private let rates: [Double]

    private static let steps = 65_535.0

    /// - Parameter recordsSayErrors: they do, where no calibration is given.
    init(_ calibration: Calibration?, recordsSayErrors: Bool = false) {
        self.calibration = calibration
        guard let calibration else {
            source = recordsSayErrors ? .records : .confidence
            (low, span) = (0, 1)
            rates = recordsSayErrors ? (0...65_535).map { Double($0) / Self.steps } : []
            return
        }
        source = .calibration
        // Scores beyond the knots have the errors of the last one, but keep their order for a while.
        let scores = calibration.rows.map.scores
        let width = max(1e-9, scores[scores.count - 1] - scores[0])
        let (first, range) = (scores[0] - width / 2, 2 * width)
        (low, span) = (first, range)
        rates = (0...65_535).map { rank in
            calibration.rows.map(first + range * (Double(rank) / Self.steps))
        }
    }

    /// - Parameter score: of a calibration; or the error rate that a record says.
    func rank(score: Double) -> UInt16 {
        let share = min(1, max(0, (score - low) / span))
        return UInt16((share * Self.steps).rounded())
    }

    func rank(confidence: Double?) -> UInt16 {
        guard let confidence else { return .max }
        return UInt16((min(1, max(0, 1 - confidence)) * Self.steps).rounded())
    }

    func confidence(_ rank: UInt16) -> Double { 1 - Double(rank) / Self.steps }

    /// Errors a word; 0 where rows are sure by their confidence alone.
    func expected(_ rank: UInt16) -> Double { rates.isEmpty ? 0 : rates[Int(rank)] }

    /// Between which two of some scores a level lies, and how far from the first.
    func place(_ rank: Int, in scores: [Double]) -> (below: Int, share: Double) {
        let score = low + span * (Double(rank) / Self.steps)
        guard score > scores[0] else { return (0, 0) }
        let last = scores.count - 1
        guard score < scores[last] else { return (last, 0) }
        var (below, above) = (0, last)
        while above - below > 1 {
            let middle = (below + above) / 2
            if scores[middle] <= score { below = middle } else { above = middle }
        }
        return (below, (score - scores[below]) / (scores[above] - scores[below]))
    }
}
