internal import ArgumentParser
internal import ClusterRuntime
internal import ErrorRates
internal import Glibc
internal import Manifests
internal import StrictJSON
internal import Threading

/// How right an output is, where rows have references.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Word and character error rates of an output against its references.",
        discussion: """
            Compares `pred_text` with `text` in each row of an output manifest. Rows without a \
            reference are left out and counted; rows without a transcript count all words as deleted. \
            Hours are of decoded audio where the job's journal is still there, and otherwise by the \
            rows' durations.

            Examples:
              scriptorium evaluate transcripts.jsonl
              scriptorium evaluate transcripts.jsonl --by speaker --normalizer none
            """)

    @Argument(help: "An output manifest.", completion: .file(extensions: ["jsonl", "json"]))
    var output: String

    @Option(help: ArgumentHelp("Also by this field of the rows.", valueName: "field"))
    var by: String?

    @Option(
        help: ArgumentHelp(
            "basic (upper case, no punctuation, equivalent spellings equal) or none (code points).",
            valueName: "name"))
    var normalizer: TextNormalizer = .basic

    @Option(help: ArgumentHelp("The field that holds the reference.", valueName: "field"))
    var reference = "text"

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    func run() throws {
        try reporting {
            if access(output, F_OK) != 0 { throw CommandFailure.noOutput(output) }
            var report = ErrorRateReport(normalizer: normalizer)
            var withoutReference = 0
            var withoutLength = 0
            let lengths = try AudioLengths(ofOutput: output)
            var ordinal = -1
            WorkMeter.shared.begin("reading \(output)", .bytes)
            try ManifestFile(path: output).forEachRow { line in
                let row = try object(line)
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
                        isTranscribed: row["status"]?.string == "transcribed"
                            || row["status"] == nil,
                        group: by.map { name(row[$0]) },
                        audioSeconds: seconds ?? 0))
            }
            LongWork.end()
            if let by, report.sortedGroups.map(\.name) == [Self.noName] {
                throw CommandFailure(ExitStatus.usage, "no row of \(output) has the field \(by)")
            }
            try StandardOutput.write(
                json
                    ? ErrorRateJSON.text(report, withoutReference, withoutLength)
                    : table(report, withoutReference, withoutLength))
            return 0
        }
    }

    private func object(_ line: ManifestLine) throws -> JSONObject {
        do throws(JSONError) {
            if let object = try JSONParser.parse(line.bytes).object { return object }
        } catch {
            throw CommandFailure(ExitStatus.usage, "\(output):\(line.number): \(error)")
        }
        throw CommandFailure(ExitStatus.usage, "\(output):\(line.number): not a JSON object")
    }

    private func table(
        _ report: ErrorRateReport, _ withoutReference: Int, _ withoutLength: Int
    ) -> String {
        var text = report.text
        if withoutLength > 0 {
            text += "\(withoutLength) rows of unknown length count no hours\n"
        }
        if withoutReference > 0 {
            text += "\(withoutReference) rows without a reference left out\n"
        }
        return text + "normalizer \(normalizer.rawValue)\n"
    }

    /// The name of a group: a field's text or number.
    private func name(_ value: JSONValue?) -> String {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let flag): flag ? "true" : "false"
        default: Self.noName
        }
    }

    /// The group of rows without the field.
    private static let noName = "(none)"
}

extension TextNormalizer: ExpressibleByArgument {}

/// Error rates for other programs.
enum ErrorRateJSON {
    static func text(
        _ report: ErrorRateReport, _ withoutReference: Int, _ withoutLength: Int
    ) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("normalizer")
        writer.value(report.normalizer.rawValue)
        writer.key("rows_without_reference")
        writer.value(withoutReference)
        writer.key("rows_of_unknown_length")
        writer.value(withoutLength)
        writer.key("all")
        write(report.whole, to: &writer)
        writer.key("groups")
        writer.beginObject()
        for (name, totals) in report.sortedGroups {
            writer.key(name)
            write(totals, to: &writer)
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
