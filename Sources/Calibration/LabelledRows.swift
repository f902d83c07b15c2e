package import ErrorRates
internal import Manifests
internal import MeasuredRows
internal import TextNormalizers
internal import Threading
internal import TranscriptRows

/// Rows and words of an output with references, as they are fitted to.
package struct LabelledRows: Sendable {
    package private(set) var rows = TrainingTable(names: RowPredictors.names)
    package private(set) var words = TrainingTable(names: WordPredictors.names)
    /// Names of the groups, in the order of their first row.
    package private(set) var groupNames: [String] = []
    /// The domain of each row of the table.
    package private(set) var domains: [Int] = []
    package private(set) var domainNames: [String] = []
    package private(set) var languages: Set<String> = []
    package private(set) var seconds = 0.0
    package private(set) var rowsWithoutReference = 0
    package private(set) var rowsWithoutTranscript = 0
    package private(set) var rowsOfChannels = 0
    package private(set) var groupField = "speaker"

    private var groupNumbers: [String: Int] = [:]
    private var domainNumbers: [String: Int] = [:]

    /// What is read, and how it is compared.
    package struct Request: Sendable {
        package var output: String
        package var features: String?
        package var comparison: TextComparison
        package var reference = "text"
        /// What belongs together; nil: `speaker` where the first row has one, otherwise the recording.
        package var group: String?
        package var domain: String?

        package init(output: String, comparison: TextComparison) {
            self.output = output
            self.comparison = comparison
        }
    }

    /// More rows take memory and say no more.
    package static let rowsMax = 2_000_000

    /// Reads an output.
    ///
    /// - Throws: `CalibrationError` if there is nothing to fit to; `MeasuredRows.Fault` or
    ///   `ManifestError` if something cannot be read.
    package init(_ request: Request) throws {
        WorkMeter.shared.begin("reading \(request.output)", .bytes)
        defer { WorkMeter.shared.end() }
        var reading = RowReading()
        reading.reference = request.reference
        reading.readsWords = true
        reading.fields = [request.group, request.domain].compactMap(\.self)
        let source = try MeasuredRows(
            ofOutput: request.output, features: request.features, reading)
        var isFirst = true
        while let (row, _) = try source.next() {
            if isFirst {
                groupField =
                    request.group ?? (row.speaker == nil ? "audio_filepath" : "speaker")
                isFirst = false
            }
            var fields = row.fields[...]
            let group = request.group == nil ? nil : fields.popFirst() ?? nil
            let domain = request.domain == nil ? nil : fields.popFirst() ?? nil
            add(row, group: group, domain: domain, request)
            guard rows.count <= Self.rowsMax else {
                throw CalibrationError(
                    "\(request.output) has more than \(Self.rowsMax) rows with references; calibrate "
                        + "on a part of them")
            }
        }
        guard rows.count > 0 else {
            throw CalibrationError(
                "no row of \(request.output) has both a transcript and a reference in "
                    + "`\(request.reference)`; calibrate on rows whose text is known")
        }
    }

    private mutating func add(
        _ row: MeasuredRow, group: String?, domain: String?, _ request: Request
    ) {
        let normalizer = request.comparison.normalizer
        let reference = row.reference.map(normalizer.words) ?? []
        guard !reference.isEmpty else {
            rowsWithoutReference += 1
            return
        }
        guard !row.hasChannels else {
            rowsOfChannels += 1
            return
        }
        let hypothesis = normalizer.words(row.text)
        guard row.isTranscribed, !hypothesis.isEmpty else {
            rowsWithoutTranscript += 1
            return
        }
        let score = request.comparison.score(
            words: reference, hypothesis: hypothesis, listsPairs: true)
        let name =
            group ?? (groupField == "speaker" ? row.speaker ?? row.audioName : row.audioName)
        let number = Self.number(of: name, &groupNumbers, &groupNames)
        rows.append(
            RowPredictors.values(of: row), trials: Double(reference.count),
            errors: Double(score.words.errors), group: number)
        domains.append(
            domain.map { Self.number(of: $0, &domainNumbers, &domainNames) } ?? -1)
        if let language = row.language { languages.insert(language) }
        seconds += row.seconds
        addWords(row, score.pairs, normalizer, group: number)
    }

    /// Labels the words of the record: one is right if all that the normaliser makes of it is.
    private mutating func addWords(
        _ row: MeasuredRow, _ pairs: [AlignedPair], _ normalizer: TextNormalizer, group: Int
    ) {
        let predictors = WordPredictors.values(of: row)
        guard let texts = row.words, !predictors.isEmpty else { return }
        let said = pairs.filter { $0.hypothesis != nil }
        let counts = texts.map { normalizer.words($0.text).count }
        // Normalisers may make one word of two, such as numbers; such a row says nothing of its words.
        guard counts.reduce(0, +) == said.count else { return }
        var place = 0
        for (count, values) in zip(counts, predictors) where count > 0 {
            let isRight = said[place..<place + count].allSatisfy { $0.operation == .hit }
            words.append(values, trials: 1, errors: isRight ? 0 : 1, group: group)
            place += count
        }
    }

    private static func number(
        of name: String, _ numbers: inout [String: Int], _ names: inout [String]
    ) -> Int {
        if let number = numbers[name] { return number }
        numbers[name] = names.count
        names.append(name)
        return names.count - 1
    }
}
