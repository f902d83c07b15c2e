package import Digests
package import Manifests
internal import StrictJSON

/// `OUT.jsonl.digests.jsonl`: one line for each row of an output, in its order, with the digests that
/// the journal keeps, so that they outlive the job folder.
package enum DigestsFile {
    package static func path(ofOutput output: String) -> String { output + ".digests.jsonl" }

    /// A line with its end.
    ///
    /// - Parameter audio: nil for a row without a transcript.
    /// - Parameter sameAudioAs: the row that was transcribed in this one's place, if one was.
    package static func line(
        record: ShortDigest, audio: ShortDigest?, sameAudioAs first: Int?
    ) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("record")
        json.value(record.hex)
        if let audio {
            json.key("audio")
            json.value(audio.hex)
        }
        if let first {
            json.key("same_audio_as")
            json.value(first)
        }
        json.endObject()
        return json.bytes + [0x0A]
    }

    /// All lines of the file at `path`.
    ///
    /// - Throws: ``ManifestError`` that names the line that is none of ours.
    package static func read(_ path: String) throws -> RowDigests {
        var digests = RowDigests()
        try ManifestFile(path: path).forEachRow { line in
            let object = try? JSONParser.parse(line.bytes, depthMax: 4).object
            guard let record = digest(object?["record"]) else {
                throw ManifestError(.invalid, path, line: line.number, "not a line of digests")
            }
            digests.records.append(record)
            digests.audio.append(digest(object?["audio"]) ?? .none)
        }
        return digests
    }

    private static func digest(_ value: JSONValue?) -> PackedDigest? {
        value?.string.flatMap { ShortDigest(hex: $0) }.map { PackedDigest($0) }
    }
}
