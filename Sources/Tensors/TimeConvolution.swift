package import PackedWeights

/// A one-dimensional convolution over rows [time, inputs] as matrix products, without copying windows.
///
/// Rows arrive a few at a time. They are encoded in units, into operands that a call multiplies; a call
/// gives a fixed number of output rows and is done with as many units as begin before the next call's.
package protocol TimeConvolution: Sendable {
    var inputs: Int { get }
    var outputs: Int { get }
    var kernel: Int { get }
    var stride: Int { get }
    /// Output rows of a call.
    var rows: Int { get }
    /// Input rows of a unit.
    var rowsPerUnit: Int { get }
    /// Input rows after a unit that its encoding looks at.
    var rowsAhead: Int { get }
    /// Units that a call reads, and that it is done with.
    var unitsPerCall: Int { get }
    var unitsPerStep: Int { get }
    /// Rows of products that a call writes.
    var productRows: Int { get }

    /// Input rows that `count` output rows are made from, in whole units.
    func inputRows(for count: Int) -> Int

    /// Room for `units` units, in slots from `slot` on of a thread's memory.
    func makeInput(units: Int, scratch: Workspace, slot: Int) -> ConvolutionInput

    /// Encodes input rows as `units` units of `input` from `start` on; missing rows are zero.
    func encode(
        _ rows: TensorView, units: Int, into input: ConvolutionInput, at start: Int,
        on kernels: Kernels, scratch: Workspace, slot: Int)

    /// The products of the first units of `input`: [``rows``, outputs] once they are finished.
    ///
    /// - Parameter output: [``productRows``, outputs].
    func multiply(_ input: ConvolutionInput, into output: TensorView, scratch: Workspace)
        -> Epilogue
}

/// Encoded rows on their way into a convolution.
package struct ConvolutionInput {
    let operands: [Operand]
    /// Rows of each operand that a unit takes.
    let rowsOfUnit: [Int]

    /// Slots of a workspace that one takes at most.
    package static let slots = 5

    /// Drops the first `done` of `units` units.
    package func drop(_ done: Int, of units: Int) {
        for (operand, rows) in zip(operands, rowsOfUnit) {
            operand.rows(0..<units * rows).moveToFront(from: done * rows)
        }
    }
}

/// The convolution of these extents, in the way that takes the fewest products.
///
/// - Parameters:
///   - rows: output rows of a call, a multiple of 3.
///   - ledger: has the matrices ready, or keeps them.
///   - weight: gives [outputs, inputs, kernel], as checkpoints store it; asked once at most.
package func makeTimeConvolution<Failure: ArithmeticRefusal>(
    inputs: Int, outputs: Int, kernel: Int, stride: Int, rows: Int, on backend: ComputeBackend,
    ledger: PackingLedger, weight: () throws(Failure) -> [Float]
) throws(Failure) -> any TimeConvolution {
    var read: [Float]?
    let once = { () throws(Failure) -> [Float] in
        if let read { return read }
        let values = try weight()
        precondition(
            values.count == outputs * inputs * kernel, "a shape holds all values")
        read = values
        return values
    }
    if kernel == 3 && stride == 2 {
        return try WinogradConvolution(
            inputs: inputs, outputs: outputs, rows: rows, on: backend, ledger: ledger, weight: once)
    }
    return try StridedConvolution(
        inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, rows: rows, on: backend,
        ledger: ledger, weight: once)
}

/// The share of a convolution's direct products that ``makeTimeConvolution(inputs:outputs:kernel:stride:rows:on:ledger:weight:)``
/// needs.
package func shareOfProducts(kernel: Int, stride: Int) -> Double {
    kernel == 3 && stride == 2 ? 7.0 / 9 : 1
}

/// Weights [outputs, taps · inputs] of some taps, taps outermost.
func tapMatrix(
    _ weight: [Float], inputs: Int, outputs: Int, kernel: Int, taps: Int,
    value: (_ taps: UnsafePointer<Float>, _ tap: Int) -> Float
) -> [Float] {
    let depth = taps * inputs
    return [Float](unsafeUninitializedCapacity: outputs * depth) { target, count in
        weight.withUnsafeBufferPointer { weight in
            guard let base = weight.baseAddress else { return }
            for output in 0..<outputs {
                for input in 0..<inputs {
                    let source = base + (output * inputs + input) * kernel
                    for tap in 0..<taps {
                        target[output * depth + tap * inputs + input] = value(source, tap)
                    }
                }
            }
        }
        count = outputs * depth
    }
}
