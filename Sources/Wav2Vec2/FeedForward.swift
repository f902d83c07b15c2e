internal import AcousticModels
internal import Checkpoints
internal import Tensors

/// The two-layer block of a transformer layer.
struct FeedForward {
    private let widen: Linear
    private let narrow: Linear
    private let activation: KernelActivation

    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration, on backend: ComputeBackend
    ) throws(CheckpointError) {
        widen = try Linear(
            weights["intermediate_dense"], from: configuration.hiddenWidth,
            to: configuration.feedForwardWidth, on: backend)
        narrow = try Linear(
            weights["output_dense"], from: configuration.feedForwardWidth,
            to: configuration.hiddenWidth, on: backend)
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
