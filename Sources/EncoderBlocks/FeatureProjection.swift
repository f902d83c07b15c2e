package import AcousticModels
package import Checkpoints
package import Tensors

/// Normalises features and widens them for the encoder.
package struct FeatureProjection {
    /// nil where features are taken as they are.
    private let norm: LayerNorm?
    /// nil where widths agree and the checkpoint has none.
    private let projection: Linear?

    /// - Parameters:
    ///   - features: channels of what enters.
    ///   - hidden: channels of what the encoder works on.
    ///   - epsilon: of the norm; nil where there is none.
    package init(
        _ weights: WeightScope, from features: Int, to hidden: Int, epsilon: Float?,
        hasProjection: Bool = true, on backend: ComputeBackend
    ) throws(CheckpointError) {
        if let epsilon {
            norm = try LayerNorm(weights["layer_norm"], width: features, epsilon: epsilon)
        } else {
            norm = nil
        }
        projection =
            hasProjection
            ? try Linear(weights["projection"], from: features, to: hidden, on: backend) : nil
    }

    /// features [rows, featureWidth], overwritten, to hidden [rows, hiddenWidth].
    package func callAsFunction(
        _ features: TensorView, into hidden: TensorView, layout: PackedFrames,
        workspace: ModelWorkspace
    ) {
        let backend = workspace.backend
        let tiles = layout.tiles
        workspace.forEach(tiles.count) { part, scratch in
            let output = hidden.rows(tiles[part])
            var normed = Epilogue([Product(features.rows(tiles[part]))])
            normed.norm = norm?.parameters
            guard let projection else {
                normed.output = output
                backend.kernels.apply(normed)
                return
            }
            let operand = backend.apply(normed, encodedIn: .encoded, of: scratch)
            let tile = scratch.view(.tile, rows: output.rows, width: output.width)
            backend.kernels.apply(
                Epilogue(
                    [projection.product(operand, into: tile, scratch: scratch)],
                    bias: projection.bias, into: output))
        }
    }
}
