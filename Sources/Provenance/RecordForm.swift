package import Manifests
package import SpeechTypes
internal import StrictJSON

/// What one record says, held against the row that it should belong to.
package struct RecordForm: Hashable, Sendable {
    /// How the row ended, as far as the record says so.
    package var status: RowStatus?
    package var code: FailureCode?
    /// What is not as it must be; nil if the record is the row's bytes and a valid end.
    package var fault: String?

    /// Reads `record`: valid if the row, and what the record says became of it, give these very bytes.
    ///
    /// - Parameter raw: the row's line.
    /// - Parameter lineNumber: 1-based, for lines that are no JSON object.
    /// - Parameter fields: those of the engine that made the row.
    package init(
        of record: [UInt8], raw: [UInt8], lineNumber: Int, shape: RecordShape,
        fields: TranscriptFields = .current
    ) {
        guard let object = try? JSONParser.parse(record).object else {
            fault = "its line is not one JSON object"
            return
        }
        guard let name = object["status"]?.string, let status = RowStatus(rawValue: name) else {
            fault = "status is missing or none of transcribed, rejected, quarantined"
            return
        }
        self.status = status
        let expected: [UInt8]
        switch status {
        case .transcribed:
            guard let row = try? ManifestRow.parse(raw: raw) else {
                fault = "it is transcribed, but the row names no audio"
                return
            }
            guard
                let bytes = RecordWriter.transcribed(
                    row, like: object, shape: shape, fields: fields)
            else {
                fault = "\(Self.readFields(fields)) is missing or of another type"
                return
            }
            expected = bytes
        case .rejected, .quarantined:
            let name = object["error"]?.object?["code"]?.string
            guard let code = name.flatMap({ FailureCode(rawValue: $0) }), code.status == status
            else {
                fault = "error.code is missing, unknown, or does not go with \(status.rawValue)"
                return
            }
            self.code = code
            expected = RecordWriter.failed(
                raw: raw, lineNumber: lineNumber, code: code, fields: fields)
        }
        if expected != record {
            fault = Self.fault(
                of: object, record, raw, shape: status == .transcribed ? shape : RecordShape(),
                fields)
        }
    }

    /// The fields that a transcribed row's record is read for: `duration, pred_text or channels`.
    private static func readFields(_ fields: TranscriptFields) -> String {
        let names = fields.fields.filter { field in
            if case .ofUnreadableLine = field.place { return false }
            return field.name != "status" && field.name != "error"
        }.map(\.name)
        return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }

    /// What differs: a field of the row by name, if it is one.
    private static func fault(
        of record: JSONObject, _ bytes: [UInt8], _ raw: [UInt8], shape: RecordShape,
        _ fields: TranscriptFields
    ) -> String {
        guard let row = try? JSONParser.parse(raw, depthMax: ManifestLimits.depthMax).object else {
            return "it does not show the row's line"
        }
        let kept = KeptMembers(of: row, shape: shape, fields: fields)
        var names = Set(fields.fields.map(\.name))
        for member in row.members {
            guard let name = kept.name(of: member) else { continue }
            names.insert(name)
            let shown = name == member.key ? name : "\(member.key), kept as \(name),"
            guard let found = record.member(name) else {
                return "the row's field \(shown) is gone"
            }
            guard bytes[found.valueRange] == raw[member.valueRange] else {
                return "the row's field \(shown) is not what the row says"
            }
        }
        if let foreign = record.members.first(where: { !names.contains($0.key) }) {
            return "the field \(foreign.key) is none of the row's"
        }
        return "its bytes are not the row's fields followed by what became of it"
    }
}
