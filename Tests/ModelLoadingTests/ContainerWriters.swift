/// A tensor to store: row-major bytes of one element type.
struct PlainTensor: Sendable {
    var name: String
    /// As safetensors writes it.
    var type = "F32"
    var shape: [Int]
    var bytes: [UInt8]

    init(_ name: String, _ shape: [Int], _ values: [Float]) {
        self.name = name
        self.shape = shape
        bytes = values.flatMap { $0.bitPattern.littleEndianBytes }
    }

    var storageClass: String {
        ["F16": "HalfStorage", "BF16": "BFloat16Storage", "F64": "DoubleStorage"][type]
            ?? "FloatStorage"
    }

    var elementCount: Int { shape.reduce(1, *) }

    var strides: [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for index in strides.indices.dropLast().reversed() {
            strides[index] = strides[index + 1] * shape[index + 1]
        }
        return strides
    }

    /// Rounded to half precision.
    var asFloat16: PlainTensor {
        var tensor = self
        tensor.type = "F16"
        tensor.bytes = floats.flatMap { Float16($0).bitPattern.littleEndianBytes }
        return tensor
    }

    private var floats: [Float] {
        stride(from: 0, to: bytes.count, by: 4).map { start in
            let bits = bytes[start..<start + 4].reversed().reduce(UInt32(0)) {
                $0 << 8 | UInt32($1)
            }
            return Float(bitPattern: bits)
        }
    }
}

enum SafetensorsWriter {
    static func file(_ tensors: [PlainTensor]) -> [UInt8] {
        var entries: [String] = []
        var data: [UInt8] = []
        for tensor in tensors {
            let end = data.count + tensor.bytes.count
            entries.append(
                "\"\(tensor.name)\":{\"dtype\":\"\(tensor.type)\",\"shape\":\(tensor.shape),"
                    + "\"data_offsets\":[\(data.count),\(end)]}")
            data += tensor.bytes
        }
        return file(
            header: "{\"__metadata__\":{\"format\":\"pt\"},\(entries.joined(separator: ","))}", data
        )
    }

    static func file(header: String, _ data: [UInt8]) -> [UInt8] {
        let padding = (8 - header.utf8.count % 8) % 8
        let text = Array(header.utf8) + [UInt8](repeating: 0x20, count: padding)
        return UInt64(text.count).littleEndianBytes + text + data
    }
}

enum ZipWriter {
    struct Member {
        var name: String
        var bytes: [UInt8]
        var method: UInt16 = 0
        var flags: UInt16 = 0x0808
    }

    /// An archive as PyTorch writes it: local headers without sizes, data descriptors, padding.
    ///
    /// - Parameter isZip64: whether sizes and offsets stand in zip64 records only.
    static func archive(_ members: [Member], isZip64: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        for member in members {
            let start = bytes.count
            let name = Array(member.name.utf8)
            let padding = (64 - (start + 30 + name.count + 4) % 64) % 64
            bytes += UInt32(0x0403_4B50).littleEndianBytes + UInt16(0).littleEndianBytes
            bytes += member.flags.littleEndianBytes + member.method.littleEndianBytes
            bytes += [UInt8](repeating: 0, count: 16)
            bytes += UInt16(name.count).littleEndianBytes
            bytes += UInt16(padding + 4).littleEndianBytes + name
            bytes += Array("FB".utf8) + UInt16(padding).littleEndianBytes
            bytes += [UInt8](repeating: UInt8(ascii: "Z"), count: padding)
            bytes += member.bytes
            bytes += UInt32(0x0807_4B50).littleEndianBytes + UInt32(0).littleEndianBytes
            bytes += UInt32(member.bytes.count).littleEndianBytes
            bytes += UInt32(member.bytes.count).littleEndianBytes

            let size = isZip64 ? UInt32.max : UInt32(member.bytes.count)
            let extra =
                isZip64
                ? UInt16(1).littleEndianBytes + UInt16(24).littleEndianBytes
                    + UInt64(member.bytes.count).littleEndianBytes
                    + UInt64(member.bytes.count).littleEndianBytes
                    + UInt64(start).littleEndianBytes : []
            directory += UInt32(0x0201_4B50).littleEndianBytes + [0, 0, 0, 0]
            directory += member.flags.littleEndianBytes + member.method.littleEndianBytes
            directory += [UInt8](repeating: 0, count: 8)
            directory += size.littleEndianBytes + size.littleEndianBytes
            directory += UInt16(name.count).littleEndianBytes
            directory += UInt16(extra.count).littleEndianBytes
            directory += [UInt8](repeating: 0, count: 10)
            directory += (isZip64 ? UInt32.max : UInt32(start)).littleEndianBytes
            directory += name + extra
        }
        let start = bytes.count
        bytes += directory
        if isZip64 {
            let end = bytes.count
            bytes += UInt32(0x0606_4B50).littleEndianBytes + UInt64(44).littleEndianBytes
            bytes += [UInt8](repeating: 0, count: 12)
            bytes += UInt64(members.count).littleEndianBytes
            bytes += UInt64(members.count).littleEndianBytes
            bytes += UInt64(directory.count).littleEndianBytes + UInt64(start).littleEndianBytes
            bytes += UInt32(0x0706_4B50).littleEndianBytes + [0, 0, 0, 0]
            bytes += UInt64(end).littleEndianBytes + UInt32(1).littleEndianBytes
        }
        let count = isZip64 ? UInt16.max : UInt16(members.count)
        bytes += UInt32(0x0605_4B50).littleEndianBytes + [0, 0, 0, 0]
        bytes += count.littleEndianBytes + count.littleEndianBytes
        bytes += (isZip64 ? UInt32.max : UInt32(directory.count)).littleEndianBytes
        bytes += (isZip64 ? UInt32.max : UInt32(start)).littleEndianBytes + [0, 0]
        return bytes
    }
}

enum TorchWriter {
    /// The tensors as a state dictionary, each with a storage of its own named by its position.
    static func stateDictionary(
        _ tensors: [PlainTensor], hasViewField: Bool = false
    ) -> Pickled {
        .ordered(
            tensors.enumerated().map { index, tensor in
                (
                    tensor.name,
                    .tensor(
                        PickledTensor(
                            storageClass: tensor.storageClass, key: "\(index)",
                            storageCount: tensor.elementCount, shape: tensor.shape,
                            strides: tensor.strides, hasViewField: hasViewField))
                )
            })
    }

    static func zip(
        _ root: Pickled, storages: [[UInt8]], byteOrder: String = "little", isZip64: Bool = false
    ) -> [UInt8] {
        let members =
            [
                ZipWriter.Member(name: "tiny/data.pkl", bytes: PickleWriter.pickle(root)),
                ZipWriter.Member(name: "tiny/byteorder", bytes: Array(byteOrder.utf8)),
            ]
            + storages.enumerated().map {
                ZipWriter.Member(name: "tiny/data/\($0.offset)", bytes: $0.element)
            } + [ZipWriter.Member(name: "tiny/version", bytes: Array("3\n".utf8))]
        return ZipWriter.archive(members, isZip64: isZip64)
    }

    static func legacy(
        _ root: Pickled, storages: [(elementCount: Int, bytes: [UInt8])],
        isLittleEndian: Bool = true
    ) -> [UInt8] {
        var bytes: [UInt8] = [
            0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
            0x2E,
        ]
        bytes += PickleWriter.pickle(.int(1_001))
        bytes += PickleWriter.pickle(
            .dictionary([
                ("protocol_version", .int(1_001)), ("little_endian", .bool(isLittleEndian)),
            ]))
        bytes += PickleWriter.pickle(root)
        bytes += PickleWriter.pickle(.list(storages.indices.map { .string("\($0)") }))
        for storage in storages {
            bytes += Int64(storage.elementCount).littleEndianBytes + storage.bytes
        }
        return bytes
    }
}
