internal import SpeechTypes
package import StrictJSON

/// Which members of a row stay in its record, and under which names.
///
/// A record needs some names for what became of the row. What a row has under one of them
///
/// - is left out where the row is an output of this program and the member is what it had written;
/// - is kept as `source_NAME` otherwise, with one more `source_` for each such name that is taken. Engines
///   before ``TranscriptFields/keepingEngine`` left it out.
package struct KeptMembers {
    /// Members that are not kept under their own names, and the names that they have; nil for those
    /// that are left out.
    private var displaced: [String: String?] = [:]

    package init(of row: JSONObject, shape: RecordShape, fields: TranscriptFields) {
        let names = fields.displacing(in: shape)
        guard names.contains(where: { row.member($0.name) != nil }) else { return }
        let isOutput = Self.isOutput(row, fields)
        for field in names {
            guard let value = row[field.name] else { continue }
            var ignored = RecordContent(shape: shape)
            let isOurs = isOutput && field.decode(value, &ignored, fields)
            guard isOurs || field.displaces(in: shape) else { continue }
            let isKept = fields.keepsRowsMembers && !isOurs
            displaced.updateValue(
                isKept ? Self.sourceName(field.name, row) : nil, forKey: field.name)
        }
    }

    /// The name that a member has in the record; nil if it is left out.
    package func name(of member: JSONObject.Member) -> String? {
        displaced[member.key] ?? member.key
    }

    /// Names of the row's members that are kept under another name, sorted.
    package var renamed: [String] { displaced.filter { $0.value != nil }.map(\.key).sorted() }

    /// Whether a row is a record of this program: it says how it ended as one does.
    ///
    /// `status` and `pred_text` are there, and with them `duration` for a transcribed row, or
    /// `error` and an empty `pred_text` for another one.
    private static func isOutput(_ row: JSONObject, _ fields: TranscriptFields) -> Bool {
        guard let status = row["status"]?.string.flatMap(RowStatus.init),
            let text = row["pred_text"]?.string
        else { return false }
        let error = row["error"]
        var ignored = RecordContent(shape: RecordShape())
        switch status {
        case .transcribed: return error == nil && row["duration"] != nil
        case .rejected, .quarantined:
            return text.isEmpty && error != nil
                && fields["error"]?.decode(error, &ignored, fields) == true
        }
    }

    private static func sourceName(_ name: String, _ row: JSONObject) -> String {
        var source = "source_" + name
        while row.member(source) != nil { source = "source_" + source }
        return source
    }
}
