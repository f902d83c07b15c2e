internal import AcousticModels
internal import Checkpoints
internal import EncoderBlocks
internal import PackedWeights
internal import Tensors

/// One transformer layer: attention and feed-forward, each with a residual and a norm.
///
/// A tile of rows goes through everything between two attentions while it is in the cache: residual,
/// norm and the next multiplication's operand are made as each product is finished.
struct EncoderLayer: EncoderBlock {
    private let attention: SelfAttention
    private let attentionNorm: LayerNorm
    private let feedForward: FeedForward
    private let finalNorm: LayerNorm
    /// Of the language that is spoken.
    private var adapter: ResidualAdapter?
    private let isPreNorm: Bool
    private let width: Int

    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration, bias: DistanceBias?,
        on backend: ComputeBackend
    ) throws(CheckpointError) {
        width = configuration.hiddenWidth
        isPreNorm = configuration.isPreNorm
        let epsilon = configuration.layerNormEpsilon
        let shape = configuration.layerShape
        attention = try SelfAttention(weights["attention"], shape, bias: bias, on: backend)
        attentionNorm = try LayerNorm(weights["layer_norm"], width: width, epsilon: epsilon)
        feedForward = try FeedForward(weights["feed_forward"], shape, on: backend)
        finalNorm = try LayerNorm(weights["final_layer_norm"], width: width, epsilon: epsilon)
        if let inner = configuration.adapterWidth {
            // What a language has of its own is small, and the backbone is kept for all of them.
            adapter = try ResidualAdapter(
                weights["adapter_layer"].unkept, width: width, inner: inner, on: backend)
        }
    }

    func adapted(by adapter: ResidualAdapter) -> any EncoderBlock {
        var layer = self
        layer.adapter = adapter
        return layer
    }

    func keepVectors(reach: Int, workspace: ModelWorkspace, in ledger: PackingLedger) {
        attention.keepVectors(reach: reach, workspace: workspace, in: ledger)
    }

    /// Works on hidden [rows of the layout, width] in place.
    func callAsFunction(_ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace) {
        let backend = workspace.backend
        let tiles = layout.tiles
        let projected = attention.makeProjected(rows: hidden.rows, workspace: workspace)
        workspace.forEach(tiles.count) { part, scratch in
            var encoding = Epilogue([Product(hidden.rows(tiles[part]))])
            if isPreNorm {
                encoding.norm = attentionNorm.parameters
                encoding.output = scratch.view(.tile, rows: tiles[part].count, width: width)
            }
            attention.project(
                backend.apply(encoding, encodedIn: .encoded, of: scratch),
                entering: encoding.output ?? hidden.rows(tiles[part]), into: projected,
                rows: tiles[part], on: backend, scratch: scratch)
        }
        let context = workspace.view(.context, rows: hidden.rows, width: width)
        workspace.ended(.layers)
        attention.attend(projected, into: context, layout: layout, workspace: workspace)
        workspace.ended(.attention)
        workspace.forEach(tiles.count) { part, scratch in
            completeLayer(
                hidden.rows(tiles[part]), context: context.rows(tiles[part]), on: backend,
                scratch: scratch)
        }
    }

    /// Everything after attention, for one tile.
    private func completeLayer(
        _ hidden: TensorView, context: TensorView, on backend: ComputeBackend, scratch: Workspace
    ) {
        let tile = scratch.view(.tile, rows: hidden.rows, width: width)
        let attended = backend.apply(
            Epilogue([Product(context)]), encodedIn: .attended, of: scratch)
        var afterAttention = Epilogue(
            [attention.product(attended, into: tile, scratch: scratch)],
            bias: attention.outputBias, residual: hidden, into: hidden)
        afterAttention.norm = (isPreNorm ? finalNorm : attentionNorm).parameters
        afterAttention.keepsUnnormed = isPreNorm
        let normed = backend.apply(afterAttention, encodedIn: .encoded, of: scratch)
        var afterFeedForward = Epilogue(
            [feedForward.product(normed, into: tile, on: backend, scratch: scratch)],
            bias: feedForward.outputBias, residual: hidden, into: hidden)
        if !isPreNorm { afterFeedForward.norm = finalNorm.parameters }
        backend.kernels.apply(afterFeedForward)
        adapter?(hidden, on: backend, scratch: scratch)
    }
}

/// `count` layers from `weights.0` on.
func encoderLayers(
    _ weights: WeightScope, _ count: Int, _ configuration: Wav2Vec2Configuration,
    on backend: ComputeBackend
) throws(CheckpointError) -> [any EncoderBlock] {
    let bias = try DistanceBias(weights["0"]["attention"], configuration.layerShape)
    var layers: [any EncoderBlock] = []
    for index in 0..<count {
        let scope = weights["\(index)"]
        if let shape = configuration.conformerShape {
            layers.append(try ConformerLayer(scope, shape, on: backend))
        } else {
            layers.append(try EncoderLayer(scope, configuration, bias: bias, on: backend))
        }
    }
    return layers
}
