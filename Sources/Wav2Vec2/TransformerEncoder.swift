internal import AcousticModels
internal import Checkpoints
internal import EncoderBlocks
internal import Tensors

/// The stack of transformer layers, plain or with an hourglass in its middle.
struct TransformerEncoder {
    private enum Stack {
        case plain([any EncoderBlock])
        case squeezed(SqueezedEncoder)
        case hourglass(HourglassEncoder)
    }

    /// nil where the stack has its own, and so a norm.
    private let position: FramePositions?
    /// Before the stack in post-norm models, after it in pre-norm ones.
    private let norm: LayerNorm?
    private let isPreNorm: Bool
    private var stack: Stack

    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration, on backend: ComputeBackend
    ) throws(CheckpointError) {
        if configuration.squeezeFactor > 1 {
            stack = .squeezed(try SqueezedEncoder(weights, configuration, on: backend))
            position = nil
            norm = nil
            isPreNorm = false
            return
        }
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

    /// All layers, in the order in which they are made.
    var layers: [any EncoderBlock] {
        switch stack {
        case .plain(let layers): layers
        case .squeezed(let encoder): encoder.layers
        case .hourglass(let encoder): encoder.layers
        }
    }

    /// The same encoder with another language's adapters, one for each layer of a plain stack.
    func adapted(by adapters: [ResidualAdapter]) -> TransformerEncoder {
        guard case .plain(let layers) = stack else { return self }
        var encoder = self
        encoder.stack = .plain(zip(layers, adapters).map { $0.adapted(by: $1) })
        return encoder
    }

    /// Bytes of scratch memory that positions take for an utterance of `frames` frames.
    func positionBytes(frames: Int, on backend: ComputeBackend) -> Int {
        if case .squeezed(let encoder) = stack {
            return encoder.positionBytes(frames: frames, on: backend)
        }
        return position?.workspaceBytes(frames: frames, on: backend) ?? 0
    }

    /// Works on hidden [rows of the layout, width] in place; padding frames are zero on entry.
    func callAsFunction(
        _ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace,
        observe: (Stage, TensorView, PackedFrames) -> Void
    ) {
        if let position {
            position(hidden, layout: layout, workspace: workspace, observe: observe)
            if !isPreNorm { norm?(hidden, layout: layout, workspace: workspace) }
            workspace.ended(.positional)
            observe(.encoderInput, hidden, layout)
        }
        switch stack {
        case .squeezed(let encoder):
            encoder(hidden, layout: layout, workspace: workspace, observe: observe)
        case .plain(let layers):
            for (index, layer) in layers.enumerated() {
                layer(hidden, layout: layout, workspace: workspace)
                observe(.layer(index), hidden, layout)
            }
        case .hourglass(let hourglass):
            hourglass(hidden, layout: layout, workspace: workspace, observe: observe)
        }
        if isPreNorm { norm?(hidden, layout: layout, workspace: workspace) }
        workspace.ended(.layers)
        observe(.encoderOutput, hidden, layout)
    }
}
