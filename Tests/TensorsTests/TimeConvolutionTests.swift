internal import EngineClasses
internal import PackedWeights
import Tensors
internal import Testing

/// Convolutions over rows as products, against their definition in double precision.
@Suite("Convolutions over time") struct TimeConvolutionTests {
    /// Kernel, stride, inputs, outputs.
    static let shapes = [
        (3, 2, 24, 16), (3, 2, 7, 5), (3, 2, 512, 96), (2, 2, 24, 16), (2, 2, 512, 48),
        (5, 2, 9, 11),
        (4, 2, 16, 33), (3, 1, 10, 4), (1, 1, 6, 6),
    ]

    @Test("every call is the convolution that it stands for", arguments: EngineClass.here)
    func agrees(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            let backend = try named.activate()
            ComputeThread.prepare()
            for (kernel, stride, inputs, outputs) in TimeConvolutionTests.shapes {
                let difference = try TimeConvolutionTests.worstError(
                    kernel: kernel, stride: stride, inputs: inputs, outputs: outputs, backend)
                // Sums are about 1. Of the narrow precisions' error half is in the sums of a tile.
                let bound =
                    switch named.precision {
                    case .fp32: 4e-6
                    case .bf16: 3e-2
                    case .int8: 6e-2
                    }
                #expect(
                    difference <= bound,
                    "\(backend.arithmetic): kernel \(kernel), stride \(stride), \(inputs) to \(outputs)"
                )
            }
        }
    }

    private static func worstError(
        kernel: Int, stride: Int, inputs: Int, outputs: Int, _ backend: ComputeBackend
    ) throws -> Double {
        var random = SeededFloats(seed: UInt64(kernel * 100 + inputs))
        let weight = random.floats(
            outputs * inputs * kernel, bound: 1.7 / Float(kernel * inputs).squareRoot())
        let convolution = try makeTimeConvolution(
            inputs: inputs, outputs: outputs, kernel: kernel, stride: stride,
            rows: backend.multiply.rowsOfOneUtterance, on: backend, ledger: PackingLedger()
        ) { () throws(ArithmeticError) in weight }
        #expect(convolution.rows == backend.multiply.rowsOfOneUtterance)
        var worst = 0.0
        // A whole call, and the end of an utterance.
        for count in [convolution.rows, 5, 1] {
            let available = (count - 1) * stride + kernel
            let values = random.floats(available * inputs, bound: 1)
            let input = Matrix(values, rows: available, width: inputs)
            let scratch = Workspace()
            let room = convolution.makeInput(
                units: convolution.unitsPerCall + 1, scratch: scratch, slot: 1)
            let unit = convolution.rowsPerUnit
            let units = max(0, available - convolution.rowsAhead + unit - 1) / unit
            convolution.encode(
                input.view, units: units, into: room, at: 0, on: backend.kernels, scratch: scratch,
                slot: 10)
            let products = Matrix(zeros: convolution.productRows, outputs)
            let output = Matrix(zeros: convolution.rows, outputs)
            var epilogue = convolution.multiply(room, into: products.view, scratch: scratch)
            epilogue.output = output.view
            backend.kernels.apply(epilogue, rows: count)
            for row in 0..<count where row < 9 || row + 9 > count {
                let expected = (0..<outputs).map { column in
                    var sum = 0.0
                    for tap in 0..<kernel {
                        for channel in 0..<inputs {
                            sum +=
                                Double(values[(row * stride + tap) * inputs + channel])
                                * Double(weight[(column * inputs + channel) * kernel + tap])
                        }
                    }
                    return sum
                }
                worst = max(worst, largestDifference(output.row(row), expected))
            }
        }
        return worst
    }
}
