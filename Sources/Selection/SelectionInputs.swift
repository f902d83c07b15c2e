internal import Calibration
internal import Digests
internal import ErrorRates
internal import Files
internal import MeasuredRows
internal import SpeechTypes
internal import TextNormalizers
internal import Threading
internal import TranscriptRows

/// The first pass over an output: what each row is like, and which limits it does not keep.
struct SelectionInputs {
    private(set) var table = RowTable<TableRow>()
    private(set) var keys = RowKeys()
    let levels: DoubtLevels
    /// Rows that are unlike what the calibration saw.
    private(set) var rowsOutside = 0
    private(set) var rowsFar = 0
    /// Rows that pass the limits.
    private(set) var rowsWithin = 0
    private(set) var seconds = 0.0

    private let request: SelectionRequest
    private let filters: RowFilters
    private let scorer: RowScorer?
    /// See ``Calibration/Seen/usualOutsideShare``.
    var usualOutsideShare: Double { scorer?.calibration.seen.usualOutsideShare ?? 0 }
    private var hearing: Hearing?

    /// - Throws: `CalibrationError`, `MeasuredRows.Fault` or `ManifestError`.
    init(
        _ request: SelectionRequest, _ calibration: Calibration?, _ audio: RowAudio? = nil
    ) throws {
        self.request = request
        let saysErrors = try calibration == nil && Self.saysErrors(request)
        filters = RowFilters(request.limits)
        scorer = calibration.map { RowScorer($0) }
        levels = DoubtLevels(calibration, recordsSayErrors: saysErrors)
        keys.folders = request.folderHoursMax == nil ? nil : RowTable()
        keys.signatures = request.duplicateShare == nil ? nil : RowTable()
        if request.dropsSameAudio, let audio {
            hearing = Hearing(audio)
            keys.fingerprints = RowTable()
        }
        if let calibration { try checkMeasures(calibration) }
        guard
            levels.source != .confidence
                || (request.errorRateMax == nil && request.limits.rowErrorsMax == nil)
        else {
            throw CalibrationError(
                "what error rate to expect is said by a calibration; give --calibration X.calibration, "
                    + "which scriptorium calibrate makes, here or when you transcribe")
        }
        WorkMeter.shared.begin("reading \(request.output)", .bytes)
        defer { WorkMeter.shared.end() }
        var reading = RowReading()
        reading.readsWords = false
        let rows = try MeasuredRows(
            ofOutput: request.output, features: request.features, reading)
        let others = try request.other.map {
            try MeasuredRows(ofOutput: $0, features: nil, reading)
        }
        while let (row, _) = try rows.next() {
            let other = try others.map { try partner(of: row, in: $0) }
            add(row, other)
            guard table.count < Int(Int32.max) else {
                throw CalibrationError("\(request.output) has more than 2,147,483,646 rows")
            }
        }
        hear(atLeast: 1)
        try hearing?.check()
        if try others?.next() != nil {
            throw CalibrationError(
                "\(request.other ?? "") has more rows than \(request.output); --agree takes an output "
                    + "of the same rows")
        }
    }

    /// Whether the records say what errors to expect: the first one with a word tells.
    private static func saysErrors(_ request: SelectionRequest) throws -> Bool {
        let rows = try MeasuredRows(
            ofOutput: request.output, features: nil, RowReading())
        while let (row, _) = try rows.next() {
            if row.isTranscribed, !row.hasChannels, row.wordCount > 0 {
                return row.expectedErrorRate != nil
            }
        }
        return false
    }

    /// What a calibration says of a row, or the row's record.
    private func reading(of row: MeasuredRow) -> RowScorer.Reading? {
        guard row.isTranscribed, !row.hasChannels else { return nil }
        guard levels.source == .records else { return scorer?(row) }
        guard let rate = row.expectedErrorRate else {
            return RowScorer.Reading(
                score: 1, expected: 1, isOutside: false, missing: "expected_wer")
        }
        return RowScorer.Reading(score: rate, expected: rate, isOutside: false, missing: nil)
    }

    private func checkMeasures(_ calibration: Calibration) throws(CalibrationError) {
        guard request.features == nil,
            calibration.rows.score.terms.contains(where: { $0.name != "confidence" })
        else { return }
        throw CalibrationError(
            "the calibration goes by features, and \(request.output) has none; transcribe with "
                + "--features, or calibrate on an output without them")
    }

    private func partner(of row: MeasuredRow, in others: MeasuredRows) throws -> MeasuredRow {
        guard let (other, _) = try others.next() else {
            throw CalibrationError(
                "\(request.other ?? "") has fewer rows than \(request.output); --agree takes an "
                    + "output of the same rows")
        }
        guard other.audio == row.audio, other.start == row.start, other.id == row.id else {
            throw CalibrationError(
                "line \(row.lineNumber) of \(request.output) and line \(other.lineNumber) of "
                    + "\(request.other ?? "") are not the same row; --agree takes an output of the "
                    + "same rows")
        }
        return other
    }

    private mutating func add(_ row: MeasuredRow, _ other: MeasuredRow?) {
        let reading = reading(of: row)
        var entry = TableRow()
        entry.group = group(of: row)
        entry.milliseconds = UInt32(clamping: (row.duration?.nanoseconds ?? 0) / 1_000_000)
        entry.words = UInt16(clamping: row.wordCount)
        entry.rank =
            reading.map { levels.rank(score: $0.score) } ?? levels.rank(confidence: row.confidence)
        let agreement = other.map { Self.agreement(row.text, $0.text) }
        let finding = filters.finding(row, reading, agreement: agreement)
        entry.reason = finding?.reason.rawValue ?? 0
        entry.value = Float(finding?.value ?? row.features?[.level] ?? .nan)
        table.append(entry)
        seconds += row.seconds
        keys.folders?.append(KeyHash.key(row.audio.folder.bytes, kind: 3))
        keys.signatures?.append(
            entry.reason == 0 ? NearDuplicates.signature(of: row.text) : [])
        keys.fingerprints?.append([])
        if hearing != nil, finding == nil {
            hearing?.wait(row, reading)
            hear(atLeast: hearing?.rowsAtOnce ?? 1)
        } else if finding == nil || finding?.reason == .rowErrors {
            count(reading)
        }
    }

    /// Which errors are expected says nothing of whether these rows are of a kind that was calibrated on.
    private mutating func count(_ reading: RowScorer.Reading?) {
        rowsWithin += 1
        if reading?.isOutside == true { rowsOutside += 1 }
        if reading?.isFar == true { rowsFar += 1 }
    }

    /// Hears the rows that wait, if they are so many.
    private mutating func hear(atLeast least: Int) {
        for heard in hearing?.hear(atLeast: least) ?? [] {
            guard let fingerprint = heard.fingerprint else {
                table[heard.ordinal].reason = SelectionReason.unmeasured.rawValue
                table[heard.ordinal].value = .nan
                continue
            }
            keys.fingerprints?[heard.ordinal] = fingerprint
            count(heard.reading)
        }
    }

    /// Of all fingerprints, in hexadecimal digits; nil where nothing was heard.
    var audioDigest: String? { hearing?.digest }

    private func group(of row: MeasuredRow) -> UInt64 {
        if request.splitsBy == .speaker, let speaker = row.speaker {
            return KeyHash.key(speaker.utf8, kind: 1)
        }
        return KeyHash.key(row.audio.bytes, kind: 2)
    }

    /// How much of two texts is the same: 1 less the edits by the words of the longer one.
    static func agreement(_ first: String, _ second: String) -> Double {
        let words = TextNormalizer.basic.words(first)
        let others = TextNormalizer.basic.words(second)
        let longest = max(words.count, others.count)
        guard longest > 0 else { return 1 }
        let edits = EditAlignment.counts(
            reference: words, hypothesis: others, by: .levenshtein)
        return max(0, 1 - Double(edits.errors) / Double(longest))
    }

    /// Decides on all rows: the curve, and what is kept.
    mutating func choose() -> (curve: YieldCurve, kept: YieldCurve.Point?) {
        var choice = Choice(request, levels)
        choice.run(&table, keys)
        deal()
        return (choice.curve, choice.kept)
    }

    /// Puts the rows that are kept into the parts.
    private mutating func deal() {
        guard !request.parts.isEmpty else { return }
        var weights: [UInt64: Int]? = [:]
        for index in 0..<table.count where table[index].reason == 0 {
            weights?[table[index].group, default: 0] += Int(table[index].milliseconds)
            if let count = weights?.count, count > PartAssignment.dealtMax { weights = nil }
        }
        let assignment = PartAssignment(
            weights, shares: request.parts.map(\.share), seed: request.seed)
        for index in 0..<table.count where table[index].reason == 0 {
            var row = table[index]
            row.part = assignment.part(of: row.group)
            table[index] = row
        }
    }
}
