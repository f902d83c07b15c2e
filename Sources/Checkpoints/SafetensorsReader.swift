internal import StrictJSON

/// Reads a safetensors file: a JSON header with ranges, then the elements.
enum SafetensorsReader {
    /// The tensors of `file` in the order of their bytes.
    ///
    /// - Throws: `damaged` for ranges that overlap, leave holes, leave the file or disagree with
    ///   shapes, as the format forbids.
    static func read(_ file: FileBytes) throws(CheckpointError) -> [StoredTensor] {
        let (header, dataStart) = try header(of: file)
        guard header.members.count <= CheckpointLimits.tensorsMax else {
            throw CheckpointError(
                .overLimit, path: file.path,
                "lists \(header.members.count) tensors; at most "
                    + "\(CheckpointLimits.tensorsMax) are read")
        }
        var tensors: [StoredTensor] = []
        for member in header.members where member.key != "__metadata__" {
            tensors.append(try tensor(member.key, member.value, dataStart, file))
        }
        tensors.sort {
            ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
        }
        var end = dataStart
        for tensor in tensors {
            guard tensor.bytes.lowerBound == end else {
                throw CheckpointError(
                    .damaged, path: file.path, tensor: tensor.name,
                    tensor.bytes.lowerBound < end
                        ? "overlaps another tensor's bytes"
                        : "leaves \(tensor.bytes.lowerBound - end) bytes unused before it")
            }
            end = tensor.bytes.upperBound
        }
        guard end == file.count else {
            throw CheckpointError(
                .damaged, path: file.path,
                "has \(file.count - end) bytes after the last tensor")
        }
        return tensors
    }

    private static func header(
        of file: FileBytes
    ) throws(CheckpointError) -> (header: JSONObject, dataStart: Int) {
        let parsed = try file.withBytes(0..<file.count) { bytes throws(CheckpointError) in
            var cursor = ByteCursor(bytes, path: file.path, part: "safetensors header")
            let length = try cursor.size64()
            guard length <= CheckpointLimits.safetensorsHeaderBytesMax else {
                throw cursor.overLimit("a header of \(length) bytes")
            }
            let json = try cursor.readBytes(length)
            return (try JSONText.object(json, path: file.path), cursor.position)
        }
        return (parsed.0, parsed.1)
    }

    private static func tensor(
        _ name: String, _ entry: JSONValue, _ dataStart: Int, _ file: FileBytes
    ) throws(CheckpointError) -> StoredTensor {
        func damaged(_ message: String) -> CheckpointError {
            CheckpointError(.damaged, path: file.path, tensor: name, message)
        }
        guard let entry = entry.object, let type = entry["dtype"]?.string,
            let shape = integers(entry["shape"]), let offsets = integers(entry["data_offsets"]),
            offsets.count == 2
        else { throw damaged("needs dtype, shape and two data_offsets") }
        guard let elementType = ElementType(rawValue: type) else {
            throw damaged("has the element type \(type), which is not read here")
        }
        guard offsets[0] <= offsets[1], offsets[1] <= file.count - dataStart else {
            throw damaged(
                "stands at bytes \(offsets[0])..\(offsets[1]) of \(file.count - dataStart): the "
                    + "file is cut short or its header damaged")
        }
        guard let count = CheckedSize.product(shape + [elementType.size]),
            count == offsets[1] - offsets[0]
        else {
            throw damaged(
                "has shape \(shape) of \(type) and \(offsets[1] - offsets[0]) bytes, which disagree"
            )
        }
        return try StoredTensor(
            name: name, elementType: elementType, shape: shape,
            storage: dataStart + offsets[0]..<dataStart + offsets[1], file: file)
    }

    private static func integers(_ value: JSONValue?) -> [Int]? {
        guard let values = value?.array else { return nil }
        let integers = values.compactMap { $0.int }
        return integers.count == values.count && integers.allSatisfy { $0 >= 0 } ? integers : nil
    }
}
