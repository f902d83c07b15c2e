/// Reads a pickle as data: opcodes build values, and names of classes stay names.
///
/// Nothing is imported, looked up or called. What a pickle would have called is recorded as a
/// ``PickleRecord``. Depth, counts and lengths are bounded; a cyclic pickle is a cyclic graph of
/// indices.
struct PickleReader {
    private var cursor: ByteCursor
    private var graph = PickleGraph()
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    /// Values built, places of the memo among them: both take memory.
    private var valueCount = 0
    /// Of a module or of a class within it.
    private static let nameBytesMax = 1_024

    /// Reads the pickle at `start` of `bytes`.
    ///
    /// - Returns: its values, and the position behind its STOP.
    static func read(
        _ bytes: UnsafeRawBufferPointer, at start: Int = 0, path: String
    ) throws(CheckpointError) -> (graph: PickleGraph, end: Int) {
        let end = min(bytes.count, start + CheckpointLimits.pickleBytesMax)
        var reader = PickleReader(
            cursor: ByteCursor(
                UnsafeRawBufferPointer(rebasing: bytes[..<end]), at: start, path: path,
                part: "the pickle"))
        try reader.run()
        return (reader.graph, reader.cursor.position)
    }

    private init(cursor: ByteCursor) { self.cursor = cursor }

    private mutating func run() throws(CheckpointError) {
        while true {
            let byte = try cursor.byte()
            guard let opcode = PickleOpcode(rawValue: byte) else {
                throw cursor.damaged(
                    "the opcode 0x\(String(byte, radix: 16)) is not among those accepted")
            }
            if opcode == .stop {
                graph.root = try pop()
                return
            }
            try step(opcode)
            guard stack.count <= CheckpointLimits.pickleStackMax,
                valueCount <= CheckpointLimits.pickleValuesMax
            else { throw cursor.overLimit("more values than any checkpoint has") }
        }
    }

    private mutating func step(_ opcode: PickleOpcode) throws(CheckpointError) {
        switch opcode {
        case .proto:
            let version = try cursor.byte()
            guard (2...5).contains(version) else {
                throw cursor.damaged("pickle protocol \(version) is not read; 2 to 5 are")
            }
        case .frame: try cursor.skip(8)
        case .stop: break

        case .none: push(.none)
        case .newTrue: push(.bool(true))
        case .newFalse: push(.bool(false))
        case .binInt: push(.int(Int(Int32(bitPattern: try cursor.uint32()))))
        case .binInt1: push(.int(Int(try cursor.byte())))
        case .binInt2: push(.int(Int(try cursor.uint16())))
        case .long1: push(try long(byteCount: Int(try cursor.byte())))
        case .long4: push(try long(byteCount: Int(try cursor.uint32())))
        case .binFloat: push(.double(Double(bitPattern: (try cursor.uint64()).byteSwapped)))
        case .binUnicode: push(.string(try text(Int(try cursor.uint32()))))
        case .shortBinUnicode: push(.string(try text(Int(try cursor.byte()))))
        case .binUnicode8: push(.string(try text(try cursor.size64())))
        case .shortBinString: push(try byteString(Int(try cursor.byte())))
        case .binString: push(try byteString(Int(try cursor.uint32())))
        case .shortBinBytes: try opaque(Int(try cursor.byte()))
        case .binBytes: try opaque(Int(try cursor.uint32()))
        case .binBytes8: try opaque(try cursor.size64())

        case .emptyTuple, .emptyList, .emptySet: pushSequence([])
        case .tuple1: try pushTuple(1)
        case .tuple2: try pushTuple(2)
        case .tuple3: try pushTuple(3)
        case .tuple, .list, .frozenSet: pushSequence(try popToMark())
        case .emptyDictionary: pushMapping([])
        case .dictionary: pushMapping(try pairs(try popToMark()))
        case .append:
            let value = try pop()
            try append([value])
        case .appends, .addItems: try append(try popToMark())
        case .setItem:
            let value = try pop()
            let key = try pop()
            try set([(key, value)])
        case .setItems: try set(try pairs(try popToMark()))

        case .mark:
            guard marks.count < CheckpointLimits.pickleMarksMax else {
                throw cursor.overLimit("nested deeper than \(CheckpointLimits.pickleMarksMax)")
            }
            marks.append(stack.count)
        case .pop:
            // Python lets POP take back a mark as well.
            if let mark = marks.last, mark == stack.count {
                marks.removeLast()
            } else {
                _ = try pop()
            }
        case .popMark: _ = try popToMark()
        case .duplicate: push(try top())

        case .binPut: try remember(Int(try cursor.byte()))
        case .longBinPut: try remember(Int(try cursor.uint32()))
        case .memoize: try remember(memo.count)
        case .binGet: push(try remembered(Int(try cursor.byte())))
        case .longBinGet: push(try remembered(Int(try cursor.uint32())))

        case .global:
            let module = try cursor.line(bytesMax: Self.nameBytesMax)
            let name = try cursor.line(bytesMax: Self.nameBytesMax)
            push(.global("\(module).\(name)"))
        case .stackGlobal:
            guard case .string(let name) = try pop(), case .string(let module) = try pop(),
                name.utf8.count <= Self.nameBytesMax, module.utf8.count <= Self.nameBytesMax
            else { throw cursor.damaged("a class name must be a short string") }
            push(.global("\(module).\(name)"))
        case .reduce, .newObject:
            let arguments = try pop()
            let callable = try pop()
            call(callable, arguments)
        case .newObjectEx:
            _ = try pop()
            let arguments = try pop()
            let callable = try pop()
            call(callable, arguments)
        case .build:
            let state = try pop()
            // A dictionary's or list's own state (PyTorch's `_metadata`) says nothing needed here.
            if case .record(let index) = try top() { graph.records[index].state = state }
        case .binPersistentID:
            let identifier = try pop()
            graph.persistentIDs.append(identifier)
            push(.persistent(graph.persistentIDs.count - 1))
        }
    }

    // MARK: Calls

    private mutating func call(_ callable: PickleValue, _ arguments: PickleValue) {
        if callable == .global("collections.OrderedDict") {
            let members = orderedMembers(arguments)
            valueCount += members.count  // copied, and so counted
            return pushMapping(members)
        }
        graph.records.append(PickleRecord(callable: callable, arguments: arguments))
        push(.record(graph.records.count - 1))
    }

    /// The members in `OrderedDict([[key, value], …])`, as Python 2 wrote them.
    private func orderedMembers(
        _ arguments: PickleValue
    ) -> [(key: PickleValue, value: PickleValue)] {
        guard let first = graph.elements(arguments)?.first, let pairs = graph.elements(first) else {
            return []
        }
        return pairs.compactMap { pair in
            guard let elements = graph.elements(pair), elements.count == 2 else { return nil }
            return (elements[0], elements[1])
        }
    }

    // MARK: Containers

    private mutating func append(_ values: [PickleValue]) throws(CheckpointError) {
        switch try top() {
        case .sequence(let index): graph.sequences[index].append(contentsOf: values)
        case .record: break  // an object that extends itself; its contents are not needed
        default: throw cursor.damaged("elements are appended to something else than a list")
        }
    }

    private mutating func set(
        _ members: [(key: PickleValue, value: PickleValue)]
    ) throws(CheckpointError) {
        switch try top() {
        case .mapping(let index): graph.mappings[index].append(contentsOf: members)
        case .record: break  // a subclass of dict; its contents are not needed
        default: throw cursor.damaged("items are set on something else than a dictionary")
        }
    }

    private func pairs(
        _ values: [PickleValue]
    ) throws(CheckpointError) -> [(key: PickleValue, value: PickleValue)] {
        guard values.count.isMultiple(of: 2) else {
            throw cursor.damaged("a dictionary's key has no value")
        }
        return stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
    }

    // MARK: Numbers and text

    private mutating func long(byteCount: Int) throws(CheckpointError) -> PickleValue {
        let bytes = try cursor.readBytes(byteCount)
        guard byteCount <= 8 else { return .opaque }
        var bits: UInt64 = 0
        for (index, byte) in bytes.enumerated() { bits |= UInt64(byte) << UInt64(8 * index) }
        guard let last = bytes.last else { return .int(0) }
        if last & 0x80 != 0, byteCount < 8 { bits |= UInt64.max << UInt64(8 * byteCount) }
        return .int(Int(Int64(bitPattern: bits)))
    }

    private mutating func text(_ byteCount: Int) throws(CheckpointError) -> String {
        try checkText(byteCount)
        return try cursor.text(byteCount)
    }

    /// A byte string, as text where it is text: Python 2 wrote names so.
    private mutating func byteString(_ byteCount: Int) throws(CheckpointError) -> PickleValue {
        try checkText(byteCount)
        let bytes = try cursor.readBytes(byteCount)
        return String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .opaque
    }

    private mutating func opaque(_ byteCount: Int) throws(CheckpointError) {
        try cursor.skip(byteCount)
        push(.opaque)
    }

    private func checkText(_ byteCount: Int) throws(CheckpointError) {
        guard byteCount <= CheckpointLimits.pickleTextBytesMax else {
            throw cursor.overLimit("a text of \(byteCount) bytes")
        }
    }

    // MARK: Stack

    private mutating func push(_ value: PickleValue) {
        valueCount += 1
        stack.append(value)
    }

    private mutating func pushSequence(_ values: [PickleValue]) {
        graph.sequences.append(values)
        push(.sequence(graph.sequences.count - 1))
    }

    private mutating func pushMapping(_ members: [(key: PickleValue, value: PickleValue)]) {
        graph.mappings.append(members)
        push(.mapping(graph.mappings.count - 1))
    }

    private mutating func pushTuple(_ count: Int) throws(CheckpointError) {
        var values: [PickleValue] = []
        for _ in 0..<count { values.append(try pop()) }
        pushSequence(values.reversed())
    }

    private func top() throws(CheckpointError) -> PickleValue {
        guard stack.count > (marks.last ?? 0), let value = stack.last else {
            throw cursor.damaged("a value is missing")
        }
        return value
    }

    private mutating func pop() throws(CheckpointError) -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func popToMark() throws(CheckpointError) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw cursor.damaged("a mark is missing") }
        let values = Array(stack[mark...])
        stack.removeSubrange(mark...)
        return values
    }

    private mutating func remember(_ key: Int) throws(CheckpointError) {
        if memo.updateValue(try top(), forKey: key) == nil { valueCount += 1 }
    }

    private func remembered(_ key: Int) throws(CheckpointError) -> PickleValue {
        guard let value = memo[key] else { throw cursor.damaged("memo \(key) was never set") }
        return value
    }
}
