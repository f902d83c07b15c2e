internal import Glibc
internal import Tensors
internal import Testing

/// The positional convolution through Fourier transforms, against the definition in double precision.
@Suite("Positional convolution") struct PositionTests {
    /// Kernel and width of a group.
    static let shapes: [(kernel: Int, width: Int)] = [
        (1, 3), (2, 16), (3, 5), (8, 17), (31, 12), (32, 6), (127, 4), (128, 48),
    ]

    /// Weights of one group [outputs, inputs, kernel], its bias, and its spectra.
    private struct Group {
        let weights: [Float]
        let bias: Tensor
        let spectra: AlignedFloats

        init(
            _ random: inout SeededFloats, kernel: Int, width: Int, _ spectrum: Spectrum,
            _ kernels: Kernels
        ) {
            // Sums of about 1, whatever the size.
            let bound = 1.7 / Float(kernel * width).squareRoot()
            let weights = random.floats(width * width * kernel, bound: bound)
            self.weights = weights
            bias = Tensor(random.floats(width), shape: [width])
            spectra = AlignedFloats(zeros: spectrum.weightCount(width: width))
            kernels.transformTaps(
                spectrum, width: width,
                fill: { input, taps in
                    for output in 0..<width {
                        for tap in 0..<kernel {
                            taps.base[tap * taps.stride + output] =
                                weights[(output * width + input) * kernel + tap]
                        }
                    }
                }, into: spectra.base)
        }

        /// hidden + activation(convolution + bias) of one group's columns.
        func expected(
            _ hidden: [[Float]], first: Int, kernel: Int, activation: KernelActivation
        ) -> [[Double]] {
            let width = bias.count
            return hidden.indices.map { frame in
                (0..<width).map { output in
                    var sum = Double(bias.values[output])
                    for tap in 0..<kernel {
                        let seen = frame - kernel / 2 + tap
                        guard hidden.indices.contains(seen) else { continue }
                        for input in 0..<width {
                            sum +=
                                Double(hidden[seen][first + input])
                                * Double(weights[(output * width + input) * kernel + tap])
                        }
                    }
                    return Double(hidden[frame][first + output])
                        + KernelReference.apply(activation, sum)
                }
            }
        }
    }

    private static func run(
        _ hidden: [Float], frames: Int, width: Int, groups: [Group], _ spectrum: Spectrum,
        _ activation: KernelActivation, _ kernels: Kernels, offset: Int = 0, scratch: Workspace
    ) -> Matrix {
        // Columns on both sides that are not the groups'.
        let matrix = Matrix(
            hidden, rows: frames, width: groups.count * width + 2, offset: offset)
        kernels.addPosition(
            spectrum,
            groups: groups.enumerated().map { index, group in
                (
                    columns: matrix.view.columns(1 + index * width..<1 + (index + 1) * width),
                    weights: UnsafePointer(group.spectra.base), bias: group.bias.base
                )
            }, activation: activation, scratch: scratch, slot: 1)
        return matrix
    }

    @Test(
        "it is the convolution that it stands for", arguments: KernelSet.here, shapes)
    func agrees(set: KernelSet, shape: (kernel: Int, width: Int)) {
        let (kernel, width) = shape
        let spectrum = Spectrum(kernel: kernel)
        let advance = spectrum.length - kernel + 1
        var random = SeededFloats(seed: UInt64(kernel))
        // Shorter than the kernel, one block, more than one, more than four at a time.
        for frames in Set([
            1, max(1, kernel / 2), kernel + 1, advance, advance + 1, 5 * advance + 3,
        ]) {
            for count in [1, 2] {
                let groups = (0..<count).map { _ in
                    Group(&random, kernel: kernel, width: width, spectrum, set.kernels)
                }
                let activation: KernelActivation = count == 1 ? .linear : .gelu
                let columns = count * width + 2
                let hidden = random.floats(frames * columns)
                let result = Self.run(
                    hidden, frames: frames, width: width, groups: groups, spectrum, activation,
                    set.kernels, scratch: Workspace())
                let rows = (0..<frames).map { Array(hidden[$0 * columns..<($0 + 1) * columns]) }
                for (index, group) in groups.enumerated() {
                    let first = 1 + index * width
                    let expected = group.expected(
                        rows, first: first, kernel: kernel, activation: activation)
                    let worst = expected.indices.reduce(0.0) { worst, frame in
                        let ours = Array(result.row(frame)[first..<first + width])
                        return max(worst, largestDifference(ours, expected[frame]))
                    }
                    #expect(worst < 3e-6, "\(frames) frames, group \(index) of \(count)")
                }
                for frame in 0..<frames {
                    #expect(result.row(frame).first == rows[frame].first)
                    #expect(result.row(frame).last == rows[frame].last)
                }
            }
        }
    }

    @Test(
        "an utterance's bits depend neither on addresses nor on what memory held",
        arguments: KernelSet.here)
    func placeDoesNotMatter(set: KernelSet) {
        let (kernel, width, frames) = (32, 20, 150)
        let spectrum = Spectrum(kernel: kernel)
        var random = SeededFloats(seed: 9)
        let groups = (0..<2).map { _ in
            Group(&random, kernel: kernel, width: width, spectrum, set.kernels)
        }
        let hidden = random.floats(frames * (2 * width + 2))
        let used = Workspace()
        var results: Set<[Float]> = []
        for (offset, scratch) in [(0, Workspace()), (3, used), (9, used), (0, used)] {
            results.insert(
                Self.run(
                    hidden, frames: frames, width: width, groups: groups, spectrum, .gelu,
                    set.kernels, offset: offset, scratch: scratch
                ).values)
            // Another utterance leaves something behind.
            _ = Self.run(
                [Float](repeating: .nan, count: 400 * (2 * width + 2)), frames: 400, width: width,
                groups: groups, spectrum, .gelu, set.kernels, scratch: used)
        }
        let distinct = results.count
        #expect(distinct == 1)
    }

    @Test("NaN in a frame is not lost", arguments: KernelSet.here)
    func notANumberStays(set: KernelSet) {
        let (kernel, width, frames) = (8, 16, 60)
        let spectrum = Spectrum(kernel: kernel)
        var random = SeededFloats(seed: 10)
        let group = Group(&random, kernel: kernel, width: width, spectrum, set.kernels)
        var hidden = random.floats(frames * (width + 2))
        hidden[30 * (width + 2) + 5] = .nan
        let result = Self.run(
            hidden, frames: frames, width: width, groups: [group], spectrum, .gelu, set.kernels,
            scratch: Workspace())
        #expect(result.row(30)[1...width].allSatisfy { $0.isNaN })
    }
}
