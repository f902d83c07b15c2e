internal import Checkpoints
internal import Testing

@Suite("Pickles as data") struct PickleTests {
    /// The graph of a PyTorch file whose object is the pickle `body` (after its protocol).
    private func graph(_ body: [UInt8]) throws(CheckpointError) -> PickleGraph {
        let archive = ZipWriter.archive([
            .init(name: "a/data.pkl", bytes: [0x80, 2] + body + [UInt8(ascii: ".")])
        ])
        return try TorchArchive(FileBytes(archive, path: "a.pt"), format: .torchZip).graph
    }

    private func error(_ body: [UInt8]) throws -> CheckpointError {
        try #require(throws: CheckpointError.self) { try graph(body) }
    }

    @Test("a call is recorded and not made")
    func noCalls() throws {
        let graph = try graph(Array("cos\nsystem\nX\u{4}\0\0\0true\u{85}R".utf8).fixed)
        let record = try #require(graph.record(graph.root))
        #expect(record.callable == .global("os.system"))
    }

    @Test("a list that holds itself is a value like any other")
    func cycles() throws {
        // ] q0 h0 a: an empty list, remembered, appended to itself.
        let graph = try graph(Array("]q\0h\0a".utf8))
        #expect(graph.elements(graph.root) == [graph.root])
        // } q0 X"_val" h0 s: settings that look like a node holding itself end as well.
        let cyclic = try self.graph(
            Array("ca\nNode\n)\u{81}q\0}X\u{4}\0\0\0_valh\0sb".utf8).fixed)
        let settings = PickledSettings(cyclic.root, in: cyclic)
        #expect(settings.string == nil && settings["x"] == nil)
    }

    @Test(
        "opcodes that need what is not there, or are not accepted, are refused",
        arguments: [
            ("", "value is missing"), ("0", "value is missing"), ("a", "value is missing"),
            ("(", "value is missing"), ("u", "mark is missing"),
            ("h\u{7}", "never set"), ("i", "opcode 0x69"), ("S'x'\n", "opcode 0x53"),
            ("K\u{1}K\u{2}a", "appended"), ("K\u{1}K\u{2}K\u{3}s", "items are set"),
            ("}(K\u{1}u", "no value"), ("cos", "does not end"),
        ])
    func refused(body: String, part: String) throws {
        let error = try error(Array(body.utf8))
        #expect(error.code == .damaged)
        #expect(error.message.contains(part), "\(error)")
    }

    @Test("lengths beyond the file are refused before anything is allocated")
    func lengths() throws {
        let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0x7F]
        #expect(try error([UInt8(ascii: "X")] + huge).code == .overLimit)
        #expect(try error([UInt8(ascii: "B")] + huge).code == .damaged)
        #expect(try error([0x8B] + huge).code == .damaged)
        #expect(try error([0x8D] + [UInt8](repeating: 0xFF, count: 8)).code == .damaged)
    }

    @Test("deep nesting of marks is refused")
    func depth() throws {
        let marks = [UInt8](repeating: UInt8(ascii: "("), count: 100_000)
        #expect(try error(marks).code == .overLimit)
    }

    @Test("deep nesting of lists is only a long table")
    func deepLists() throws {
        // ]]]…aaa: lists within lists.
        let depth = 100_000
        let body =
            [UInt8](repeating: UInt8(ascii: "]"), count: depth)
            + [UInt8](repeating: UInt8(ascii: "a"), count: depth - 1)
        #expect(try graph(body).sequences.count == depth)
    }

    @Test("copies of copies are counted, so that a short file cannot fill memory")
    func copies() throws {
        // An OrderedDict made of a list of 1,000 pairs, again and again.
        var body = Array("]q\0(".utf8)
        for _ in 0..<1_000 { body += Array("NN\u{86}".utf8).fixed }
        body += Array("e0".utf8)
        body += Array("ccollections\nOrderedDict\nq\u{1}0".utf8)
        for _ in 0..<10_000 { body += Array("h\u{1}h\0\u{85}R0".utf8).fixed }
        #expect(try error(body + [UInt8(ascii: "N")]).code == .overLimit)
    }

    @Test("places of the memo are counted, since they take memory as values do")
    func memo() throws {
        // One value, put into place after place.
        var body: [UInt8] = [0x4E]
        for place in 0..<UInt32(CheckpointLimits.pickleValuesMax + 1) {
            body.append(UInt8(ascii: "r"))
            withUnsafeBytes(of: place.littleEndian) { body.append(contentsOf: $0) }
        }
        #expect(try error(body).code == .overLimit)
        // The same place again takes nothing.
        let again = (0..<100_000).flatMap { _ in [UInt8(ascii: "q"), 7] }
        #expect(try graph([0x4E] + again).root == .none)
    }

    @Test("a class name is short, so that names of names cannot fill memory")
    func classNames() throws {
        let long = [UInt8](repeating: UInt8(ascii: "a"), count: 2_000)
        let text = [UInt8(ascii: "X")] + UInt32(long.count).littleEndianBytes + long
        #expect(try error(text + [0x94] + text + [0x93]).code == .damaged)
    }

    @Test("any order of accepted opcodes gives values or an error", arguments: 0..<4)
    func randomOrder(part: UInt64) throws {
        let opcodes = (UInt8.min...UInt8.max).filter { ![0x80, 0x2E].contains($0) }
        var values = 0
        for run in 0..<1_500 {
            let seed = part &* 1_000_003 &+ UInt64(run)
            var generator = SeededGenerator(seed: seed)
            var body: [UInt8] = []
            for _ in 0..<Int.random(in: 1...40, using: &generator) {
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: body += [0x7D, 0x71, UInt8.random(in: 0..<4, using: &generator)]
                case 1: body += [0x68, UInt8.random(in: 0..<4, using: &generator)]
                default:
                    body.append(opcodes.randomElement(using: &generator) ?? 0x4E)
                    if Bool.random(using: &generator) { body += [1, 0, 0, 0] }
                }
            }
            do throws(CheckpointError) {
                let graph = try self.graph(body)
                _ = PickledSettings(graph.root, in: graph)["x"]
                values += 1
            } catch {
                #expect(!error.message.isEmpty, "seed \(seed)")
            }
        }
        #expect(values > 0)
    }

    @Test("newer protocols are read too")
    func protocol4() throws {
        // FRAME, SHORT_BINUNICODE, MEMOIZE, STACK_GLOBAL.
        let body: [UInt8] =
            [0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0x8C, 1] + Array("m".utf8) + [0x94, 0x8C, 1]
            + Array("n".utf8) + [0x94, 0x93]
        #expect(try graph(body).root == .global("m.n"))
    }
}

extension [UInt8] {
    /// Opcodes above 0x7F were written as characters, which UTF-8 makes two bytes of.
    fileprivate var fixed: [UInt8] {
        String(decoding: self, as: UTF8.self).unicodeScalars.map {
            UInt8(truncatingIfNeeded: $0.value)
        }
    }
}
