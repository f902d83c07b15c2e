package import Digests
internal import Manifests
internal import StrictJSON

/// `OUT.jsonl.digests.jsonl`: one line for each row of an output, in its order, with the digests that
/// the journal keeps, so that they outlive the job folder.
package enum DigestsFile {
    package static func path(ofOutput output: String) -> String { output + ".digests.jsonl" }

    /// A line with its end.
    ///
    /// - Parameter audio: nil for a row without a transcript.
    /// - Parameter sameAudioAs: the row that was transcribed in this one's place, if one was.
    /// - Parameter engine: the engine that made the row, where it is not the one that the report names.
    /// - Parameter features: of a transcribed row of a job with features.
    /// - Parameter object: tells the object that the row's audio was fetched from; empty for files.
    package static func line(
        record: ShortDigest, audio: ShortDigest?, sameAudioAs first: Int?, engine: Int? = nil,
        features: ShortDigest? = nil, object: String = ""
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
        if let engine {
            json.key("engine")
            json.value(engine)
        }
        if let features {
            json.key("features")
            json.value(features.hex)
        }
        if !object.isEmpty {
            json.key("object")
            json.value(object)
        }
        json.endObject()
        return json.bytes + [0x0A]
    }

    /// What one line says.
    package struct Entry: Hashable, Sendable {
        package var record: ShortDigest
        package var audio: ShortDigest?
        package var sameAudioAs: Int?
        /// Nil for the engine that the report names.
        package var engine: Int?
        package var features: ShortDigest?
        package var object = ""

        /// The line with its end, where the output follows `rows` others.
        ///
        /// - Parameter engine: of rows of which the line says nothing else, if that has to be said now.
        package func line(movedBy rows: Int, engine usual: Int?) -> [UInt8] {
            DigestsFile.line(
                record: record, audio: audio, sameAudioAs: sameAudioAs.map { $0 + rows },
                engine: engine ?? usual, features: features, object: object)
        }
    }

    /// Calls `body` with each line of the file at `path`, in order.
    ///
    /// - Throws: ``ManifestError`` that names the line that is none of ours, or what `body` throws.
    package static func forEachEntry(_ path: String, _ body: (Entry) throws -> Void) throws {
        try ManifestFile(path: path).forEachRow { line in
            let object = try? JSONParser.parse(line.bytes, depthMax: 4).object
            let sameAudioAs = object?["same_audio_as"]?.int
            guard let record = digest(object?["record"]),
                (0...ManifestLimits.rowsMax).contains(sameAudioAs ?? 0),
                (1...RowDigests.engineMax).contains(object?["engine"]?.int ?? 1)
            else {
                throw ManifestError(.invalid, path, line: line.number, "not a line of digests")
            }
            try body(
                Entry(
                    record: record, audio: digest(object?["audio"]),
                    sameAudioAs: sameAudioAs, engine: object?["engine"]?.int,
                    features: digest(object?["features"]),
                    object: object?["object"]?.string ?? ""))
        }
    }

    /// The digests in the file at `path`.
    ///
    /// - Throws: as ``forEachEntry(_:_:)``.
    package static func read(_ path: String) throws -> RowDigests {
        var digests = RowDigests()
        try forEachEntry(path) { entry in
            digests.records.append(entry.record)
            digests.audio.append(entry.audio ?? .zero)
            if let engine = entry.engine { digests.setEngine(engine, of: digests.rowCount - 1) }
            if let features = entry.features {
                digests.setFeatures(features, of: digests.rowCount - 1)
            }
            digests.setObject(entry.object, of: digests.rowCount - 1)
        }
        return digests
    }

    private static func digest(_ value: JSONValue?) -> ShortDigest? {
        value?.string.flatMap { ShortDigest(hex: $0) }
    }
}
