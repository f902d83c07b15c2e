internal import StrictJSON

/// A file that PyTorch saved, in either container: a graph of values, and storages to view.
///
/// Opening reads the pickles only. A storage is looked at when a tensor in it is asked for.
package struct TorchArchive: Sendable {
    package let file: FileBytes
    package let format: CheckpointFormat
    package let graph: PickleGraph
    /// Key to the bytes of the storage.
    private let storages: [ExactString: Range<Int>]

    /// Opens a file that ``CheckpointFormat/recognize(_:)`` found to be `format`.
    package init(_ file: FileBytes, format: CheckpointFormat) throws(CheckpointError) {
        self.file = file
        self.format = format
        (graph, storages) =
            format == .torchLegacy
            ? try TorchLegacyContainer.read(file) : try TorchZipContainer.read(file)
    }

    package var root: PickleValue { graph.root }

    /// The tensors of a state dictionary by their names, in order; other entries are left out.
    ///
    /// - Throws: `damaged` for a tensor that its storage cannot hold, or a name that stands twice.
    package func tensors(in dictionary: PickleValue) throws(CheckpointError) -> [StoredTensor] {
        var tensors: [StoredTensor] = []
        var names: Set<ExactString> = []
        for member in graph.members(dictionary) ?? [] {
            guard case .string(let name) = member.key,
                let tensor = try tensor(member.value, name: name)
            else { continue }
            guard names.insert(ExactString(name)).inserted else {
                throw CheckpointError(
                    .damaged, path: file.path, tensor: name, "stands twice in the file")
            }
            guard names.count <= CheckpointLimits.tensorsMax else {
                throw CheckpointError(
                    .overLimit, path: file.path,
                    "has more than \(CheckpointLimits.tensorsMax) tensors")
            }
            tensors.append(tensor)
        }
        return tensors
    }

    /// Whether a dictionary holds any tensor.
    package func hasTensors(_ dictionary: PickleValue) -> Bool {
        (graph.members(dictionary) ?? []).contains { rebuild(of: $0.value) != nil }
    }

    /// The arguments of the call that would have rebuilt a tensor.
    private func rebuild(of value: PickleValue) -> [PickleValue]? {
        var value = value
        for _ in 0..<CheckpointLimits.wrapperDepthMax {
            guard let record = graph.record(value), case .global(let callable) = record.callable,
                let arguments = graph.elements(record.arguments)
            else { return nil }
            switch callable {
            case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor":
                return arguments
            case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
                guard let inner = arguments.first else { return nil }
                value = inner
            default: return nil
            }
        }
        return nil
    }

    private func tensor(
        _ value: PickleValue, name: String
    ) throws(CheckpointError) -> StoredTensor? {
        guard let arguments = rebuild(of: value) else { return nil }
        func damaged(_ message: String) -> CheckpointError {
            CheckpointError(.damaged, path: file.path, tensor: name, message)
        }
        guard arguments.count >= 4, case .persistent(let index) = arguments[0],
            case .int(let offset) = arguments[1], let shape = integers(arguments[2]),
            let strides = integers(arguments[3]), offset >= 0
        else { throw damaged("is described in a way that is not known here") }
        let storage = try TorchStorage(
            graph.persistentIDs[index], in: graph, path: file.path, tensor: name)
        guard let bytes = storages[ExactString(storage.key)] else {
            throw damaged("refers to storage \(storage.key), which the file does not have")
        }
        guard let needed = CheckedSize.product([storage.count, storage.elementType.size]),
            needed <= bytes.count
        else {
            throw damaged(
                "needs a storage of \(storage.count) \(storage.elementType.rawValue) elements; "
                    + "storage \(storage.key) has \(bytes.count) bytes")
        }
        guard let viewed = storage.viewed else {
            return try StoredTensor(
                name: name, elementType: storage.elementType, shape: shape, strides: strides,
                offset: offset, storage: bytes.lowerBound..<bytes.lowerBound + needed, file: file)
        }
        let start = bytes.lowerBound + viewed.lowerBound * storage.elementType.size
        return try StoredTensor(
            name: name, elementType: storage.elementType, shape: shape, strides: strides,
            offset: offset, storage: start..<start + viewed.count * storage.elementType.size,
            file: file)
    }

    private func integers(_ value: PickleValue) -> [Int]? {
        guard let elements = graph.elements(value) else { return nil }
        var integers: [Int] = []
        for element in elements {
            guard case .int(let integer) = element, integer >= 0 else { return nil }
            integers.append(integer)
        }
        return integers
    }
}

/// One storage as a persistent id names it:
/// ("storage", class, key, location, element count[, view]).
struct TorchStorage {
    let key: String
    let elementType: ElementType
    /// Elements of the whole storage.
    let count: Int
    /// The elements that a view of the storage covers; only PyTorch's older container has views.
    let viewed: Range<Int>?

    init(
        _ identifier: PickleValue, in graph: PickleGraph, path: String, tensor: String? = nil
    ) throws(CheckpointError) {
        func damaged(_ message: String) -> CheckpointError {
            CheckpointError(.damaged, path: path, tensor: tensor, message)
        }
        guard let parts = graph.elements(identifier), parts.count >= 5,
            parts[0] == .string("storage"), case .string(let key) = parts[2],
            case .int(let count) = parts[4], count >= 0
        else { throw damaged("a storage is named in a way that is not known here") }
        guard case .global(let kind) = parts[1], let dot = kind.lastIndex(of: "."),
            kind[..<dot] == "torch" || kind[..<dot] == "torch.cuda",
            let elementType = ElementType.ofTorchStorage(String(kind[kind.index(after: dot)...]))
        else { throw damaged("storage \(key) has an element type that is not known here") }
        self.key = key
        self.count = count
        self.elementType = elementType
        guard parts.count > 5, let view = graph.elements(parts[5]) else {
            viewed = nil
            return
        }
        guard view.count == 3, case .int(let offset) = view[1], case .int(let length) = view[2],
            offset >= 0, length >= 0, let end = CheckedSize.sum(offset, length), end <= count
        else { throw damaged("a view of storage \(key) leaves it") }
        viewed = offset..<end
    }
}
