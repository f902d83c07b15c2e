internal import Digests
internal import SpeechTypes
internal import StrictJSON

/// Rows as they are written for inputs that are not JSON Lines.
enum CanonicalRow {
    /// `{"audio_filepath":…}`, with `audio_filepath_bytes` for a path that is not UTF-8, and with `text`
    /// where a reference is known; no line end.
    static func bytes(audioPath: PathBytes, text: String? = nil) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member(ManifestRow.pathKey, audioPath.text)
        if !audioPath.isText {
            writer.member(ManifestRow.pathBytesKey, Base64.text(audioPath.bytes))
        }
        if let text { writer.member("text", text) }
        writer.endObject()
        return writer.bytes
    }

    /// A row of a manifest in another folder, its relative path made absolute; other lines as they
    /// are, so that they are judged where all rows are.
    static func bytes(of raw: [UInt8], movedFrom folder: PathBytes) -> [UInt8] {
        guard let row = try? ManifestRow.parse(raw: raw), row.hasRelativePath else { return raw }
        let path = folder.joined(row.audioPath)
        var members: [(key: String, text: String)] = [(ManifestRow.pathKey, path.text)]
        if !path.isText || row.object.member(ManifestRow.pathBytesKey) != nil {
            members.append((ManifestRow.pathBytesKey, Base64.text(path.bytes)))
        }
        // From the end to the start, so that the places before stay right.
        var moved = raw
        let places = members.map { row.object.member($0.key)?.valueRange }
        for index in members.indices.sorted(by: { (places[$0]?.lowerBound ?? 0) > (places[$1]?.lowerBound ?? 0) }) {
            var writer = JSONWriter()
            if let place = places[index] {
                writer.value(members[index].text)
                moved.replaceSubrange(place, with: writer.bytes)
            } else {
                // A row has at least one member: the path that made it a row.
                writer.member(members[index].key, members[index].text)
                let start = (moved.firstIndex(of: UInt8(ascii: "{")) ?? 0) + 1
                moved.insert(contentsOf: writer.bytes + [UInt8(ascii: ",")], at: start)
            }
        }
        return moved
    }
}
