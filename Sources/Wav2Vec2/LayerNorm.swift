internal import AcousticModels
internal import Checkpoints
internal import Tensors

/// Normalises each row, then scales and shifts by channel.
struct LayerNorm {
    private let gamma: Tensor
    private let bias: Tensor
    private let epsilon: Float

    init(_ weights: WeightScope, width: Int, epsilon: Float) throws(CheckpointError) {
        gamma = Tensor(try weights.floats("weight", shape: [width]), shape: [width])
        bias = Tensor(try weights.floats("bias", shape: [width]), shape: [width])
        self.epsilon = epsilon
    }

    /// A norm that neither scales nor shifts.
    init(plainOfWidth width: Int, epsilon: Float) {
        gamma = Tensor([Float](repeating: 1, count: width), shape: [width])
        bias = Tensor([Float](repeating: 0, count: width), shape: [width])
        self.epsilon = epsilon
    }

    /// For ``Epilogue/norm``.
    var parameters: (gamma: Tensor, beta: Tensor, epsilon: Float) { (gamma, bias, epsilon) }

    /// Works on all rows of `matrix` in place, tile by tile.
    func callAsFunction(
        _ matrix: TensorView, layout: PackedFrames, workspace: ModelWorkspace,
        activation: KernelActivation = .linear
    ) {
        let tiles = layout.tiles
        workspace.forEach(tiles.count) { part, _ in
            var epilogue = Epilogue([Product(matrix.rows(tiles[part]))])
            epilogue.norm = parameters
            epilogue.activation = activation
            workspace.backend.kernels.apply(epilogue)
        }
    }
}

extension Linear {
    /// The linear layer at `weights`: `weight` [outputs, inputs] and `bias` [outputs].
    ///
    /// - Parameter keepsFloats: multiply in float32 whatever the precision.
    init(
        _ weights: WeightScope, from inputs: Int, to outputs: Int, on backend: ComputeBackend,
        keepsFloats: Bool = false
    ) throws(CheckpointError) {
        let weight = try weights.floats("weight", shape: [outputs, inputs])
        let bias = try weights.floats("bias", shape: [outputs])
        self = try refusing { () throws(ArithmeticError) in
            try Linear(
                weight: weight, bias: bias, inputs: inputs, outputs: outputs, on: backend,
                keepsFloats: keepsFloats)
        }
    }
}

/// Turns the matrix library's refusal into the model's.
func refusing<Result>(
    _ body: () throws(ArithmeticError) -> Result
) throws(CheckpointError) -> Result {
    do throws(ArithmeticError) {
        return try body()
    } catch {
        throw CheckpointError(.refused, path: "model", error.message)
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
        case .swish: .swish
        }
    }
}
