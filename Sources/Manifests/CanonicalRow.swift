internal import StrictJSON

/// Rows as they are written for inputs that are not JSON Lines.
enum CanonicalRow {
    /// `{"audio_filepath":…}`, with `text` where a reference is known; no line end.
    static func bytes(audioPath: String, text: String? = nil) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("audio_filepath")
        writer.value(audioPath)
        if let text {
            writer.key("text")
            writer.value(text)
        }
        writer.endObject()
        return writer.bytes
    }

    /// A row of a manifest in another folder, its relative path made absolute; other lines as they
    /// are, so that they are judged where all rows are.
    static func bytes(of raw: [UInt8], movedFrom folder: String) -> [UInt8] {
        guard let row = try? ManifestRow.parse(raw: raw), !row.audioPath.hasPrefix("/"),
            let member = row.object.member("audio_filepath")
        else { return raw }
        var writer = JSONWriter()
        writer.value(FilePath.joined(folder, row.audioPath))
        return raw[..<member.valueRange.lowerBound] + writer.bytes
            + raw[member.valueRange.upperBound...]
    }
}
