internal import AcousticModels
internal import Checkpoints
internal import Tensors

/// The two-layer block of a transformer layer.
struct FeedForward {
    private let widen: Linear
    private let narrow: Linear
    private let activation: KernelActivation

    /// - Parameter scale: of the result; a power of two changes no bit but the exponent's.
    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration,
        scaledBy scale: Float = 1, on backend: ComputeBackend
    ) throws(CheckpointError) {
        widen = try Linear(
            weights["intermediate_dense"], from: configuration.hiddenWidth,
            to: configuration.feedForwardWidth, on: backend)
        let (inner, width) = (configuration.feedForwardWidth, configuration.hiddenWidth)
        let last = weights["output_dense"]
        let weight = try last.floats("weight", shape: [width, inner]).map { $0 * scale }
        let bias = try last.floats("bias", shape: [width]).map { $0 * scale }
        narrow = try refusing { () throws(ArithmeticError) in
            try Linear(weight: weight, bias: bias, inputs: inner, outputs: width, on: backend)
        }
        activation = configuration.activation.kernel
    }

    /// One tile: the result without the last bias, which the caller adds with the residual.
    func product(
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
    var outputBias: Tensor? { narrow.bias }
}
