internal import Glibc
internal import Tensors
internal import Testing

/// Each kernel of each table that this processor runs, against its definition in double precision.
///
/// Widths go around the sixteen floats that kernels take at once.
@Suite("Kernels") struct KernelTests {
    static let widths = [1, 2, 7, 15, 16, 17, 31, 32, 33, 64, 100, 512, 1023]

    @Test("log-softmax is what its formula says", arguments: KernelSet.here)
    func logSoftmax(set: KernelSet) {
        for width in Self.widths {
            var random = SeededFloats(seed: UInt64(width) + 1)
            let input = random.floats(3 * width, bound: 30)
            let matrix = Matrix(input, rows: 3, width: width)
            set.kernels.logSoftmax(matrix.view)
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
        "samples are convolved as the definition says", arguments: KernelSet.here,
        [1, 16, 24, 48, 512])
    func convolution(set: KernelSet, channels: Int) {
        var random = SeededFloats(seed: UInt64(channels))
        let (kernel, stride, frames) = (10, 5, 23)
        let padded = Kernels.paddedToBlock(channels)
        let samples = Matrix(
            random.floats((frames - 1) * stride + kernel), rows: 1,
            width: (frames - 1) * stride + kernel)
        let weights = Matrix(random.floats(kernel * padded), rows: kernel, width: padded)
        let bias = Matrix(random.floats(padded), rows: 1, width: padded)
        let output = Matrix(zeros: frames, channels)
        set.kernels.convolve(
            samples: samples.buffer, weights: weights.view, bias: bias.view, stride: stride,
            into: output.view)
        for frame in 0..<frames {
            let expected = (0..<channels).map { channel in
                (0..<kernel).reduce(Double(bias.values[channel])) { sum, tap in
                    sum + Double(samples.values[frame * stride + tap])
                        * Double(weights.row(tap)[channel])
                }
            }
            #expect(largestDifference(output.row(frame), expected) < 1e-5)
        }
    }

    @Test("a frame of samples has the same bits alone", arguments: KernelSet.here)
    func convolutionAlone(set: KernelSet) {
        var random = SeededFloats(seed: 3)
        let (kernel, stride, frames, channels) = (10, 5, 21, 40)
        let padded = Kernels.paddedToBlock(channels)
        let samples = Matrix(
            random.floats((frames - 1) * stride + kernel), rows: 1,
            width: (frames - 1) * stride + kernel, offset: 1)
        let weights = Matrix(random.floats(kernel * padded), rows: kernel, width: padded)
        let bias = Matrix(random.floats(padded), rows: 1, width: padded)
        func convolved(from first: Int, count: Int) -> [Float] {
            let output = Matrix(zeros: count, channels)
            set.kernels.convolve(
                samples: UnsafeBufferPointer(rebasing: samples.buffer[(first * stride)...]),
                weights: weights.view, bias: bias.view, stride: stride, into: output.view)
            return output.values
        }
        let together = convolved(from: 0, count: frames)
        let alone = (0..<frames).flatMap { convolved(from: $0, count: 1) }
        #expect(together == alone)
    }

    @Test("time is shortened by means and lengthened by repetition", arguments: KernelSet.here)
    func pooling(set: KernelSet) {
        let input = Matrix([1, 10, 2, 20, 3, 30, 4, 40, 8, 80], rows: 5, width: 2)
        let groups = Matrix(zeros: 2, 2)
        set.kernels.meanGroups(of: input.view, factor: 4, into: groups.view)
        #expect(groups.values == [2.5, 25, 2, 20], "a group is divided by its full size")
        set.kernels.addRepeated(groups.view, factor: 4, to: input.view)
        #expect(input.values == [3.5, 35, 4.5, 45, 5.5, 55, 6.5, 65, 10, 100])
    }

    @Test("rotation turns halves against each other and keeps length", arguments: KernelSet.here)
    func rotation(set: KernelSet) {
        let values = Matrix([3, 1, 4, 2], rows: 1, width: 4)
        let cosines: [Float] = [0, 1]
        let sines: [Float] = [1, 0]
        cosines.withUnsafeBufferPointer { cosines in
            sines.withUnsafeBufferPointer { sines in
                set.kernels.rotate(values.view, cosines: cosines, sines: sines)
            }
        }
        #expect(values.values == [-4, 1, 3, 2])
    }

    @Test(
        "a row's log-probabilities depend neither on its place nor on its address",
        arguments: KernelSet.here)
    func placeDoesNotMatter(set: KernelSet) {
        var random = SeededFloats(seed: 11)
        for width in [33, 512] {
            let row = random.floats(width)
            var results: Set<[Float]> = []
            for (place, offset) in [(0, 0), (1, 3), (6, 1), (4, 13)] {
                var values = random.floats(7 * width)
                values.replaceSubrange(place * width..<(place + 1) * width, with: row)
                let matrix = Matrix(values, rows: 7, width: width, offset: offset)
                set.kernels.logSoftmax(matrix.view)
                results.insert(matrix.row(place))
            }
            let distinct = results.count
            #expect(distinct == 1)
        }
    }

    @Test("log-softmax never turns NaN into a number", arguments: KernelSet.here)
    func notANumberStays(set: KernelSet) {
        for width in [3, 40] {
            let values = (0..<width).map { $0 == 1 ? Float.nan : Float($0) }
            let row = Matrix(values, rows: 1, width: width)
            set.kernels.logSoftmax(row.view)
            #expect(row.values.allSatisfy { $0.isNaN })
        }
    }
}
