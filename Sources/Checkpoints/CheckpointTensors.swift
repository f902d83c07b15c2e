/// The tensors of one checkpoint under canonical names, read from their files when asked for.
package struct CheckpointTensors: WeightSource {
    /// The file or folder, for messages.
    package let path: String
    package private(set) var tensors: [String: StoredTensor] = [:]
    /// Known tensors that transcribing does not need, under their names in the file.
    package private(set) var ignored: [StoredTensor] = []
    /// Tensors that the rules have no name for.
    package private(set) var unknown: [StoredTensor] = []
    /// What wrappers of PyTorch or of a trainer had put into names, and was taken off.
    package private(set) var wrappers: Set<String> = []

    /// Gives each of `stored` its canonical name.
    ///
    /// - Throws: `damaged` if two tensors come to the same name, or a fused one cannot be cut.
    package init(
        _ stored: [StoredTensor], rules: NameRules, path: String
    ) throws(CheckpointError) {
        self.path = path
        for tensor in stored {
            wrappers.formUnion(NameRules.unwrapped(tensor.name).wrappers)
            switch rules.outcome(of: tensor.name) {
            case .ignored: ignored.append(tensor)
            case .unknown: unknown.append(tensor)
            case .named(let name): try insert(tensor, as: name)
            case .fused(let names):
                for (index, name) in names.enumerated() {
                    guard let part = tensor.slice(index, of: names.count, name: tensor.name) else {
                        throw CheckpointError(
                            .wrongShape, path: tensor.file.path, tensor: tensor.name,
                            "has shape \(tensor.shape), which cannot be cut into \(names.count) "
                                + "parts")
                    }
                    try insert(part, as: name)
                }
            }
        }
    }

    /// Takes `stored` under the names that they have.
    ///
    /// - Throws: `damaged` if two have one name.
    package init(named stored: [StoredTensor], path: String) throws(CheckpointError) {
        self.path = path
        for tensor in stored { try insert(tensor, as: tensor.name) }
    }

    /// These with others in place of those of the same names.
    package func replacing(_ others: [String: StoredTensor]) -> CheckpointTensors {
        var result = self
        result.tensors.merge(others) { $1 }
        return result
    }

    private mutating func insert(
        _ tensor: StoredTensor, as name: String
    ) throws(CheckpointError) {
        if let other = tensors.updateValue(tensor, forKey: name) {
            throw CheckpointError(
                .damaged, path: tensor.file.path, tensor: tensor.name,
                "and \(other.name) are both \(name)")
        }
    }

    package func contains(_ name: String) -> Bool { tensors[name] != nil }

    package func floats(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
        try tensor(name, shape: shape).floats()
    }

    /// The tensor `name`, which must have `shape`.
    package func tensor(
        _ name: String, shape: [Int]
    ) throws(CheckpointError) -> StoredTensor {
        guard let tensor = tensors[name] else {
            throw CheckpointError(
                .missingTensor, path: path, tensor: name,
                "is missing; expected shape \(shape). The file is incomplete or of another model: "
                    + "download it again with the config.json beside it")
        }
        guard tensor.shape == shape else {
            throw CheckpointError(
                .wrongShape, path: tensor.file.path, tensor: tensor.name,
                "has shape \(tensor.shape); expected \(shape)")
        }
        guard tensor.elementType.isFloatingPoint else {
            throw CheckpointError(
                .wrongShape, path: tensor.file.path, tensor: tensor.name,
                "holds \(tensor.elementType.rawValue) elements; weights must be F32, F16, BF16 "
                    + "or F64")
        }
        return tensor
    }

    /// Checks that exactly the `expected` tensors are there, each with its shape.
    package func check(
        _ expected: [(name: String, shape: [Int])]
    ) throws(CheckpointError) {
        var names: Set<String> = []
        for (name, shape) in expected {
            _ = try tensor(name, shape: shape)
            names.insert(name)
        }
        let surplus =
            unknown.map { $0.name }
            + tensors.filter { !names.contains($0.key) }.map { $0.value.name }
        guard let first = surplus.min() else { return }
        let others = surplus.count > 1 ? " (and \(surplus.count - 1) others)" : ""
        throw CheckpointError(
            .surplusTensor, path: path, tensor: first,
            "has no place in the architecture that the configuration describes\(others). If training "
                + "left it behind, save the model without it; else the configuration is of another "
                + "model")
    }
}
