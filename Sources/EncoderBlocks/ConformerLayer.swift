package import AcousticModels
package import Checkpoints
package import PackedWeights
package import Tensors

/// One layer of a conformer: half a feed-forward block, attention, a convolution over time, and half a
/// feed-forward block, each with a norm before it and a residual, and a norm at the end.
package struct ConformerLayer: EncoderBlock {
    private let first: FeedForward
    private let firstNorm: LayerNorm
    private let attention: SelfAttention
    private let attentionNorm: LayerNorm
    private let convolution: ConvolutionModule
    private let second: FeedForward
    private let secondNorm: LayerNorm
    private let finalNorm: LayerNorm
    private let width: Int

    package init(
        _ weights: WeightScope, _ shape: ConformerShape, on backend: ComputeBackend
    ) throws(CheckpointError) {
        let layer = shape.layer
        width = layer.width
        func norm(_ name: String) throws(CheckpointError) -> LayerNorm {
            try LayerNorm(weights[name], width: layer.width, epsilon: layer.epsilon)
        }
        first = try FeedForward(weights["ffn1"], layer, scaledBy: 0.5, on: backend)
        firstNorm = try norm("ffn1_layer_norm")
        attention = try SelfAttention(weights["attention"], layer, on: backend)
        attentionNorm = try norm("self_attn_layer_norm")
        convolution = try ConvolutionModule(weights["conv_module"], shape, on: backend)
        second = try FeedForward(weights["ffn2"], layer, scaledBy: 0.5, on: backend)
        secondNorm = try norm("ffn2_layer_norm")
        finalNorm = try norm("final_layer_norm")
    }

    package func keepVectors(reach: Int, workspace: ModelWorkspace, in ledger: PackingLedger) {
        attention.keepVectors(reach: reach, workspace: workspace, in: ledger)
    }

    package func callAsFunction(
        _ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace
    ) {
        let backend = workspace.backend
        let tiles = layout.tiles
        let entering = workspace.view(.entering, rows: hidden.rows, width: width)
        workspace.forEach(tiles.count) { part, scratch in
            let rows = hidden.rows(tiles[part])
            first.add(to: rows, behind: firstNorm, on: backend, scratch: scratch)
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
            second.add(
                to: hidden.rows(tiles[part]), behind: secondNorm, then: finalNorm, on: backend,
                scratch: scratch)
        }
    }
}
