package import Manifests
package import SpeechTypes
internal import StrictJSON
package import Transcription

/// A row whose text is known, with its log-probabilities.
package struct TuningRow: Sendable {
    package let ordinal: Int
    /// The words, as they are compared.
    package let reference: [String]
    package let logits: PathBytes
    /// The name of what the bootstrap draws with it.
    package let block: [UInt8]
}

/// The rows of an output by which weights are judged.
package struct TuningRows: Sendable {
    package private(set) var rows: [TuningRow] = []
    package private(set) var withoutReference = 0
    /// They failed, or have several channels.
    package private(set) var withoutLogits = 0

    /// Texts and places of so many rows are held in memory; more say nothing new about two numbers.
    package static let countMax = 100_000

    /// Reads an output.
    ///
    /// - Parameters:
    ///   - logits: that `--save-logits` wrote; nil where rows have `logits_filepath`.
    ///   - field: that holds the text that was said.
    ///   - blocks: rows that share this field are drawn together by the bootstrap.
    /// - Throws: if the output cannot be read, or a line is no row.
    package init(
        output: String, logits: LogitsFolder?, field: String, blocks: String?,
        normalized: (String) -> [String]
    ) throws(ManifestError) {
        let lines = try LineReader(output)
        let base = PathBytes(output).folder
        var ordinal = -1
        while let line = try lines.nextRow(), rows.count < Self.countMax {
            ordinal += 1
            let row = try Self.object(line, of: output)
            let reference = row[field]?.string.map(normalized) ?? []
            guard !reference.isEmpty else {
                withoutReference += 1
                continue
            }
            guard let path = Self.path(of: row, ordinal, logits, base) else {
                withoutLogits += 1
                continue
            }
            let block = blocks.flatMap { Self.name(row[$0]) } ?? "row \(ordinal)"
            rows.append(
                TuningRow(
                    ordinal: ordinal, reference: reference, logits: path, block: Array(block.utf8)))
        }
    }

    private static func path(
        of row: JSONObject, _ ordinal: Int, _ folder: LogitsFolder?, _ base: PathBytes
    ) -> PathBytes? {
        guard let folder else {
            return row["logits_filepath"]?.string.map { base.joined(PathBytes($0)) }
        }
        return folder.file(of: ordinal)
    }

    private static func object(
        _ line: ManifestLine, of path: String
    ) throws(ManifestError) -> JSONObject {
        do throws(JSONError) {
            if let object = try JSONParser.parse(line.bytes).object { return object }
        } catch {
            throw ManifestError(.invalid, path, line: line.number, "\(error)")
        }
        throw ManifestError(.invalid, path, line: line.number, "not a JSON object")
    }

    /// A field's text or number; nil where there is none.
    private static func name(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        default: nil
        }
    }
}
