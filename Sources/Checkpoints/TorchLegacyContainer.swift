internal import StrictJSON

/// PyTorch's container before 1.6: magic number, version, machine, object and storage keys as five
/// pickles, then each storage as an element count and its elements.
enum TorchLegacyContainer {
    static func read(
        _ file: FileBytes
    ) throws(CheckpointError) -> (graph: PickleGraph, storages: [ExactString: Range<Int>]) {
        let result = try file.withBytes(0..<file.count) { bytes throws(CheckpointError) in
            try Contents(bytes, path: file.path)
        }
        return (result.graph, result.storages)
    }

    private struct Contents {
        let graph: PickleGraph
        let storages: [ExactString: Range<Int>]

        init(_ bytes: UnsafeRawBufferPointer, path: String) throws(CheckpointError) {
            func next(_ position: inout Int) throws(CheckpointError) -> PickleGraph {
                let (graph, end) = try PickleReader.read(bytes, at: position, path: path)
                position = end
                return graph
            }
            var position = 0
            _ = try next(&position)
            let version = try next(&position)
            guard version.root == .int(1_001) else {
                throw CheckpointError(
                    .damaged, path: path, "has no PyTorch protocol version 1001")
            }
            let machine = try next(&position)
            guard machine.value(machine.root, "little_endian") == .bool(true) else {
                throw CheckpointError(
                    .refused, path: path,
                    "holds big-endian weights; save the checkpoint again on a little-endian machine"
                )
            }
            graph = try next(&position)
            let keys = try next(&position)
            storages = try Self.storages(
                keys.elements(keys.root) ?? [], of: graph, bytes, at: position, path: path)
        }

        private static func storages(
            _ keys: [PickleValue], of graph: PickleGraph, _ bytes: UnsafeRawBufferPointer,
            at position: Int, path: String
        ) throws(CheckpointError) -> [ExactString: Range<Int>] {
            var known: [ExactString: TorchStorage] = [:]
            for identifier in graph.persistentIDs {
                let storage = try TorchStorage(identifier, in: graph, path: path)
                known[ExactString(storage.key)] = storage
            }
            var storages: [ExactString: Range<Int>] = [:]
            var cursor = ByteCursor(bytes, at: position, path: path, part: "the storages")
            for key in keys {
                guard case .string(let key) = key, let storage = known[ExactString(key)]
                else {
                    throw cursor.damaged("a storage is listed that no tensor uses")
                }
                let count = try cursor.size64()
                guard count == storage.count,
                    let size = CheckedSize.product([count, storage.elementType.size])
                else {
                    throw cursor.damaged(
                        "storage \(key) has \(count) elements; the tensors expect \(storage.count)")
                }
                let start = cursor.position
                try cursor.skip(size)
                guard storages.updateValue(start..<start + size, forKey: ExactString(key)) == nil
                else {
                    throw cursor.damaged("storage \(key) stands twice")
                }
            }
            return storages
        }
    }
}
