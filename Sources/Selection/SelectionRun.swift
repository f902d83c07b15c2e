internal import Calibration
internal import Digests
internal import Files
internal import Manifests
internal import MeasuredRows
internal import StrictJSON
internal import Threading
internal import TranscriptRows

/// Chooses rows of an output and writes a folder of them: kept rows, rejected rows with reasons, the
/// curve, and a card by which the same can be made again.
package struct SelectionRun {
    package let request: SelectionRequest
    /// What is said of where the output comes from, on the card.
    package let origin: [(name: String, text: String)]
    package private(set) var summary = SelectionSummary()

    private let expected: SelectionCard.Inputs?
    private let audio: RowAudio?

    /// - Parameters:
    ///   - origin: such as the model's name, from the job's report.
    ///   - audio: what hears the rows' audio, for a request that asks for it.
    ///   - expected: digests that the inputs must have; nil for whatever there is.
    package init(
        _ request: SelectionRequest, origin: [(name: String, text: String)] = [],
        audio: RowAudio? = nil, expecting expected: SelectionCard.Inputs? = nil
    ) {
        precondition(audio != nil || !request.dropsSameAudio, "equal audio is heard")
        self.audio = audio
        self.request = request
        self.origin = origin
        self.expected = expected
    }

    /// Chooses, and writes if there is a folder to write.
    ///
    /// - Parameter folder: must not be there, or be empty; nil for the summary alone.
    /// - Throws: `CalibrationError`, `MeasuredRows.Fault`, `ManifestError` or `FileError`.
    package mutating func run(into folder: String?) throws {
        let target = try folder.map { try TargetFolder($0) }
        let file = try request.calibration.map { try CalibrationFile(path: $0) }
        var inputs = try SelectionCard.Inputs(of: request, calibration: file?.digest.hex)
        // What is heard is known later; other files are told apart before they are read.
        inputs.audio = expected?.audio
        try check(inputs)
        var rows = try SelectionInputs(request, file?.calibration, audio)
        inputs.audio = rows.audioDigest
        try check(inputs)
        (summary.curve, summary.kept) = rows.choose()
        count(rows)
        try distrust()
        guard let target else { return }
        try write(rows, inputs, file?.calibration, in: target)
        try target.commit()
    }

    private func check(_ inputs: SelectionCard.Inputs) throws(CalibrationError) {
        if let expected, let difference = inputs.difference(from: expected) {
            throw CalibrationError(difference)
        }
    }

    private mutating func count(_ rows: SelectionInputs) {
        summary.rows = rows.table.count
        summary.hours = rows.seconds / 3_600
        (summary.rowsWithin, summary.rowsOutside) = (rows.rowsWithin, rows.rowsOutside)
        summary.usualOutsideShare = rows.usualOutsideShare
        summary.rowsFar = rows.rowsFar
        summary.parts = request.partNames.map { SelectionSummary.Part(name: $0) }
        var reasons = [Int](repeating: 0, count: 256)
        var groups = request.partNames.map { _ in Set<UInt64>() }
        for index in 0..<rows.table.count {
            let row = rows.table[index]
            reasons[Int(row.reason)] += 1
            guard row.reason == 0 else { continue }
            let part = Int(row.part)
            summary.parts[part].rows += 1
            summary.parts[part].hours += Double(row.milliseconds) / 3_600_000
            if groups[part].count < PartAssignment.dealtMax { groups[part].insert(row.group) }
            summary.lengths.add(Double(row.milliseconds) / 1_000)
            summary.levels.add(Double(row.value))
            if rows.levels.source != .confidence {
                summary.errorRates.add(rows.levels.expected(row.rank))
            }
        }
        for part in groups.indices {
            // Of more groups than a set should hold, their keys are sorted.
            let count = groups[part].count
            summary.parts[part].groups =
                count < PartAssignment.dealtMax ? count : groupCount(of: part, in: rows.table)
            // No group is in two parts.
            summary.groups += summary.parts[part].groups
        }
        summary.rejected = SelectionReason.allCases.compactMap { reason in
            let count = reasons[Int(reason.rawValue)]
            return count > 0 ? (reason, count) : nil
        }
    }

    private func groupCount(of part: Int, in table: RowTable<TableRow>) -> Int {
        var keys: [UInt64] = []
        keys.reserveCapacity(summary.parts[part].rows)
        for index in 0..<table.count where table[index].reason == 0 && table[index].part == part {
            keys.append(table[index].group)
        }
        keys.sort()
        return zip(keys, keys.dropFirst()).count { $0 != $1 } + min(1, keys.count)
    }

    /// Takes back what a calibration cannot know: how far other speech than it was made of may be from what it
    /// expects.
    ///
    /// - Throws: `CalibrationError` if rows were to be chosen by that.
    private mutating func distrust() throws(CalibrationError) {
        guard summary.isUnlike else { return }
        let isByErrors = request.errorRateMax != nil || request.limits.rowErrorsMax != nil
        guard !isByErrors || request.trustsUnlike else {
            throw CalibrationError(
                "\(request.output) is other speech than \(request.calibration ?? "") was made of: of "
                    + "\(summary.rowsWithin) rows \(summary.rowsFar) are far from those that it saw, and "
                    + "\(summary.rowsOutside) outside of them, so nobody knows their error rates. "
                    + "Calibrate on a sample of this speech, choose by --hours, or give --unlike to go by "
                    + "the calibration all the same")
        }
        summary.kept?.interval = nil
        for index in summary.curve.points.indices { summary.curve.points[index].interval = nil }
    }

    // MARK: Writing

    private mutating func write(
        _ rows: SelectionInputs, _ inputs: SelectionCard.Inputs, _ calibration: Calibration?,
        in target: TargetFolder
    ) throws {
        try writeRows(rows, in: target)
        try target.write(SelectionReport.json(summary.curve), to: "yield.json")
        try target.write(
            Array(YieldPicture.svg(summary.curve, kept: summary.kept).utf8), to: "yield.svg")
        let card = SelectionCard(
            request: request, inputs: inputs, summary: summary, origin: origin)
        try target.write(card.json, to: "card.json")
        try target.write(Array(card.page(calibration).utf8), to: "README.md")
    }

    /// The second pass: each line goes where its row belongs.
    private mutating func writeRows(_ rows: SelectionInputs, in target: TargetFolder) throws {
        let files = try request.partNames.map { try RowsFile(target.path("\($0).jsonl")) }
        let rejected = try RowsFile(target.path("rejected.jsonl"))
        var licences: [String: Int] = [:]
        WorkMeter.shared.begin("writing the rows of \(request.output)", .bytes)
        defer { WorkMeter.shared.end() }
        let reader = try LineReader(request.output)
        var ordinal = 0
        while let line = try reader.nextRow() {
            guard ordinal < rows.table.count else { throw changed }
            let row = rows.table[ordinal]
            let place = try RecordPlace(line, request.licenceField)
            if let reason = SelectionReason(rawValue: row.reason) {
                try rejected.write(Self.rejection(ordinal, line, row, reason, place))
            } else {
                if let licence = place.licence { licences[licence, default: 0] += 1 }
                try files[Int(row.part)].write(
                    Self.record(line, place, row, rows.levels))
            }
            ordinal += 1
        }
        guard ordinal == rows.table.count else { throw changed }
        for (part, file) in files.enumerated() {
            summary.parts[part].digest = try file.commit()
        }
        _ = try rejected.commit()
        summary.licences = licences.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private var changed: CalibrationError {
        CalibrationError("\(request.output) was written to while it was read; run this again")
    }

    /// The record with what is expected of it as its last member.
    private static func record(
        _ line: ManifestLine, _ place: RecordPlace, _ row: TableRow, _ levels: DoubtLevels
    ) -> [UInt8] {
        var bytes = line.bytes
        while let last = bytes.last, last != UInt8(ascii: "}") { bytes.removeLast() }
        if levels.calibration != nil, !place.hasExpectedRate {
            bytes.removeLast()
            let rate = min(1, levels.expected(row.rank))
            bytes += Array(",\"expected_wer\":\(Calibration.fixed(rate, 4))}".utf8)
        }
        bytes.append(0x0A)
        return bytes
    }

    private static func rejection(
        _ ordinal: Int, _ line: ManifestLine, _ row: TableRow, _ reason: SelectionReason,
        _ place: RecordPlace
    ) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("row", ordinal)
        json.member("line", line.number)
        if let audio = place.audio { json.member("audio_filepath", audio) }
        json.member("reason", reason.name)
        if row.value.isFinite { json.member("value", Double("\(row.value)") ?? 0) }
        json.endObject()
        return json.bytes + [0x0A]
    }
}

/// What is read of a record in the second pass.
private struct RecordPlace {
    var audio: String?
    var licence: String?
    /// From an earlier choice; it stays as it is.
    var hasExpectedRate = false

    init(_ line: ManifestLine, _ licenceField: String) throws(CalibrationError) {
        let read = line.bytes.withUnsafeBytes { bytes in
            Result { () throws(RecordScanner.Fault) in
                var place = (audio: String?.none, licence: String?.none, has: false)
                var scanner = RecordScanner(bytes)
                try scanner.object { key, value throws(RecordScanner.Fault) in
                    if key.equals("expected_wer") { place.has = true }
                    if key.elementsEqual(licenceField.utf8) { place.licence = try value.string() }
                    if key.equals("audio_filepath") { place.audio = try value.string() }
                }
                return place
            }
        }
        do throws(RecordScanner.Fault) {
            (audio, licence, hasExpectedRate) = try read.get()
        } catch {
            throw CalibrationError("line \(line.number), byte \(error.offset): \(error.message)")
        }
    }
}

/// A file of rows, with the digest of what is written.
private final class RowsFile {
    private let file: AtomicFile
    private var hasher: SHA256Hasher? = SHA256Hasher()
    private var buffer: [UInt8] = []

    private static let bufferBytes = 1 << 18

    init(_ path: String) throws(FileError) { file = try AtomicFile(path, isDurable: false) }

    func write(_ bytes: [UInt8]) throws(FileError) {
        buffer += bytes
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    private func flush() throws(FileError) {
        hasher?.update(buffer)
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    /// - Returns: the digest in hexadecimal digits.
    func commit() throws(FileError) -> String {
        try flush()
        try file.commit()
        guard let hasher = hasher.take() else { preconditionFailure("a file is committed once") }
        return hasher.finalize().hex
    }
}
