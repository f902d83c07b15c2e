internal import Checkpoints
internal import Tensors

/// Normalises each row, then scales and shifts by channel.
struct LayerNorm {
    private let gain: Tensor
    private let bias: Tensor
    private let epsilon: Float

    init(_ weights: WeightScope, width: Int, epsilon: Float) throws(CheckpointError) {
        gain = Tensor(try weights.floats("weight", shape: [width]), shape: [width])
        bias = Tensor(try weights.floats("bias", shape: [width]), shape: [width])
        self.epsilon = epsilon
    }

    /// activation(norm(input)); may work in place.
    func callAsFunction(
        _ input: TensorView, activation: KernelActivation = .linear, into output: TensorView,
        on backend: ComputeBackend
    ) {
        backend.kernels.layerNorm(
            input, gain: gain, bias: bias, epsilon: epsilon, activation: activation, into: output)
    }
}

extension Linear {
    /// The linear layer at `weights`: `weight` [outputs, inputs] and `bias` [outputs].
    init(_ weights: WeightScope, from inputs: Int, to outputs: Int) throws(CheckpointError) {
        self.init(
            weight: try weights.floats("weight", shape: [outputs, inputs]),
            bias: try weights.floats("bias", shape: [outputs]), inputs: inputs, outputs: outputs)
    }
}

extension Wav2Vec2Configuration.Activation {
    /// The same for kernels.
    var kernel: KernelActivation {
        switch self {
        case .gelu: .gelu
        case .geluTanh: .geluTanh
        case .relu: .relu
        case .tanh: .tanh
        case .linear: .linear
        }
    }
}
