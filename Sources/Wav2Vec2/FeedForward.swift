internal import Checkpoints
internal import Tensors

/// The two-layer block of a transformer layer.
struct FeedForward {
    private let widen: Linear
    private let narrow: Linear
    private let activation: KernelActivation

    init(_ weights: WeightScope, _ configuration: Wav2Vec2Configuration) throws(CheckpointError) {
        widen = try Linear(
            weights["intermediate_dense"], from: configuration.hiddenWidth,
            to: configuration.feedForwardWidth)
        narrow = try Linear(
            weights["output_dense"], from: configuration.feedForwardWidth,
            to: configuration.hiddenWidth)
        activation = configuration.activation.kernel
    }

    /// One tile: the result without the last bias, which the caller adds with the residual.
    func product(_ hidden: TensorView, into output: TensorView, workspace: ModelWorkspace) {
        let middle = workspace.view(.tileWide, rows: hidden.rows, width: widen.outputs)
        widen(hidden, activation: activation, into: middle, on: workspace.backend)
        narrow.product(middle, into: output, on: workspace.backend)
    }

    /// The bias that ``product(_:into:workspace:)`` leaves out.
    var outputBias: Tensor? { narrow.bias }
}
