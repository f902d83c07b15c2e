internal import Digests
internal import Manifests
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
    ///
    /// - Parameter furtherPaths: members that are paths as well, where rows have them.
    static func bytes(
        of raw: [UInt8], movedFrom folder: PathBytes, furtherPaths: [String] = []
    ) -> [UInt8] {
        var moved = moved(raw, from: folder)
        for key in furtherPaths {
            guard let object = try? ManifestRow.strictObject(moved),
                let path = object[key]?.string, !path.isEmpty, !path.hasPrefix("/"),
                AudioLocation.scheme(of: PathBytes(path)) == nil
            else { continue }
            moved = set(key, folder.joined(PathBytes(path)).text, in: moved, object)
        }
        return moved
    }

    private static func moved(_ raw: [UInt8], from folder: PathBytes) -> [UInt8] {
        guard let row = try? ManifestRow.parse(raw: raw), row.hasRelativePath else { return raw }
        let path = AudioLocation.joined(row.audioPath, to: folder)
        guard row.hasAudio else {
            return set(ManifestRow.logitsKey, path.text, in: raw, row.object)
        }
        return renamed(row, to: path)
    }

    /// A row whose audio is called otherwise here.
    static func renamed(_ row: ManifestRow, to path: PathBytes) -> [UInt8] {
        let raw = row.raw
        var moved = set(ManifestRow.pathKey, path.text, in: raw, row.object)
        if !path.isText || row.object.member(ManifestRow.pathBytesKey) != nil {
            guard let object = try? ManifestRow.strictObject(moved) else { return moved }
            let bytes = Base64.text(path.bytes)
            moved = set(ManifestRow.pathBytesKey, bytes, in: moved, object)
        }
        return moved
    }

    /// The row with a member's value replaced, or with the member behind the path.
    private static func set(
        _ key: String, _ text: String, in raw: [UInt8], _ object: JSONObject
    ) -> [UInt8] {
        var writer = JSONWriter()
        if let place = object.member(key)?.valueRange {
            writer.value(text)
            return raw[..<place.lowerBound] + writer.bytes + raw[place.upperBound...]
        }
        writer.member(key, text)
        if let path = object.member(ManifestRow.pathKey)?.valueRange.upperBound {
            return raw[..<path] + [UInt8(ascii: ",")] + writer.bytes + raw[path...]
        }
        // A row has at least one member: the path that made it a row.
        let start = (raw.firstIndex(of: UInt8(ascii: "{")) ?? 0) + 1
        return raw[..<start] + writer.bytes + [UInt8(ascii: ",")] + raw[start...]
    }
}
