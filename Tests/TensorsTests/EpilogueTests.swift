internal import CKernels
internal import Tensors
internal import Testing

/// What happens to rows between two multiplications, in every combination.
@Suite("Finishing rows") struct EpilogueTests {
    @Test("any combination is what its formula says", arguments: KernelSet.here)
    func combinations(set: KernelSet) {
        let seed: UInt64 = 41
        var random = SeededFloats(seed: seed)
        for round in 0..<600 {
            let epilogue = EpilogueCase(random: &random)
            let result = epilogue.run(set.table)
            let problem = Self.problem(epilogue, result)
            #expect(problem == nil, "seed \(seed), round \(round): \(epilogue)")
            #expect(result.keepsToItsRows, "seed \(seed), round \(round): \(epilogue)")
            if problem != nil { break }
        }
    }

    @Test("a row's bits are its own: alone, at another address", arguments: KernelSet.here)
    func placeDoesNotMatter(set: KernelSet) {
        let seed: UInt64 = 43
        var random = SeededFloats(seed: seed)
        for round in 0..<300 {
            let epilogue = EpilogueCase(random: &random)
            let together = epilogue.run(set.table)
            var alone = EpilogueResult()
            let step = epilogue.isWinograd ? 3 : 1
            for start in stride(from: 0, to: epilogue.rows, by: step) {
                let range = start..<min(start + step, epilogue.rows)
                let result = epilogue.only(range).run(
                    set.table, offset: Int.random(in: 0...15, using: &random), gap: 0)
                alone.floats += result.floats
                alone.product += result.product
                alone.encoded += result.encoded
                alone.scales += result.scales
                alone.zeros += result.zeros
                alone.keepsToItsRows = alone.keepsToItsRows && result.keepsToItsRows
            }
            let isSame = together == alone
            #expect(isSame, "seed \(seed), round \(round): \(epilogue)")
            if !isSame { break }
        }
    }

    @Test(
        "NaN is never turned into a number", arguments: KernelSet.here,
        [KernelActivation.linear, .gelu, .geluTanh, .relu, .tanh, .swish])
    func notANumberStays(set: KernelSet, activation: KernelActivation) {
        for width in [3, 16, 40] {
            for hasNorm in [false, true] {
                for encoding in [ck_float32, ck_bfloat16, ck_uint8] {
                    var random = SeededFloats(seed: UInt64(width))
                    var epilogue = EpilogueCase()
                    (epilogue.rows, epilogue.width, epilogue.activation) = (3, width, activation)
                    (epilogue.hasNorm, epilogue.encoding) = (hasNorm, encoding)
                    epilogue.fill(&random)
                    epilogue.products[0][width + 1] = .nan
                    let result = epilogue.run(set.table)
                    let floats = result.floats.map { Float(bitPattern: $0) }
                    #expect(floats[width + 1].isNaN, "\(epilogue)")
                    let others = floats[..<width] + floats[(2 * width)...]
                    #expect(others.allSatisfy { $0.isFinite }, "neighbours keep theirs")
                    switch encoding {
                    case ck_uint8:
                        let scales = result.scales.map { Float(bitPattern: $0) }
                        #expect(scales[1].isNaN && scales[0].isFinite && scales[2].isFinite)
                    case ck_bfloat16:
                        #expect(
                            KernelReference.float(
                                ofBFloat16: UInt16(result.encoded[width + 1])
                            ).isNaN)
                    default:
                        #expect(Float(bitPattern: result.encoded[width + 1]).isNaN)
                    }
                }
            }
        }
    }

    @Test("what overflows shows in the scale of its bytes", arguments: KernelSet.here)
    func overflow(set: KernelSet) {
        for values: [Float] in [
            [1, .infinity, 2], [-.infinity, 0, 1],
            [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0],
        ] {
            var epilogue = EpilogueCase()
            (epilogue.rows, epilogue.width, epilogue.encoding) = (1, 3, ck_uint8)
            epilogue.products = [values]
            let scale = Float(bitPattern: epilogue.run(set.table).scales[0])
            #expect(!scale.isFinite)
        }
    }

    @Test("bfloat16 is rounded to nearest even", arguments: KernelSet.here)
    func rounding(set: KernelSet) {
        var random = SeededFloats(seed: 47)
        // Normal floats of all magnitudes, and ties of both kinds.
        var values: [Float] = (0..<4_000).map { _ in
            Float(bitPattern: UInt32.random(in: 0x0080_0000..<0x7F00_0000, using: &random))
        }
        values += (0..<1_000).map { _ in
            Float(
                bitPattern: UInt32.random(in: 0x0080..<0x7F00, using: &random) << 16 | 0x8000)
        }
        values += values.map { -$0 } + [0, -0]
        var epilogue = EpilogueCase()
        (epilogue.rows, epilogue.width, epilogue.encoding) = (1, values.count, ck_bfloat16)
        epilogue.products = [values]
        let encoded = epilogue.run(set.table).encoded
        let expected = values.map { UInt32(KernelReference.bfloat16($0)) }
        let isSame = encoded == expected
        #expect(isSame)
        let weights = [UInt16](unsafeUninitializedCapacity: values.count) { target, count in
            if let first = target.baseAddress { ck_to_bfloat16(values, values.count, first) }
            count = values.count
        }
        let weightsAreSame = weights.map(UInt32.init) == expected
        #expect(weightsAreSame)
    }

    @Test("bytes spread a row's range and hold zero exactly", arguments: KernelSet.here)
    func bytes(set: KernelSet) {
        for values: [Float] in [
            [0, 0, 0], [1, 2, 5], [-3, -1, -2], [-1, 0, 3], [1e-30, 0, 2e-30],
        ] {
            var epilogue = EpilogueCase()
            (epilogue.rows, epilogue.width, epilogue.encoding) = (1, 3, ck_uint8)
            epilogue.products = [values]
            let result = epilogue.run(set.table)
            let scale = Float(bitPattern: result.scales[0])
            #expect(result.encoded.allSatisfy { $0 <= 255 } && (0...255).contains(result.zeros[0]))
            for (byte, value) in zip(result.encoded, values) {
                let decoded = scale * Float(Int32(byte) - result.zeros[0])
                #expect(abs(decoded - value) <= 0.5001 * scale)
                if value == 0 { #expect(decoded == 0) }
            }
        }
    }

    /// What is wrong with a result; nil if nothing.
    private static func problem(_ epilogue: EpilogueCase, _ result: EpilogueResult) -> String? {
        let width = epilogue.width
        var finished: [Double] = []
        var tolerances: [Double] = []
        for row in 0..<epilogue.rows {
            let expected = epilogue.expected(row: row)
            let range = row * width..<(row + 1) * width
            let floats = result.floats[range].map { Float(bitPattern: $0) }
            let kept = epilogue.keepsUnnormed ? expected.sum : expected.finished
            // Without an output, only the encoding is made where there is one.
            let hasFloats = epilogue.target != .inPlace || epilogue.encoding == nil
            if hasFloats, !(largestDifference(floats, kept) <= expected.tolerance) {
                return "row \(row) is off by \(largestDifference(floats, kept))"
            }
            if epilogue.keepsUnnormed, epilogue.encoding == nil {
                let product = result.product[range].map { Float(bitPattern: $0) }
                if !(largestDifference(product, expected.finished) <= expected.tolerance) {
                    return "normed row \(row) is off"
                }
            }
            finished += expected.finished
            tolerances += [Double](repeating: expected.tolerance, count: width)
        }
        guard let encoding = epilogue.encoding else { return nil }
        for (index, expected) in finished.enumerated() {
            let value: Double
            var allowed = tolerances[index]
            switch encoding {
            case ck_float32: value = Double(Float(bitPattern: result.encoded[index]))
            case ck_bfloat16:
                value = Double(
                    KernelReference.float(ofBFloat16: UInt16(result.encoded[index])))
                allowed += abs(expected) * 0x1p-8
            default:
                let row = index / width
                let scale = Double(Float(bitPattern: result.scales[row]))
                value = scale * Double(Int32(result.encoded[index]) - result.zeros[row])
                let range = finished[row * width..<(row + 1) * width]
                let spread = (max(0, range.max() ?? 0) - min(0, range.min() ?? 0)) / 255
                if !(abs(scale - spread) <= 2 * (tolerances.max() ?? 0) / 255 + 1e-6 * spread) {
                    return "scale \(scale) of row \(row) is not \(spread)"
                }
                allowed += 0.5001 * scale
            }
            if !(abs(value - expected) <= allowed) {
                return "value \(index) is encoded as \(value), not \(expected)"
            }
        }
        return nil
    }
}
