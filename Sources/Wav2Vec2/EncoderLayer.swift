internal import Checkpoints
internal import Tensors

/// One transformer layer: attention and feed-forward, each with a residual and a norm.
struct EncoderLayer {
    private let attention: SelfAttention
    private let attentionNorm: LayerNorm
    private let feedForward: FeedForward
    private let finalNorm: LayerNorm
    private let isPreNorm: Bool
    private let width: Int

    init(_ weights: WeightScope, _ configuration: Wav2Vec2Configuration) throws(CheckpointError) {
        width = configuration.hiddenWidth
        isPreNorm = configuration.isPreNorm
        let epsilon = configuration.layerNormEpsilon
        attention = try SelfAttention(weights["attention"], configuration)
        attentionNorm = try LayerNorm(weights["layer_norm"], width: width, epsilon: epsilon)
        feedForward = try FeedForward(weights["feed_forward"], configuration)
        finalNorm = try LayerNorm(weights["final_layer_norm"], width: width, epsilon: epsilon)
    }

    /// Works on hidden [rows of the layout, width] in place.
    func callAsFunction(_ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace) {
        let backend = workspace.backend
        let wide = workspace.view(.wide, rows: hidden.rows, width: 3 * width)
        for tile in layout.tiles {
            var input = hidden.rows(tile)
            if isPreNorm {
                input = workspace.view(.tile, rows: tile.count, width: width)
                attentionNorm(hidden.rows(tile), into: input, on: backend)
            }
            attention.project(input, into: wide.rows(tile), on: backend)
        }
        let context = workspace.view(.context, rows: hidden.rows, width: width)
        attention.attend(wide, into: context, layout: layout, workspace: workspace)
        for tile in layout.tiles {
            finish(hidden.rows(tile), context: context.rows(tile), workspace: workspace)
        }
    }

    /// Everything after attention, for one tile.
    private func finish(
        _ hidden: TensorView, context: TensorView, workspace: ModelWorkspace
    ) {
        let backend = workspace.backend
        let tile = workspace.view(.tile, rows: hidden.rows, width: width)
        attention.product(context, into: tile, on: backend)
        backend.kernels.add(tile, bias: attention.outputBias, to: hidden)
        if isPreNorm {
            // Context is not needed any more and holds the normed frames.
            finalNorm(hidden, into: context, on: backend)
            feedForward.product(context, into: tile, workspace: workspace)
            backend.kernels.add(tile, bias: feedForward.outputBias, to: hidden)
        } else {
            attentionNorm(hidden, into: hidden, on: backend)
            feedForward.product(hidden, into: tile, workspace: workspace)
            backend.kernels.add(tile, bias: feedForward.outputBias, to: hidden)
            finalNorm(hidden, into: hidden, on: backend)
        }
    }
}
