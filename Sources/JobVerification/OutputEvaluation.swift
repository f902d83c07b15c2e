internal import ClusterRuntime
package import ErrorRates
internal import Manifests
internal import Processes
internal import StrictJSON
internal import Threading

/// How right an output is, by the references in its rows.
package struct OutputEvaluation {
    let report: ErrorRateReport
    private(set) var rowsWithoutReference = 0
    /// Rows whose audio nobody knows the length of; they count no hours.
    private(set) var rowsWithoutLength = 0

    /// The group of rows without the field that groups are made by.
    private static let noName = "(none)"

    /// Reads the output at `path`.
    ///
    /// - Parameter reference: the field that holds the reference.
    /// - Parameter field: also groups rows by this field.
    /// - Throws: ``VerificationError`` for a line that is no record, or if no row has `field`;
    ///   `ManifestError` if the output cannot be read.
    package init(
        of path: String, reference: String, by field: String?, normalizer: TextNormalizer
    ) throws {
        var report = ErrorRateReport(normalizer: normalizer)
        var withoutReference = 0
        var withoutLength = 0
        let lengths = try AudioLengths(ofOutput: path)
        var ordinal = -1
        WorkMeter.shared.begin("reading \(path)", .bytes)
        defer { WorkMeter.shared.end() }
        try ManifestFile(path: path).forEachRow { line in
            let row = try Self.object(line, of: path)
            ordinal += 1
            guard let text = row[reference]?.string, !normalizer.words(text).isEmpty else {
                withoutReference += 1
                return
            }
            let seconds = lengths.seconds(of: ordinal, row)
            if seconds == nil { withoutLength += 1 }
            report.add(
                .init(
                    reference: text, hypothesis: row["pred_text"]?.string ?? "",
                    isTranscribed: row["status"]?.string == "transcribed" || row["status"] == nil,
                    group: field.map { Self.name(row[$0]) }, audioSeconds: seconds ?? 0))
        }
        if let field, report.sortedGroups.map(\.name) == [Self.noName] {
            throw VerificationError(ExitStatus.usage, "no row of \(path) has the field \(field)")
        }
        self.report = report
        rowsWithoutReference = withoutReference
        rowsWithoutLength = withoutLength
    }

    /// For people: a table.
    package var text: String {
        var text = report.text
        if rowsWithoutLength > 0 {
            text += "\(rowsWithoutLength) rows of unknown length count no hours\n"
        }
        if rowsWithoutReference > 0 {
            text += "\(rowsWithoutReference) rows without a reference left out\n"
        }
        return text + "normalizer \(report.normalizer.rawValue)\n"
    }

    private static func object(_ line: ManifestLine, of path: String) throws -> JSONObject {
        do throws(JSONError) {
            if let object = try JSONParser.parse(line.bytes).object { return object }
        } catch {
            throw VerificationError(ExitStatus.usage, "\(path):\(line.number): \(error)")
        }
        throw VerificationError(ExitStatus.usage, "\(path):\(line.number): not a JSON object")
    }

    /// The name of a group: a field's text or number.
    private static func name(_ value: JSONValue?) -> String {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let flag): flag ? "true" : "false"
        default: noName
        }
    }
}

extension OutputEvaluation {
    /// For programs: one object.
    package var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("normalizer")
        writer.value(report.normalizer.rawValue)
        writer.key("rows_without_reference")
        writer.value(rowsWithoutReference)
        writer.key("rows_of_unknown_length")
        writer.value(rowsWithoutLength)
        writer.key("all")
        Self.write(report.whole, to: &writer)
        writer.key("groups")
        writer.beginObject()
        for (name, totals) in report.sortedGroups {
            writer.key(name)
            Self.write(totals, to: &writer)
        }
        writer.endObject()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    private static func write(_ totals: ErrorRateReport.Totals, to writer: inout JSONWriter) {
        writer.beginObject()
        for (name, counts) in [("wer", totals.words), ("cer", totals.characters)] {
            writer.key(name)
            if let rate = counts.rate { writer.value(rate) } else { writer.null() }
        }
        for (name, value) in [
            ("words", totals.words.referenceCount), ("substitutions", totals.words.substitutions),
            ("insertions", totals.words.insertions), ("deletions", totals.words.deletions),
            ("characters", totals.characters.referenceCount),
            ("character_errors", totals.characters.errors), ("rows", totals.utterances),
            ("rows_with_errors", totals.utterancesWithErrors),
            ("rows_without_transcript", totals.utterancesWithoutTranscript),
        ] {
            writer.key(name)
            writer.value(value)
        }
        writer.key("audio_seconds")
        writer.value(totals.audioSeconds)
        writer.endObject()
    }
}
