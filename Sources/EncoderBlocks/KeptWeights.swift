package import Checkpoints
package import Tensors

/// What a matrix library refuses is refused of the model.
extension CheckpointError: ArithmeticRefusal {
    package init(refused error: ArithmeticError) {
        self.init(.refused, path: "model", error.message)
    }
}

extension WeightScope {
    /// The tensor `name` as it is, ready or read.
    package func tensor(_ name: String, shape: [Int]) throws(CheckpointError) -> Tensor {
        try ledger.tensor(shape) { () throws(CheckpointError) in try floats(name, shape: shape) }
    }

    /// The tensor `name` as it is, for code that keeps a copy.
    package func values(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
        try tensor(name, shape: shape).values
    }
}

extension Linear {
    /// The linear layer at `weights`: `weight` [outputs, inputs] and `bias` [outputs].
    ///
    /// - Parameters:
    ///   - shape: of `weight`, where it is stored with further dimensions of one.
    ///   - hasBias: without it there is no `bias`.
    ///   - scale: of the result; a power of two changes no bit but the exponent's.
    ///   - keepsFloats: multiply in float32 whatever the precision.
    package init(
        _ weights: WeightScope, from inputs: Int, to outputs: Int, shape: [Int]? = nil,
        hasBias: Bool = true, scaledBy scale: Float = 1, on backend: ComputeBackend,
        keepsFloats: Bool = false
    ) throws(CheckpointError) {
        func values(_ name: String, _ shape: [Int]) throws(CheckpointError) -> [Float] {
            let values = try weights.floats(name, shape: shape)
            return scale == 1 ? values : values.map { $0 * scale }
        }
        func bias() throws(CheckpointError) -> [Float] { try values("bias", [outputs]) }
        try self.init(
            inputs: inputs, outputs: outputs, on: backend, keepsFloats: keepsFloats,
            ledger: weights.ledger,
            weight: { () throws(CheckpointError) in
                try values("weight", shape ?? [outputs, inputs])
            }, bias: hasBias ? bias : nil)
    }
}
