internal import AcousticModels
package import Checkpoints
package import Tensors

/// The two-layer block of a transformer layer.
package struct FeedForward {
    private let widen: Linear
    private let narrow: Linear
    private let activation: KernelActivation

    /// - Parameter scale: of the result; a power of two changes no bit but the exponent's.
    package init(
        _ weights: WeightScope, _ shape: LayerShape, scaledBy scale: Float = 1,
        on backend: ComputeBackend
    ) throws(CheckpointError) {
        widen = try Linear(
            weights["intermediate_dense"], from: shape.width, to: shape.feedForwardWidth,
            hasBias: shape.hasBiases, on: backend)
        narrow = try Linear(
            weights["output_dense"], from: shape.feedForwardWidth, to: shape.width,
            hasBias: shape.hasBiases, scaledBy: scale, on: backend)
        activation = shape.activation.kernel
    }

    /// One tile: the result without the last bias, which the caller adds with the residual.
    package func product(
        _ hidden: Operand, into output: TensorView, on backend: ComputeBackend, scratch: Workspace
    ) -> Product {
        let middle = scratch.view(.tileWide, rows: hidden.rows, width: widen.outputs)
        let activated = backend.apply(
            Epilogue(
                [widen.product(hidden, into: middle, scratch: scratch)], bias: widen.bias,
                activation: activation), encodedIn: .encodedWide, of: scratch)
        return narrow.product(activated, into: output, scratch: scratch)
    }

    /// The bias that ``product(_:into:on:scratch:)`` leaves out.
    package var outputBias: Tensor? { narrow.bias }

    /// hidden += block(norm(hidden)), one tile, normed at the end where that is asked for.
    package func add(
        to hidden: TensorView, behind norm: LayerNorm, then final: LayerNorm? = nil,
        on backend: ComputeBackend, scratch: Workspace
    ) {
        let tile = scratch.view(.tile, rows: hidden.rows, width: hidden.width)
        var entering = Epilogue([Product(hidden)], into: tile)
        entering.norm = norm.parameters
        let operand = backend.apply(entering, encodedIn: .encoded, of: scratch)
        // The operand may be the tile itself.
        let result = scratch.view(.attended, rows: hidden.rows, width: hidden.width)
        var sum = Epilogue(
            [product(operand, into: result, on: backend, scratch: scratch)],
            bias: outputBias, residual: hidden, into: hidden)
        sum.norm = final?.parameters
        backend.kernels.apply(sum)
    }
}
