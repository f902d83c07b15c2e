package import StrictJSON

/// JSON files of a checkpoint, with errors that name the file.
package enum JSONText {
    /// The object that fills `file`.
    package static func object(of file: FileBytes) throws(CheckpointError) -> JSONObject {
        guard file.count <= CheckpointLimits.textFileBytesMax else {
            throw CheckpointError(
                .overLimit, path: file.path,
                "has \(file.count) bytes; at most \(CheckpointLimits.textFileBytesMax) are read")
        }
        return try file.withBytes(0..<file.count) { bytes throws(CheckpointError) in
            try object(bytes, path: file.path)
        }
    }

    static func object(
        _ bytes: UnsafeRawBufferPointer, path: String
    ) throws(CheckpointError) -> JSONObject {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(
                bytes, bytesMax: CheckpointLimits.safetensorsHeaderBytesMax, depthMax: 32)
        } catch {
            throw CheckpointError(.damaged, path: path, "is not valid JSON: \(error)")
        }
        guard let object = value.object else {
            throw CheckpointError(.damaged, path: path, "must hold a JSON object")
        }
        return object
    }
}
