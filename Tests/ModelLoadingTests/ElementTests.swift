internal import Checkpoints
internal import Testing

@Suite("Stored elements to float32") struct ElementTests {
    private func floats(_ type: String, _ bytes: [UInt8], count: Int) throws -> [Float] {
        let header =
            "{\"lm_head.bias\":{\"dtype\":\"\(type)\",\"shape\":[\(count)],"
            + "\"data_offsets\":[0,\(bytes.count)]}}"
        let file = FileBytes(SafetensorsWriter.file(header: header, bytes), path: "a")
        let tensors = try CheckpointTensors(
            StateDictionary(file).tensors, rules: .huggingFace, path: "a")
        return try tensors.floats("lm_head.bias", shape: [count])
    }

    @Test("every finite half is converted exactly, subnormal ones too")
    func halves() throws {
        let patterns = (UInt16.min...UInt16.max).filter { $0 & 0x7C00 != 0x7C00 }
        let found = try floats(
            "F16", patterns.flatMap { $0.littleEndianBytes }, count: patterns.count)
        // By the definition, in normal floats only: other tests of this process may have set their
        // thread to flush subnormal ones to zero.
        let expected = patterns.map { bits -> Float in
            let exponent = Int(bits >> 10 & 0x1F)
            let significand = Int(bits & 0x3FF) + (exponent == 0 ? 0 : 1_024)
            let size =
                Float(significand)
                * Float(sign: .plus, exponent: max(exponent, 1) - 25, significand: 1)
            return bits & 0x8000 == 0 ? size : -size
        }
        let wrong = zip(found, expected).count { $0.bitPattern != $1.bitPattern }
        #expect(wrong == 0, "of \(patterns.count)")
    }

    @Test("every finite bfloat16 is converted exactly")
    func brainFloats() throws {
        let patterns = (UInt16.min...UInt16.max).filter { $0 & 0x7F80 != 0x7F80 }
        let found = try floats(
            "BF16", patterns.flatMap { $0.littleEndianBytes }, count: patterns.count)
        #expect(found.map { $0.bitPattern } == patterns.map { UInt32($0) << 16 })
    }

    @Test("doubles are rounded to the nearest float")
    func doubles() throws {
        let values = [0.1, -1e-40, 3.5, 1.0000000001, -65_504.25]
        let found = try floats(
            "F64", values.flatMap { $0.bitPattern.littleEndianBytes }, count: values.count)
        #expect(found == values.map { Float($0) })
    }

    @Test(
        "infinity, NaN and doubles beyond float32 are refused",
        arguments: [
            ("F16", Float16.infinity.bitPattern.littleEndianBytes),
            ("F16", Float16.nan.bitPattern.littleEndianBytes), ("BF16", [0x80, 0x7F]),
            ("F32", Float.nan.bitPattern.littleEndianBytes),
            ("F64", 1e300.bitPattern.littleEndianBytes),
        ])
    func notFinite(type: String, bytes: [UInt8]) throws {
        let error = try #require(throws: CheckpointError.self) { try floats(type, bytes, count: 1) }
        #expect(error.code == .notFinite)
        #expect(error.tensor == "lm_head.bias")
    }
}
