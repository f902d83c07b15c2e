internal import StrictJSON

/// Named tensors without a configuration: a safetensors file, a PyTorch file whose root is the
/// dictionary itself, or several of either under one index.
package struct StateDictionary: Sendable {
    package let format: CheckpointFormat
    package let tensors: [StoredTensor]
    /// The files that were opened.
    package let files: [FileBytes]

    /// Reads one file.
    package init(_ file: FileBytes) throws(CheckpointError) {
        format = try CheckpointFormat.recognize(file)
        files = [file]
        switch format {
        case .safetensors: tensors = try SafetensorsReader.read(file)
        case .torchZip, .torchLegacy:
            tensors = try Self.tensors(of: TorchArchive(file, format: format))
        }
    }

    /// Reads the files that an index (`*.index.json`) lists.
    ///
    /// - Throws: `damaged` if a shard is missing, or the shards and the index disagree.
    package init(index: FileBytes, in folder: any CheckpointFolder) throws(CheckpointError) {
        guard let map = try JSONText.object(of: index)["weight_map"]?.object else {
            throw CheckpointError(.damaged, path: index.path, "has no weight_map")
        }
        var listed: [ExactString: String] = [:]
        for member in map.members {
            guard let shard = member.value.string, !shard.isEmpty, !shard.contains("/"),
                shard != ".."
            else {
                throw CheckpointError(
                    .damaged, path: index.path, tensor: member.key,
                    "must be mapped to a file of the same folder")
            }
            listed[ExactString(member.key)] = shard
        }
        let shards = Set(listed.values).sorted()
        guard shards.count <= CheckpointLimits.shardsMax, !shards.isEmpty else {
            throw CheckpointError(.damaged, path: index.path, "lists \(shards.count) shards")
        }
        var files = [index]
        var tensors: [StoredTensor] = []
        var formats: Set<CheckpointFormat> = []
        var seen: Set<ExactString> = []
        for shard in shards {
            guard let file = try folder.file(shard) else {
                throw CheckpointError(
                    .damaged, path: index.path,
                    "lists \(shard), which is not in the folder; download it")
            }
            let part = try StateDictionary(file)
            files.append(file)
            formats.insert(part.format)
            for tensor in part.tensors {
                let name = ExactString(tensor.name)
                guard listed[name] == shard, seen.insert(name).inserted else {
                    throw CheckpointError(
                        .damaged, path: file.path, tensor: tensor.name,
                        "is not listed for this file in \(index.path)")
                }
                tensors.append(tensor)
            }
        }
        if let missing = listed.keys.filter({ !seen.contains($0) }).map(\.text).min() {
            throw CheckpointError(
                .missingTensor, path: index.path, tensor: missing,
                "is listed for \(listed[ExactString(missing)] ?? "a file") and not there")
        }
        guard formats.count == 1, let format = formats.first else {
            throw CheckpointError(
                .damaged, path: index.path, "lists shards of different containers")
        }
        self.format = format
        self.files = files
        self.tensors = tensors
    }

    private static func tensors(
        of archive: TorchArchive
    ) throws(CheckpointError) -> [StoredTensor] {
        let tensors = try archive.tensors(in: archive.root)
        guard !tensors.isEmpty else {
            throw CheckpointError(
                .unknownFormat, path: archive.file.path,
                "is a PyTorch file, but no dictionary of tensors; a model's state dictionary is "
                    + "needed here")
        }
        return tensors
    }
}
