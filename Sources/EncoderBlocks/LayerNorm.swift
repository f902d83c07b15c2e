package import AcousticModels
package import Checkpoints
package import Tensors

/// Normalises each row, then scales and shifts by channel.
package struct LayerNorm {
    private let gamma: Tensor
    private let bias: Tensor
    private let epsilon: Float

    package init(_ weights: WeightScope, width: Int, epsilon: Float) throws(CheckpointError) {
        gamma = try weights.tensor("weight", shape: [width])
        bias = try weights.tensor("bias", shape: [width])
        self.epsilon = epsilon
    }

    /// A norm that neither scales nor shifts.
    package init(plainOfWidth width: Int, epsilon: Float) {
        gamma = Tensor([Float](repeating: 1, count: width), shape: [width])
        bias = Tensor([Float](repeating: 0, count: width), shape: [width])
        self.epsilon = epsilon
    }

    /// For ``Epilogue/norm``.
    package var parameters: (gamma: Tensor, beta: Tensor, epsilon: Float) { (gamma, bias, epsilon) }

    /// Works on all rows of `matrix` in place, tile by tile.
    package func callAsFunction(
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
