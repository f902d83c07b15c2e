package import AcousticModels
package import Checkpoints
package import Tensors

/// Normalises each row, then scales and shifts by channel.
package struct LayerNorm {
    private let gamma: Tensor
    private let bias: Tensor
    private let epsilon: Float

    package init(_ weights: WeightScope, width: Int, epsilon: Float) throws(CheckpointError) {
        gamma = Tensor(try weights.floats("weight", shape: [width]), shape: [width])
        bias = Tensor(try weights.floats("bias", shape: [width]), shape: [width])
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

extension Linear {
    /// The linear layer at `weights`: `weight` [outputs, inputs] and `bias` [outputs].
    ///
    /// - Parameters:
    ///   - hasBias: without it there is no `bias`.
    ///   - scale: of the result; a power of two changes no bit but the exponent's.
    ///   - keepsFloats: multiply in float32 whatever the precision.
    package init(
        _ weights: WeightScope, from inputs: Int, to outputs: Int, hasBias: Bool = true,
        scaledBy scale: Float = 1, on backend: ComputeBackend, keepsFloats: Bool = false
    ) throws(CheckpointError) {
        func values(_ name: String, _ shape: [Int]) throws(CheckpointError) -> [Float] {
            let values = try weights.floats(name, shape: shape)
            return scale == 1 ? values : values.map { $0 * scale }
        }
        let weight = try values("weight", [outputs, inputs])
        let bias = hasBias ? try values("bias", [outputs]) : nil
        self = try refusing { () throws(ArithmeticError) in
            try Linear(
                weight: weight, bias: bias, inputs: inputs, outputs: outputs, on: backend,
                keepsFloats: keepsFloats)
        }
    }
}

/// Turns the matrix library's refusal into the model's.
package func refusing<Result>(
    _ body: () throws(ArithmeticError) -> Result
) throws(CheckpointError) -> Result {
    do throws(ArithmeticError) {
        return try body()
    } catch {
        throw CheckpointError(.refused, path: "model", error.message)
    }
}
