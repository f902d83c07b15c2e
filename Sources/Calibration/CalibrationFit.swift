internal import Threading

extension Calibration {
    /// Fewer rows say too little about others.
    package static let rowsMin = 50
    package static let groupsMin = 2

    /// Fits to rows with references: chooses the score with the least area under the risk-coverage curve
    /// of rows whose group was left out, and fits that to all.
    ///
    /// - Parameter usesAudio: whether the features of the audio may be used, too.
    /// - Parameter seed: of the draws for the interval.
    /// - Throws: `CalibrationError` if there are too few rows or groups.
    package init(
        fitting data: LabelledRows, normalizer: String, usesAudio: Bool = true, seed: UInt64 = 1
    ) throws(CalibrationError) {
        let groups = data.groupNames.count
        guard data.rows.count >= Self.rowsMin, groups >= Self.groupsMin else {
            throw CalibrationError(
                "there are \(data.rows.count) rows of \(groups) groups with a transcript and a "
                    + "reference, and \(Self.rowsMin) rows of \(Self.groupsMin) groups are needed "
                    + "(groups are by \(data.groupField); --group names another field)")
        }
        self.normalizer = normalizer
        groupField = data.groupField
        measured = Measured()

        let columns = Self.candidates(data.rows, usesAudio: usesAudio)
        WorkMeter.shared.begin("fitting", .rows, total: columns.count + 2)
        defer { WorkMeter.shared.end() }
        guard let chosen = Self.choose(data.rows, columns) else {
            throw CalibrationError("no feature is there in all rows; transcribe with --features")
        }
        measured.folds = (chosen.folds.max() ?? 0) + 1
        measured.rowAreas = chosen.areas
        measured.calibrationError = chosen.validation.reliability.expectedError ?? 0
        let trials = data.rows.trials.reduce(0, +)
        measured.errorRate = data.rows.errors.reduce(0, +) / trials
        let all = Array(data.rows.trials.indices)
        guard
            let model = ErrorModel(
                fitting: data.rows, name: chosen.name, columns: chosen.columns, rows: all)
        else { throw CalibrationError("the rows have no words") }
        rows = model
        let scores = all.map {
            ErrorModel.score(model.score, data.rows, chosen.columns, $0)
        }
        let leftOut = Self.domainsLeftOut(data, chosen)
        spread = ErrorSpread(
            data.rows, model, scores: scores, held: chosen.validation,
            domains: leftOut.map { ($0, Self.domainLabels(data)) }, seed: seed)
        WorkMeter.shared.advance(1, .rows)

        seen = Seen()
        seen.rows = data.rows.count
        seen.words = Int(trials)
        seen.hours = data.seconds / 3_600
        seen.groups = groups
        seen.languages = data.languages.sorted()
        seen.ranges = Self.ranges(data.rows, chosen.columns)
        seen.likeness = Likeness(data.rows, columns: Self.ofTranscript(data.rows))
        seen.domains = Self.domains(data, chosen.validation, leftOut)
        fitWords(data.words)
        WorkMeter.shared.advance(1, .rows)
    }

    private mutating func fitWords(_ table: TrainingTable) {
        guard table.count >= Self.rowsMin else { return }
        let measures = WordPredictors.measures.indices.filter { Self.isComplete(table, $0) }
        let everything = WordPredictors.names.indices.filter { Self.isComplete(table, $0) }
        var columns: [(name: String, columns: [Int])] = measures.map {
            (WordPredictors.names[$0], [$0])
        }
        columns.append(("combined", Array(everything)))
        guard let chosen = Self.choose(table, columns) else { return }
        words = ErrorModel(
            fitting: table, name: chosen.name, columns: chosen.columns,
            rows: Array(table.trials.indices))
        measured.wordAreas = chosen.areas
        measured.wordCalibrationError = chosen.validation.reliability.expectedError
    }

    // MARK: Choosing

    private struct Choice {
        var name: String
        var columns: [Int]
        var folds: [Int]
        var validation: CrossValidation
        var areas: [Area]
    }

    /// Single measures, then what is made of several.
    private static func candidates(
        _ table: TrainingTable, usesAudio: Bool
    ) -> [(name: String, columns: [Int])] {
        let complete = RowPredictors.names.indices.filter { isComplete(table, $0) }
        let measures = complete.filter { $0 < RowPredictors.measures.count }
        let ofTranscript = Self.ofTranscript(table)
        var candidates: [(name: String, columns: [Int])] = measures.map {
            (RowPredictors.names[$0], [$0])
        }
        if ofTranscript.count > 1 { candidates.append(("combined", ofTranscript)) }
        if usesAudio, complete.count > ofTranscript.count {
            candidates.append(("combined with audio", complete))
        }
        return candidates
    }

    /// What all rows have that is known without their audio.
    private static func ofTranscript(_ table: TrainingTable) -> [Int] {
        (0..<RowPredictors.measures.count + RowPredictors.ofText.count).filter {
            isComplete(table, $0)
        }
    }

    private static func isComplete(_ table: TrainingTable, _ column: Int) -> Bool {
        table.trials.indices.allSatisfy { row in
            let predictors = table.predictors(of: row)
            return !predictors[predictors.startIndex + column].isNaN
        }
    }

    private static func choose(
        _ table: TrainingTable, _ candidates: [(name: String, columns: [Int])]
    ) -> Choice? {
        let count = (table.groups.max() ?? -1) + 1
        var weights = [Double](repeating: 0, count: count)
        for row in table.trials.indices { weights[table.groups[row]] += table.trials[row] }
        let ofGroups = GroupedFolds.folds(ofWeights: weights)
        let folds = table.groups.map { ofGroups[$0] }
        var best: Choice?
        var areas: [Area] = []
        for candidate in candidates {
            defer { WorkMeter.shared.advance(1, .rows) }
            guard
                let validation = CrossValidation(
                    table, name: candidate.name, columns: candidate.columns, folds: folds)
            else { continue }
            // A measure that stands alone is told by its own order, which needs no fit.
            let own = candidate.columns.count == 1
            let area =
                own
                ? RawMeasure.area(table, column: candidate.columns[0]) ?? validation.area
                : validation.area
            areas.append(Area(name: candidate.name, area: area))
            if area < (areas.first { $0.name == best?.name }?.area ?? .infinity) {
                best = Choice(
                    name: candidate.name, columns: candidate.columns, folds: folds,
                    validation: validation, areas: [])
            }
        }
        guard var best else { return nil }
        best.areas = areas.sorted { ($0.area, $0.name) < ($1.area, $1.name) }
        return best
    }

    // MARK: What was seen

    private static func ranges(_ table: TrainingTable, _ columns: [Int]) -> [Range] {
        columns.map { column in
            let values = table.trials.indices.map { row in
                let predictors = table.predictors(of: row)
                return predictors[predictors.startIndex + column]
            }.sorted()
            // A little more than what was seen is not unlike it.
            let slack = (values[values.count - 1] - values[0]) / 100
            return Range(
                name: table.names[column], low: values[0] - slack,
                high: values[values.count - 1] + slack)
        }
    }

    /// Fewer domains say too little of how much domains differ.
    package static let domainsMin = 3

    /// What is expected of each domain by a fit to the others; nil where there are too few.
    private static func domainsLeftOut(
        _ data: LabelledRows, _ choice: Choice
    ) -> CrossValidation? {
        guard data.domainNames.count >= domainsMin else { return nil }
        return CrossValidation(
            data.rows, name: choice.name, columns: choice.columns, folds: domainLabels(data))
    }

    /// The domain of each row; those that name none are one more.
    private static func domainLabels(_ data: LabelledRows) -> [Int] {
        data.domains.map { $0 < 0 ? data.domainNames.count : $0 }
    }

    private static func domains(
        _ data: LabelledRows, _ validation: CrossValidation, _ leftOut: CrossValidation?
    ) -> [Domain] {
        var domains = data.domainNames.map { Domain(name: $0) }
        var reliabilities = domains.map { _ in Reliability() }
        for (row, domain) in data.domains.enumerated() where domain >= 0 {
            let (trials, errors) = (data.rows.trials[row], data.rows.errors[row])
            domains[domain].rows += 1
            domains[domain].words += Int(trials)
            domains[domain].errorRate += errors
            domains[domain].expectedErrorRate += validation.expected[row] * trials
            if let leftOut {
                domains[domain].leftOutErrorRate =
                    (domains[domain].leftOutErrorRate ?? 0) + leftOut.expected[row] * trials
            }
            reliabilities[domain].add(
                said: validation.expected[row], observed: errors, weight: trials)
        }
        for domain in domains.indices {
            let words = Double(domains[domain].words)
            domains[domain].errorRate /= words
            domains[domain].expectedErrorRate /= words
            domains[domain].leftOutErrorRate = domains[domain].leftOutErrorRate.map { $0 / words }
            domains[domain].calibrationError = reliabilities[domain].expectedError ?? 0
        }
        return domains.sorted { $0.name < $1.name }
    }
}
