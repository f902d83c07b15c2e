package import Checkpoints
package import Tensors

/// Scales and shifts each channel: what a norm with running statistics comes to.
package struct ChannelScaling {
    package let scales: [Float]
    package let shifts: [Float]

    /// - Parameter batchNorm: weight, bias, running_mean and running_var, each [width].
    package init(batchNorm weights: WeightScope, width: Int) throws(CheckpointError) {
        let made = try weights.ledger.tensor([2, width]) { () throws(CheckpointError) in
            try Self.values(weights, width: width)
        }.values
        scales = Array(made[..<width])
        shifts = Array(made[width...])
    }

    /// Scales, then shifts.
    private static func values(
        _ weights: WeightScope, width: Int
    ) throws(CheckpointError) -> [Float] {
        func values(_ name: String) throws(CheckpointError) -> [Double] {
            try weights.floats(name, shape: [width]).map { Double($0) }
        }
        let (weight, bias) = (try values("weight"), try values("bias"))
        let (mean, variance) = (try values("running_mean"), try values("running_var"))
        guard variance.allSatisfy({ $0 >= 0 }) else {
            throw CheckpointError(
                .damaged, path: "the model", tensor: "batch_norm.running_var",
                "holds a negative variance")
        }
        let factors = zip(weight, variance).map { $0 / ($1 + 1e-5).squareRoot() }
        return factors.map { Float($0) }
            + (0..<width).map { Float(bias[$0] - mean[$0] * factors[$0]) }
    }

    /// Works on rows [frames, width] in place.
    package func apply(to rows: TensorView) {
        for row in 0..<rows.rows {
            let values = rows.base + row * rows.stride
            for channel in scales.indices {
                values[channel] = values[channel] * scales[channel] + shifts[channel]
            }
        }
    }
}
