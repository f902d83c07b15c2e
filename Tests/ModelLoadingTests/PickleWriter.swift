/// A value to pickle, as PyTorch would.
indirect enum Pickled: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case list([Pickled])
    case tuple([Pickled])
    case dictionary([(String, Pickled)])
    case ordered([(String, Pickled)])
    case global(String, String)
    /// `class()` with a state, as objects are pickled.
    case object(module: String, name: String, state: Pickled)
    /// A view of a storage.
    case tensor(PickledTensor)
}

/// What `_rebuild_tensor_v2` is told.
struct PickledTensor: Sendable {
    var storageClass = "FloatStorage"
    var key: String
    var storageCount: Int
    var offset = 0
    var shape: [Int]
    var strides: [Int]
    /// Only PyTorch's older container has them.
    var hasViewField = false
}

/// Writes protocol 2, with a memo entry for each container as Python does.
struct PickleWriter {
    private(set) var bytes: [UInt8] = [0x80, 2]
    private var memoCount = 0

    static func pickle(_ value: Pickled) -> [UInt8] {
        var writer = PickleWriter()
        writer.write(value)
        writer.bytes.append(UInt8(ascii: "."))
        return writer.bytes
    }

    private mutating func write(_ value: Pickled) {
        switch value {
        case .none: bytes.append(UInt8(ascii: "N"))
        case .bool(let flag): bytes.append(flag ? 0x88 : 0x89)
        case .int(let integer): write(integer)
        case .double(let number):
            bytes.append(UInt8(ascii: "G"))
            bytes += number.bitPattern.littleEndianBytes.reversed()
        case .string(let text):
            bytes.append(UInt8(ascii: "X"))
            bytes += UInt32(text.utf8.count).littleEndianBytes
            bytes += text.utf8
            remember()
        case .list(let values):
            bytes.append(UInt8(ascii: "]"))
            remember()
            bytes.append(UInt8(ascii: "("))
            values.forEach { write($0) }
            bytes.append(UInt8(ascii: "e"))
        case .tuple(let values): writeTuple(values)
        case .dictionary(let members):
            bytes.append(UInt8(ascii: "}"))
            remember()
            write(members)
        case .ordered(let members):
            write(.global("collections", "OrderedDict"))
            bytes += Array(")R".utf8)
            remember()
            write(members)
        case .global(let module, let name):
            bytes.append(UInt8(ascii: "c"))
            bytes += Array("\(module)\n\(name)\n".utf8)
            remember()
        case .object(let module, let name, let state):
            write(.global(module, name))
            bytes += [UInt8(ascii: ")"), 0x81]
            remember()
            write(state)
            bytes.append(UInt8(ascii: "b"))
        case .tensor(let tensor): write(tensor)
        }
    }

    private mutating func write(_ members: [(String, Pickled)]) {
        bytes.append(UInt8(ascii: "("))
        for (key, value) in members {
            write(.string(key))
            write(value)
        }
        bytes.append(UInt8(ascii: "u"))
    }

    private mutating func write(_ integer: Int) {
        if let small = UInt8(exactly: integer) {
            bytes += [UInt8(ascii: "K"), small]
        } else if let medium = Int32(exactly: integer) {
            bytes.append(UInt8(ascii: "J"))
            bytes += UInt32(bitPattern: medium).littleEndianBytes
        } else {
            bytes += [0x8A, 8] + UInt64(bitPattern: Int64(integer)).littleEndianBytes
        }
    }

    private mutating func writeTuple(_ values: [Pickled]) {
        if values.isEmpty { return bytes.append(UInt8(ascii: ")")) }
        if values.count <= 3 {
            values.forEach { write($0) }
            bytes.append(0x84 + UInt8(values.count))
        } else {
            bytes.append(UInt8(ascii: "("))
            values.forEach { write($0) }
            bytes.append(UInt8(ascii: "t"))
        }
        remember()
    }

    private mutating func write(_ tensor: PickledTensor) {
        write(.global("torch._utils", "_rebuild_tensor_v2"))
        bytes.append(UInt8(ascii: "("))
        writeTuple(
            [
                .string("storage"), .global("torch", tensor.storageClass), .string(tensor.key),
                .string("cuda:0"), .int(tensor.storageCount),
            ] + (tensor.hasViewField ? [.none] : []))
        bytes.append(UInt8(ascii: "Q"))
        write(.int(tensor.offset))
        writeTuple(tensor.shape.map { .int($0) })
        writeTuple(tensor.strides.map { .int($0) })
        write(.bool(false))
        write(.ordered([]))
        bytes.append(UInt8(ascii: "t"))
        remember()
        bytes.append(UInt8(ascii: "R"))
        remember()
    }

    private mutating func remember() {
        if let small = UInt8(exactly: memoCount) {
            bytes += [UInt8(ascii: "q"), small]
        } else {
            bytes.append(UInt8(ascii: "r"))
            bytes += UInt32(memoCount).littleEndianBytes
        }
        memoCount += 1
    }
}

extension FixedWidthInteger {
    var littleEndianBytes: [UInt8] {
        withUnsafeBytes(of: littleEndian) { Array($0) }
    }
}
