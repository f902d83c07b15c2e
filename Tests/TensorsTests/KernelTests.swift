internal import Glibc
internal import Tensors
internal import Testing

/// Each kernel of each table that this processor runs, against its definition in double precision.
///
/// Widths go around the sixteen floats that kernels take at once.
@Suite("Kernels") struct KernelTests {
    static let widths = [1, 2, 7, 15, 16, 17, 31, 32, 33, 64, 100, 512, 1023]

    private func kernels(_ set: InstructionSet) throws -> Kernels { try #require(Kernels(set)) }

    @Test(
        "layer norm is what its formula says", arguments: InstructionSet.availableHere, widths)
    func layerNorm(set: InstructionSet, width: Int) throws {
        var random = SeededFloats(seed: UInt64(width))
        let rows = 3
        let input = Matrix(random.floats(rows * width, bound: 5), rows: rows, width: width)
        let gain = random.floats(width)
        let bias = random.floats(width)
        let output = Matrix(zeros: rows, width)
        try kernels(set).layerNorm(
            input.view, gain: Tensor(gain, shape: [width]), bias: Tensor(bias, shape: [width]),
            epsilon: 1e-5, activation: .relu, into: output.view)
        for row in 0..<rows {
            let values = input.row(row).map(Double.init)
            let mean = values.reduce(0, +) / Double(width)
            let variance =
                values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
            let expected = (0..<width).map { column in
                max(
                    0,
                    (values[column] - mean) / (variance + 1e-5).squareRoot()
                        * Double(gain[column]) + Double(bias[column]))
            }
            #expect(largestDifference(output.row(row), expected) < 4e-6)
        }
    }

    @Test("softmax sums to one and ignores masked values", arguments: InstructionSet.availableHere)
    func softmax(set: InstructionSet) throws {
        for width in Self.widths {
            var random = SeededFloats(seed: UInt64(width))
            let valid = Int.random(in: 1...width, using: &random)
            let input = random.floats(2 * width, bound: 20)
            let matrix = Matrix(input, rows: 2, width: width)
            try kernels(set).softmax(matrix.view, valid: valid)
            for row in 0..<2 {
                let values = input[row * width..<row * width + valid].map(Double.init)
                let top = values.max() ?? 0
                let sum = values.reduce(0) { $0 + exp($1 - top) }
                let expected =
                    values.map { exp($0 - top) / sum }
                    + [Double](repeating: 0, count: width - valid)
                #expect(largestDifference(matrix.row(row), expected) < 3e-7, "width \(width)")
            }
        }
    }

    @Test("log-softmax is what its formula says", arguments: InstructionSet.availableHere)
    func logSoftmax(set: InstructionSet) throws {
        for width in Self.widths {
            var random = SeededFloats(seed: UInt64(width) + 1)
            let input = random.floats(3 * width, bound: 30)
            let matrix = Matrix(input, rows: 3, width: width)
            try kernels(set).logSoftmax(matrix.view)
            for row in 0..<3 {
                let values = input[row * width..<(row + 1) * width].map(Double.init)
                let top = values.max() ?? 0
                let logarithm = log(values.reduce(0) { $0 + exp($1 - top) })
                let expected = values.map { $0 - top - logarithm }
                #expect(largestDifference(matrix.row(row), expected) < 8e-6, "width \(width)")
            }
        }
    }

    @Test(
        "bias and residual are added before and after the activation",
        arguments: InstructionSet.availableHere, [KernelActivation.linear, .gelu, .tanh])
    func sums(set: InstructionSet, activation: KernelActivation) throws {
        for width in Self.widths {
            var random = SeededFloats(seed: UInt64(width) + 2)
            let values = random.floats(2 * width)
            let sum = random.floats(2 * width)
            let bias = random.floats(width)
            let inPlace = Matrix(values, rows: 2, width: width)
            let added = Matrix(sum, rows: 2, width: width)
            let tensor = Tensor(bias, shape: [width])
            try kernels(set).add(
                inPlace.view, bias: tensor, activation: activation, to: added.view)
            try kernels(set).addBias(tensor, to: inPlace.view, activation: activation)
            let expected = values.indices.map { index in
                Self.apply(activation, Double(values[index]) + Double(bias[index % width]))
            }
            #expect(largestDifference(inPlace.values, expected) < 1e-6)
            let expectedSum = zip(sum, expected).map { Double($0) + $1 }
            #expect(largestDifference(added.values, expectedSum) < 2e-6)
        }
    }

    @Test(
        "samples are convolved as the definition says", arguments: InstructionSet.availableHere,
        [1, 16, 24, 48, 512])
    func convolution(set: InstructionSet, channels: Int) throws {
        var random = SeededFloats(seed: UInt64(channels))
        let (kernel, stride, frames) = (10, 5, 23)
        let padded = Kernels.paddedToBlock(channels)
        let samples = Matrix(
            random.floats((frames - 1) * stride + kernel), rows: 1,
            width: (frames - 1) * stride + kernel)
        let weights = Matrix(random.floats(kernel * padded), rows: kernel, width: padded)
        let shift = Matrix(random.floats(padded), rows: 1, width: padded)
        let output = Matrix(zeros: frames, channels)
        try kernels(set).convolve(
            samples: samples.buffer, weights: weights.view, shift: shift.view, stride: stride,
            activation: .geluTanh, into: output.view)
        for frame in 0..<frames {
            let expected = (0..<channels).map { channel in
                let sum = (0..<kernel).reduce(Double(shift.values[channel])) { sum, tap in
                    sum + Double(samples.values[frame * stride + tap])
                        * Double(weights.row(tap)[channel])
                }
                return Self.apply(.geluTanh, sum)
            }
            #expect(largestDifference(output.row(frame), expected) < 1e-5)
        }
    }

    @Test(
        "overlapping windows are multiplied as the definition says",
        arguments: InstructionSet.availableHere, [1, 5, 6, 13])
    func windows(set: InstructionSet, rows: Int) throws {
        var random = SeededFloats(seed: UInt64(rows))
        let (stride, depth, blocks) = (3, 3 * 301, 2)
        let input = Matrix(
            random.floats((rows - 1) * stride + depth), rows: 1,
            width: (rows - 1) * stride + depth)
        let weights = Matrix(
            random.floats(blocks * depth * 16, bound: 0.1), rows: blocks * depth, width: 16)
        let output = Matrix(zeros: rows, 16 * blocks)
        try kernels(set).multiplyWindows(
            of: input.buffer, inputStride: stride, weights: weights.view.base, blocks: blocks,
            depth: depth, into: output.view)
        let x = input.values
        let w = weights.values
        for row in 0..<rows {
            let expected = (0..<16 * blocks).map { column in
                (0..<depth).reduce(0.0) { sum, p in
                    sum + Double(x[row * stride + p])
                        * Double(w[(column / 16 * depth + p) * 16 + column % 16])
                }
            }
            #expect(largestDifference(output.row(row), expected) < 2e-5)
        }
    }

    @Test("time is shortened by means and lengthened by repetition")
    func pooling() throws {
        for set in InstructionSet.availableHere {
            let input = Matrix([1, 10, 2, 20, 3, 30, 4, 40, 8, 80], rows: 5, width: 2)
            let groups = Matrix(zeros: 2, 2)
            try kernels(set).meanGroups(of: input.view, factor: 4, into: groups.view)
            #expect(groups.values == [2.5, 25, 2, 20], "a group is divided by its full size")
            try kernels(set).addRepeated(groups.view, factor: 4, to: input.view)
            #expect(input.values == [3.5, 35, 4.5, 45, 5.5, 55, 6.5, 65, 10, 100])
        }
    }

    @Test("rotation turns halves against each other and keeps length")
    func rotation() throws {
        for set in InstructionSet.availableHere {
            let values = Matrix([3, 1, 4, 2], rows: 1, width: 4)
            let cosines: [Float] = [0, 1]
            let sines: [Float] = [1, 0]
            try cosines.withUnsafeBufferPointer { cosines in
                try sines.withUnsafeBufferPointer { sines in
                    try kernels(set).rotate(values.view, cosines: cosines, sines: sines)
                }
            }
            #expect(values.values == [-4, 1, 3, 2])
        }
    }

    @Test(
        "a row's bits depend neither on its place nor on its address",
        arguments: InstructionSet.availableHere)
    func placeDoesNotMatter(set: InstructionSet) throws {
        let kernels = try kernels(set)
        var random = SeededFloats(seed: 11)
        for width in [33, 512] {
            let row = random.floats(width)
            let gain = Tensor(random.floats(width), shape: [width])
            let bias = Tensor(random.floats(width), shape: [width])
            var results: Set<[Float]> = []
            for (place, offset) in [(0, 0), (1, 3), (6, 1), (4, 13)] {
                var values = random.floats(7 * width)
                values.replaceSubrange(place * width..<(place + 1) * width, with: row)
                let matrix = Matrix(values, rows: 7, width: width, offset: offset)
                kernels.addBias(bias, to: matrix.view, activation: .gelu)
                kernels.layerNorm(
                    matrix.view, gain: gain, bias: bias, epsilon: 1e-5, into: matrix.view)
                kernels.softmax(matrix.view, valid: width - 1)
                kernels.logSoftmax(matrix.view)
                results.insert(matrix.row(place))
            }
            let distinct = results.count
            #expect(distinct == 1)
        }
    }

    @Test("NaN is never turned into a number", arguments: InstructionSet.availableHere)
    func notANumberStays(set: InstructionSet) throws {
        for activation in [KernelActivation.linear, .gelu, .geluTanh, .relu, .tanh] {
            let matrix = Matrix([1, .nan, 2], rows: 1, width: 3)
            try kernels(set).addBias(
                Tensor([0, 0, 0], shape: [3]), to: matrix.view, activation: activation)
            #expect(matrix.values[1].isNaN, "\(activation)")
            #expect(!matrix.values[0].isNaN && !matrix.values[2].isNaN)
        }
        let row = Matrix([1, .nan, 2], rows: 1, width: 3)
        try kernels(set).logSoftmax(row.view)
        #expect(row.values[1].isNaN)
    }

    static func apply(_ activation: KernelActivation, _ x: Double) -> Double {
        switch activation {
        case .linear: x
        case .gelu: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
        case .geluTanh:
            0.5 * x * (1 + Glibc.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .relu: max(x, 0)
        case .tanh: Glibc.tanh(x)
        }
    }
}
