internal import Calibration
internal import Digests
internal import Files
internal import StrictJSON
internal import Threading

/// By what a choice can be made again, and what it came to: `card.json`, and `README.md` for people.
package struct SelectionCard: Sendable {
    package let request: SelectionRequest
    package let inputs: Inputs
    let summary: SelectionSummary
    let origin: [(name: String, text: String)]

    static let version = 1

    /// SHA-256 of each file that was read, in hexadecimal digits.
    package struct Inputs: Hashable, Sendable {
        package var output = ""
        package var features: String?
        package var calibration: String?
        package var other: String?
        /// Of the fingerprints of all recordings that were heard.
        package var audio: String?

        init() {}

        /// - Throws: `FileError` if a file cannot be read.
        init(of request: SelectionRequest, calibration: String?) throws(FileError) {
            WorkMeter.shared.begin("taking digests", .bytes)
            defer { WorkMeter.shared.end() }
            output = try Self.digest(request.output)
            features = try request.features.map(Self.digest)
            other = try request.other.map(Self.digest)
            self.calibration = calibration
        }

        private static func digest(_ path: String) throws(FileError) -> String {
            // Opened first, for the error of a file that is not there.
            _ = try OpenFile(path)
            return try FileDigest.sha256(of: path)?.hex ?? ""
        }

        /// In which input this differs from what a card names; nil if in none.
        func difference(from card: Inputs) -> String? {
            let pairs = [
                ("the output", output, card.output), ("its features", features, card.features),
                ("the calibration", calibration, card.calibration),
                ("the other output", other, card.other), ("what is heard", audio, card.audio),
            ]
            for (name, own, theirs) in pairs where own != theirs {
                return "\(name) is not what the card was made of (digest \(own ?? "none"), "
                    + "the card has \(theirs ?? "none")); a replay needs the same files"
            }
            return nil
        }
    }

    // MARK: card.json

    var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("scriptorium_selection", Self.version)
        json.key("request")
        SelectionRequestCoding.write(request, to: &json)
        json.key("inputs")
        json.beginObject()
        json.member("output", inputs.output)
        for (name, digest) in [
            ("features", inputs.features), ("calibration", inputs.calibration),
            ("agree", inputs.other), ("audio", inputs.audio),
        ] {
            if let digest { json.member(name, digest) }
        }
        json.endObject()
        SelectionReport.write(countsOf: summary, to: &json)
        json.key("files")
        json.beginArray()
        for part in summary.parts {
            json.beginObject()
            json.member("name", "\(part.name).jsonl")
            json.member("rows", part.rows)
            json.member("hours", SelectionReport.rounded(part.hours, 6))
            json.member("groups", part.groups)
            json.member("sha256", part.digest)
            json.endObject()
        }
        json.endArray()
        json.key("licences")
        json.beginObject()
        for (name, rows) in summary.licences { json.member(name, rows) }
        json.endObject()
        json.key("origin")
        json.beginObject()
        for (name, text) in origin { json.member(name, text) }
        json.endObject()
        json.endObject()
        return json.bytes + [0x0A]
    }

    /// Far more than a card has.
    private static let bytesMax = 4 << 20

    /// Reads what a card asks for.
    ///
    /// - Throws: `CalibrationError` for what is no card; `FileError` if it cannot be read.
    package static func read(_ path: String) throws -> (
        request: SelectionRequest, inputs: Inputs, origin: [(name: String, text: String)]
    ) {
        func refused(_ what: String) -> CalibrationError {
            CalibrationError("\(path): \(what); scriptorium select writes card.json")
        }
        guard let bytes = try OpenFile(path).contents(bytesMax: bytesMax) else {
            throw refused("too long for a card")
        }
        let object: JSONObject?
        do {
            object = try JSONParser.parse(bytes, bytesMax: bytesMax, depthMax: 12).object
        } catch {
            throw refused("\(error)")
        }
        guard let object, let number = object["scriptorium_selection"]?.int else {
            throw refused("this is no card of a selection")
        }
        guard number == version else {
            throw CalibrationError(
                "\(path) is a card of version \(number), and this program reads version \(version)")
        }
        guard let asked = object["request"]?.object,
            let request = SelectionRequestCoding.read(asked),
            let digests = object["inputs"]?.object, let output = digests["output"]?.string
        else { throw refused("something in it is missing or out of range") }
        var inputs = Inputs()
        inputs.output = output
        inputs.features = digests["features"]?.string
        inputs.calibration = digests["calibration"]?.string
        inputs.other = digests["agree"]?.string
        inputs.audio = digests["audio"]?.string
        let origin = (object["origin"]?.object?.members ?? []).compactMap { member in
            member.value.string.map { (name: member.key, text: $0) }
        }
        return (request, inputs, origin)
    }

    // MARK: README.md

    /// What a person should know of the corpus.
    func page(_ calibration: Calibration?) -> String {
        var lines = ["# Rows chosen of \(request.output)", ""]
        let hours = summary.parts.reduce(0) { $0 + $1.hours }
        lines.append(
            "\(summary.rowsKept) of \(summary.rows) rows, \(Calibration.fixed(hours, 2)) of "
                + "\(Calibration.fixed(summary.hours, 2)) hours, \(summary.groups) "
                + (request.splitsBy == .speaker ? "speakers (or recordings)." : "recordings."))
        if let kept = summary.kept, let rate = kept.errorRate {
            let interval = kept.interval.map {
                " (95 %: \(Calibration.percent($0.lowerBound)) to \(Calibration.percent($0.upperBound)))"
            }
            let said =
                "Texts are a model's. Their expected word error rate is \(Calibration.percent(rate))"
                + "\(interval ?? ""), "
            lines.append("")
            lines.append(said + source(calibration))
        }
        lines += ["", "| file | rows | hours | groups |", "| --- | ---: | ---: | ---: |"]
        for part in summary.parts {
            lines.append(
                "| `\(part.name).jsonl` | \(part.rows) | \(Calibration.fixed(part.hours, 2)) | "
                    + "\(part.groups) |")
        }
        if !origin.isEmpty {
            lines += ["", "## Origin", ""]
            for (name, text) in origin { lines.append("- \(name): \(text)") }
        }
        lines += ["", "## Licences", ""]
        if summary.licences.isEmpty {
            lines.append(
                "No row has the field `\(request.licenceField)`: find out before you use it.")
        }
        for (name, rows) in summary.licences { lines.append("- \(name): \(rows) rows") }
        lines += ["", "## Left out", ""]
        for (reason, rows) in summary.rejected {
            lines.append("- \(rows): \(reason.sentence) (`\(reason.name)`)")
        }
        if summary.rejected.isEmpty { lines.append("Nothing.") }
        for histogram in [summary.lengths, summary.errorRates, summary.levels]
        where !histogram.counts.isEmpty {
            lines += ["", "## \(histogram.name)", "", "```"]
            lines += Self.bars(histogram)
            lines.append("```")
        }
        lines += [
            "", "## Again", "",
            "`scriptorium select --replay card.json -o FOLDER` makes the same bytes of the same files.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// By what an error rate is expected.
    private func source(_ calibration: Calibration?) -> String {
        guard let calibration else {
            return "as the records say, by the calibration of the job that wrote them."
        }
        return
            "by a calibration on \(calibration.seen.rows) rows of \(calibration.seen.groups) groups. "
            + "Of the \(summary.rowsWithin) rows that passed the limits \(summary.rowsOutside) are outside "
            + "of what it saw, and \(summary.rowsFar) far from it"
            + (summary.isUnlike
                ? ": **this is other speech, and the expected rate does not hold.**" : ".")
    }

    private static let barWidth = 40

    private static func bars(_ histogram: Histogram) -> [String] {
        let most = histogram.counts.values.max() ?? 1
        return histogram.sorted.map { from, rows in
            let decimals = histogram.width < 1 ? 2 : 0
            let label =
                Calibration.fixed(from, decimals) + (histogram.unit.isEmpty ? "" : " ")
                + histogram.unit
            let bar = String(repeating: "#", count: max(1, rows * barWidth / most))
            let gap = String(repeating: " ", count: max(1, 12 - label.utf8.count))
            return "\(label)\(gap)\(bar) \(rows)"
        }
    }
}
