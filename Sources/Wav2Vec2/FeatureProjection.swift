internal import Checkpoints
internal import Tensors

/// Normalises the convolutional features and widens them for the transformer.
struct FeatureProjection {
    private let norm: LayerNorm
    /// nil where widths agree and the checkpoint has none.
    private let projection: Linear?

    init(_ weights: WeightScope, _ configuration: Wav2Vec2Configuration) throws(CheckpointError) {
        norm = try LayerNorm(
            weights["layer_norm"], width: configuration.featureWidth,
            epsilon: configuration.layerNormEpsilon)
        projection =
            configuration.hasProjection
            ? try Linear(
                weights["projection"], from: configuration.featureWidth,
                to: configuration.hiddenWidth) : nil
    }

    /// features [rows, featureWidth], overwritten, to hidden [rows, hiddenWidth].
    func callAsFunction(
        _ features: TensorView, into hidden: TensorView, layout: PackedFrames,
        on backend: ComputeBackend
    ) {
        for tile in layout.tiles {
            let input = features.rows(tile)
            let output = hidden.rows(tile)
            guard let projection else {
                norm(input, into: output, on: backend)
                continue
            }
            norm(input, into: input, on: backend)
            projection(input, into: output, on: backend)
        }
    }
}
