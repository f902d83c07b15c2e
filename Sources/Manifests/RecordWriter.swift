package import SpeechTypes
package import StrictJSON

/// Renders output records: the row's own bytes in place, then what became of it.
///
/// The same row and result give the same bytes on every machine. A record has no line end. Which fields
/// there are says ``TranscriptFields``.
package enum RecordWriter {
    /// The record of a transcribed row.
    ///
    /// - Parameter fields: those of the engine that made the row.
    package static func transcribed(
        _ row: ManifestRow, _ content: RecordContent, fields: TranscriptFields = .current
    ) -> [UInt8] {
        precondition(content.failure == nil, "a transcribed row has no failure")
        return record(of: row.object, raw: row.raw, content, fields)
    }

    /// The record of a transcribed row, given what another record says: its own, or that of a row with
    /// the same audio.
    ///
    /// - Parameter fields: those of the engine that made the row.
    /// - Returns: nil if `record` has no transcript in the form that these options give.
    package static func transcribed(
        _ row: ManifestRow, like record: JSONObject, shape: RecordShape,
        fields: TranscriptFields = .current
    ) -> [UInt8]? {
        guard record["status"]?.string == RowStatus.transcribed.rawValue else { return nil }
        var content = RecordContent(shape: shape)
        for field in fields.fields {
            let isRead =
                if case .whereRowHasNone = field.place {
                    row.object.member(field.name) == nil
                } else {
                    field.displaces(in: shape)
                }
            guard !isRead || field.decode(record[field.name], &content, fields) else { return nil }
        }
        return transcribed(row, content, fields: fields)
    }

    /// The record of a row without a transcript, whether or not its line can be read.
    ///
    /// - Parameter lineNumber: 1-based; stands in the record of a line that is not a JSON object.
    /// - Parameter fields: those of the engine that made the row.
    package static func failed(
        raw: [UInt8], lineNumber: Int, code: FailureCode, fields: TranscriptFields = .current
    ) -> [UInt8] {
        var content = RecordContent(failure: code)
        let object =
            raw.count <= fields.lineBytesMax ? try? ManifestRow.strictObject(raw) : nil
        if object == nil {
            content.unreadableLine = UnreadableLine(number: lineNumber, text: shownText(raw))
        }
        return record(of: object, raw: raw, content, fields)
    }

    /// The members of the row that stay, then the fields that there are.
    private static func record(
        of object: JSONObject?, raw: [UInt8], _ content: RecordContent, _ fields: TranscriptFields
    ) -> [UInt8] {
        var start = [UInt8(ascii: "{")]
        if let object {
            let shape = content.failure == nil ? content.shape : RecordShape()
            start = kept(
                object, of: raw, KeptMembers(of: object, shape: shape, fields: fields))
        }
        var members: [(name: String, value: [UInt8])] = []
        for field in fields.fields {
            if case .whereRowHasNone = field.place, object?.member(field.name) != nil { continue }
            guard let value = field.encode(content, fields) else { continue }
            members.append((field.name, value))
        }
        return joined(start, members)
    }

    /// `{` and the members that stay, byte for byte with the white space before each.
    private static func kept(
        _ object: JSONObject, of raw: [UInt8], _ members: KeptMembers
    ) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        bytes.reserveCapacity(raw.count + 256)
        var previousEnd = (raw.firstIndex(of: UInt8(ascii: "{")) ?? 0) + 1
        for member in object.members {
            let between = raw[previousEnd..<member.keyRange.lowerBound]
            previousEnd = member.valueRange.upperBound
            guard let name = members.name(of: member) else { continue }
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            // White space, and the comma unless this is the first member.
            let comma = between.firstIndex(of: UInt8(ascii: ","))
            bytes += between[(comma.map { $0 + 1 } ?? between.startIndex)...]
            if name == member.key {
                bytes += raw[member.keyRange.lowerBound..<member.valueRange.upperBound]
            } else {
                var key = JSONWriter()
                key.value(name)
                bytes += key.bytes
                bytes += raw[member.keyRange.upperBound..<member.valueRange.upperBound]
            }
        }
        // Only white space can be a bare carriage return, and many readers take it for a line end.
        for index in bytes.indices where bytes[index] == 0x0D { bytes[index] = 0x20 }
        return bytes
    }

    /// A day's record has tens of megabytes, so they are written once, into memory of the right size.
    private static func joined(
        _ start: [UInt8], _ members: [(name: String, value: [UInt8])]
    ) -> [UInt8] {
        // A comma, two quotes and a colon; names have no characters that are escaped.
        let count = members.reduce(start.count + 1) { $0 + $1.name.utf8.count + $1.value.count + 4 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        bytes += start
        for (name, value) in members {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(UInt8(ascii: "\""))
            bytes += name.utf8
            bytes.append(UInt8(ascii: "\""))
            bytes.append(UInt8(ascii: ":"))
            bytes += value
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// What a line that cannot be read looks like: as much of it as may be shown, as text.
    private static func shownText(_ raw: [UInt8]) -> String {
        let max = ManifestLimits.rawTextBytesMax
        // Three bytes more than fit, so that a character at the cut is not taken for a bad byte.
        let text = String(decoding: raw.prefix(max + 3), as: UTF8.self)
        var shown = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            count += UTF8.width(scalar)
            if count > max { break }
            shown.append(scalar)
        }
        return String(shown)
    }
}
