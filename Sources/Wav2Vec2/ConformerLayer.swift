internal import AcousticModels
internal import Checkpoints
internal import Tensors

/// One layer of a conformer: half a feed-forward block, attention, a convolution over time, and half a
/// feed-forward block, each with a norm before it and a residual, and a norm at the end.
struct ConformerLayer: EncoderBlock {
    private let first: FeedForward
    private let firstNorm: LayerNorm
    private let attention: SelfAttention
    private let attentionNorm: LayerNorm
    private let convolution: ConvolutionModule
    private let second: FeedForward
    private let secondNorm: LayerNorm
    private let finalNorm: LayerNorm
    private let width: Int

    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration,
        _ conformer: Wav2Vec2Configuration.Conformer, on backend: ComputeBackend
    ) throws(CheckpointError) {
        let width = configuration.hiddenWidth
        self.width = width
        func norm(_ name: String) throws(CheckpointError) -> LayerNorm {
            // The reference takes this epsilon, whatever the model's other norms have.
            try LayerNorm(weights[name], width: width, epsilon: 1e-5)
        }
        first = try FeedForward(weights["ffn1"], configuration, scaledBy: 0.5, on: backend)
        firstNorm = try norm("ffn1_layer_norm")
        attention = try SelfAttention(weights["attention"], configuration, on: backend)
        attentionNorm = try norm("self_attn_layer_norm")
        convolution = try ConvolutionModule(
            weights["conv_module"], configuration, conformer, on: backend)
        second = try FeedForward(weights["ffn2"], configuration, scaledBy: 0.5, on: backend)
        secondNorm = try norm("ffn2_layer_norm")
        finalNorm = try norm("final_layer_norm")
    }

    func callAsFunction(_ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace) {
        let backend = workspace.backend
        let tiles = layout.tiles
        let entering = workspace.view(.entering, rows: hidden.rows, width: width)
        workspace.forEach(tiles.count) { part, scratch in
            let rows = hidden.rows(tiles[part])
            add(first, behind: firstNorm, to: rows, on: backend, scratch: scratch)
            var normed = Epilogue([Product(rows)], into: entering.rows(tiles[part]))
            normed.norm = attentionNorm.parameters
            backend.kernels.apply(normed)
        }
        let turned = attention.turned(entering, layout: layout, workspace: workspace)
        let projected = attention.makeProjected(rows: hidden.rows, workspace: workspace)
        workspace.forEach(tiles.count) { part, scratch in
            let rows = entering.rows(tiles[part])
            func operand(_ floats: TensorView) -> Operand {
                backend.apply(Epilogue([Product(floats)]), encodedIn: .encoded, of: scratch)
            }
            attention.project(
                operand(turned?.rows(tiles[part]) ?? rows), entering: rows, into: projected,
                rows: tiles[part], on: backend, scratch: scratch)
            if turned != nil {
                attention.projectValues(
                    operand(rows), into: projected, rows: tiles[part], on: backend,
                    scratch: scratch)
            }
        }
        let context = workspace.view(.context, rows: hidden.rows, width: width)
        workspace.ended(.layers)
        attention.attend(projected, into: context, layout: layout, workspace: workspace)
        workspace.ended(.attention)
        workspace.forEach(tiles.count) { part, scratch in
            let rows = hidden.rows(tiles[part])
            let attended = backend.apply(
                Epilogue([Product(context.rows(tiles[part]))]), encodedIn: .attended, of: scratch)
            let tile = scratch.view(.tile, rows: rows.rows, width: width)
            backend.kernels.apply(
                Epilogue(
                    [attention.product(attended, into: tile, scratch: scratch)],
                    bias: attention.outputBias, residual: rows, into: rows))
        }
        convolution(hidden, layout: layout, workspace: workspace)
        workspace.forEach(tiles.count) { part, scratch in
            add(
                second, behind: secondNorm, to: hidden.rows(tiles[part]), then: finalNorm,
                on: backend, scratch: scratch)
        }
    }

    /// hidden += block(norm(hidden)), one tile, normed at the end where that is asked for.
    private func add(
        _ block: FeedForward, behind norm: LayerNorm, to hidden: TensorView,
        then final: LayerNorm? = nil, on backend: ComputeBackend, scratch: Workspace
    ) {
        let tile = scratch.view(.tile, rows: hidden.rows, width: width)
        var entering = Epilogue([Product(hidden)], into: tile)
        entering.norm = norm.parameters
        let operand = backend.apply(entering, encodedIn: .encoded, of: scratch)
        // The operand may be the tile itself.
        let result = scratch.view(.attended, rows: hidden.rows, width: width)
        var sum = Epilogue(
            [block.product(operand, into: result, on: backend, scratch: scratch)],
            bias: block.outputBias, residual: hidden, into: hidden)
        sum.norm = final?.parameters
        backend.kernels.apply(sum)
    }
}
