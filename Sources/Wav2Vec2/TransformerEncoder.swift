internal import AcousticModels
internal import Checkpoints
internal import Tensors

/// The stack of transformer layers, plain or with an hourglass in its middle.
struct TransformerEncoder {
    private enum Stack {
        case plain([EncoderLayer])
        case hourglass(HourglassEncoder)
    }

    private let position: FramePositions
    /// Before the stack in post-norm models, after it in pre-norm ones.
    private let norm: LayerNorm
    private let isPreNorm: Bool
    private let stack: Stack

    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration, on backend: ComputeBackend
    ) throws(CheckpointError) {
        position = try FramePositions(weights["pos_conv_embed"], configuration, on: backend)
        norm = try LayerNorm(
            weights["layer_norm"], width: configuration.hiddenWidth,
            epsilon: configuration.layerNormEpsilon)
        isPreNorm = configuration.isPreNorm
        if let hourglass = configuration.hourglass {
            stack = .hourglass(try HourglassEncoder(weights, configuration, hourglass, on: backend))
        } else {
            stack = .plain(
                try encoderLayers(
                    weights["layers"], configuration.encoderLayers, configuration, on: backend))
        }
    }

    /// Bytes of the positional convolution's spectra.
    var positionWeightBytes: Int { position.weightBytes }

    /// Bytes of scratch memory that positions take for an utterance of `frames` frames.
    func positionBytes(frames: Int, on backend: ComputeBackend) -> Int {
        position.workspaceBytes(frames: frames, on: backend)
    }

    /// Works on hidden [rows of the layout, width] in place; padding frames are zero on entry.
    func callAsFunction(
        _ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace,
        observe: (Stage, TensorView, PackedFrames) -> Void
    ) {
        position(hidden, layout: layout, workspace: workspace, observe: observe)
        if !isPreNorm { norm(hidden, layout: layout, workspace: workspace) }
        workspace.ended(.positional)
        observe(.encoderInput, hidden, layout)
        switch stack {
        case .plain(let layers):
            for (index, layer) in layers.enumerated() {
                layer(hidden, layout: layout, workspace: workspace)
                observe(.layer(index), hidden, layout)
            }
        case .hourglass(let hourglass):
            hourglass(hidden, layout: layout, workspace: workspace, observe: observe)
        }
        if isPreNorm { norm(hidden, layout: layout, workspace: workspace) }
        workspace.ended(.layers)
        observe(.encoderOutput, hidden, layout)
    }
}

/// `count` layers from `weights.0` on.
func encoderLayers(
    _ weights: WeightScope, _ count: Int, _ configuration: Wav2Vec2Configuration,
    on backend: ComputeBackend
) throws(CheckpointError) -> [EncoderLayer] {
    var layers: [EncoderLayer] = []
    for index in 0..<count {
        layers.append(try EncoderLayer(weights["\(index)"], configuration, on: backend))
    }
    return layers
}
