internal import StrictJSON

/// PyTorch's container since 1.6: `root/data.pkl`, and `root/data/<key>` for each storage.
enum TorchZipContainer {
    static func read(
        _ file: FileBytes
    ) throws(CheckpointError) -> (graph: PickleGraph, storages: [ExactString: Range<Int>]) {
        let directory = try ZipDirectory(file)
        guard let pickle = directory.members.first(where: { $0.name.hasSuffix("/data.pkl") }) else {
            let isScript = directory.members.contains { $0.name.hasSuffix("/constants.pkl") }
            throw CheckpointError(
                isScript ? .refused : .unknownFormat, path: file.path,
                isScript
                    ? "is a TorchScript program; save the state dictionary instead"
                    : "is a zip archive without data.pkl, so not saved by PyTorch")
        }
        let root = pickle.name.dropLast("data.pkl".count)
        guard pickle.bytes.count <= CheckpointLimits.pickleBytesMax else {
            throw CheckpointError(
                .overLimit, path: file.path,
                "has a pickle of \(pickle.bytes.count) bytes; at most "
                    + "\(CheckpointLimits.pickleBytesMax) are read")
        }
        if let order = directory.members.first(where: { $0.name == root + "byteorder" }),
            !file.copy(order.bytes.prefix(16)).starts(with: "little".utf8)
        {
            throw CheckpointError(
                .refused, path: file.path,
                "holds big-endian weights; save the checkpoint again on a little-endian machine")
        }
        let graph = try file.withBytes(pickle.bytes) { bytes throws(CheckpointError) in
            try PickleReader.read(bytes, path: file.path).graph
        }
        let prefix = root + "data/"
        var storages: [ExactString: Range<Int>] = [:]
        for member in directory.members where member.name.hasPrefix(prefix) {
            storages[ExactString(member.name.dropFirst(prefix.count))] = member.bytes
        }
        return (graph, storages)
    }
}
