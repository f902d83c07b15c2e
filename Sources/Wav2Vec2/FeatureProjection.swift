internal import AcousticModels
internal import Checkpoints
internal import Tensors

/// Normalises the convolutional features and widens them for the transformer.
struct FeatureProjection {
    /// nil where features are taken as they are.
    private let norm: LayerNorm?
    /// nil where widths agree and the checkpoint has none.
    private let projection: Linear?

    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration, on backend: ComputeBackend
    ) throws(CheckpointError) {
        norm =
            configuration.hasFeatureNorm
            ? try LayerNorm(
                weights["layer_norm"], width: configuration.featureWidth,
                epsilon: configuration.layerNormEpsilon) : nil
        projection =
            configuration.hasProjection
            ? try Linear(
                weights["projection"], from: configuration.featureWidth,
                to: configuration.hiddenWidth, on: backend) : nil
    }

    /// features [rows, featureWidth], overwritten, to hidden [rows, hiddenWidth].
    func callAsFunction(
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
