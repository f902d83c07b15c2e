internal import AcousticModels
internal import Checkpoints
internal import EncoderBlocks
internal import PackedWeights
internal import Tensors

/// Layers behind an encoder that make its frames fewer: w2v-BERT 2.0's, as transformers' `Wav2Vec2BertAdapter`.
struct StridedAdapter {
    private let shape: MelConfiguration.Adapter
    /// Where the encoder has another width.
    private let projection: (linear: Linear, norm: LayerNorm)?
    private let layers: [StridedLayer]

    init(
        _ weights: WeightScope, _ configuration: MelConfiguration,
        _ shape: MelConfiguration.Adapter, _ layer: LayerShape, on backend: ComputeBackend
    ) throws(CheckpointError) {
        self.shape = shape
        if shape.width != configuration.width {
            projection = (
                try Linear(
                    weights["proj"], from: configuration.width, to: shape.width, on: backend),
                try LayerNorm(
                    weights["proj_layer_norm"], width: shape.width, epsilon: layer.epsilon)
            )
        } else {
            projection = nil
        }
        var layers: [StridedLayer] = []
        for index in 0..<shape.layers {
            layers.append(
                try StridedLayer(weights["layers"]["\(index)"], shape, layer, on: backend))
        }
        self.layers = layers
    }

    /// - Parameter hidden: [rows of the layout, the encoder's width], in the workspace's `hidden`.
    /// - Returns: what the layers give, and where its frames are.
    func callAsFunction(
        _ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace
    ) -> (TensorView, PackedFrames) {
        var (frames, layout) = (hidden, layout)
        // Frames change places between two buffers.
        var free = ModelWorkspace.Slot.shortened
        if projection != nil {
            frames = projected(hidden, layout: layout, workspace: workspace)
            free = .hidden
        }
        for layer in layers {
            let short = PackedFrames(
                layout.segments.map {
                    (shape.shortened($0.frames), shape.shortened($0.validFrames))
                }, tiling: layout.tiling)
            let output = workspace.view(free, rows: short.rows, width: shape.width)
            layer(frames, layout: layout, into: output, short, workspace: workspace)
            free = free == .shortened ? .hidden : .shortened
            (frames, layout) = (output, short)
        }
        return (frames, layout)
    }

    private func projected(
        _ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace
    ) -> TensorView {
        guard let projection else { return hidden }
        let backend = workspace.backend
        let output = workspace.view(.shortened, rows: layout.rows, width: shape.width)
        let tiles = layout.tiles
        workspace.forEach(tiles.count) { part, scratch in
            let operand = backend.apply(
                Epilogue([Product(hidden.rows(tiles[part]))]), encodedIn: .encoded, of: scratch)
            let tile = scratch.view(.tile, rows: operand.rows, width: shape.width)
            var epilogue = Epilogue(
                [projection.linear.product(operand, into: tile, scratch: scratch)],
                bias: projection.linear.bias, into: output.rows(tiles[part]))
            epilogue.norm = projection.norm.parameters
            backend.kernels.apply(epilogue)
        }
        return output
    }
}

/// A convolution with a stride, attention and a feed-forward block; another convolution is the residual.
struct StridedLayer {
    /// A norm, a convolution over time to two halves, and the gate of one by the other.
    private struct GatedConvolution {
        let norm: LayerNorm
        /// Of [kernel · width], the taps one after the other.
        let linear: Linear

        init(
            _ weights: WeightScope, _ name: String, _ shape: MelConfiguration.Adapter,
            epsilon: Float, on backend: ComputeBackend
        ) throws(CheckpointError) {
            let (width, kernel) = (shape.width, shape.kernel)
            norm = try LayerNorm(weights["\(name)_layer_norm"], width: width, epsilon: epsilon)
            let convolution = weights["\(name)_conv"]
            linear = try Linear(
                inputs: kernel * width, outputs: 2 * width, on: backend, ledger: weights.ledger,
                weight: { () throws(CheckpointError) in
                    let stored = try convolution.floats(
                        "weight", shape: [2 * width, width, kernel])
                    var weight = [Float](repeating: 0, count: stored.count)
                    for output in 0..<2 * width {
                        for input in 0..<width {
                            for tap in 0..<kernel {
                                weight[(output * kernel + tap) * width + input] =
                                    stored[(output * width + input) * kernel + tap]
                            }
                        }
                    }
                    return weight
                },
                bias: { () throws(CheckpointError) in
                    try convolution.floats("bias", shape: [2 * width])
                })
        }
    }

    private let shape: MelConfiguration.Adapter
    private let residual: GatedConvolution
    private let entrance: GatedConvolution
    private let attention: SelfAttention
    private let feedForward: FeedForward
    private let feedForwardNorm: LayerNorm

    init(
        _ weights: WeightScope, _ shape: MelConfiguration.Adapter, _ layer: LayerShape,
        on backend: ComputeBackend
    ) throws(CheckpointError) {
        self.shape = shape
        func convolution(_ name: String) throws(CheckpointError) -> GatedConvolution {
            try GatedConvolution(weights, name, shape, epsilon: layer.epsilon, on: backend)
        }
        residual = try convolution("residual")
        entrance = try convolution("self_attn")
        attention = try SelfAttention(weights["attention"], layer, on: backend)
        feedForward = try FeedForward(weights["ffn"], layer, on: backend)
        feedForwardNorm = try LayerNorm(
            weights["ffn_layer_norm"], width: shape.width, epsilon: layer.epsilon)
    }

    /// - Parameters:
    ///   - frames: [rows of the layout, width].
    ///   - output: [rows of the short layout, width].
    func callAsFunction(
        _ frames: TensorView, layout: PackedFrames, into output: TensorView,
        _ short: PackedFrames, workspace: ModelWorkspace
    ) {
        let backend = workspace.backend
        let tiles = short.tiles
        let kept = workspace.view(.gated, rows: short.rows, width: shape.width)
        convolve(residual, frames, layout, into: kept, short, workspace: workspace)
        convolve(entrance, frames, layout, into: output, short, workspace: workspace)
        let projected = attention.makeProjected(rows: short.rows, workspace: workspace)
        workspace.forEach(tiles.count) { part, scratch in
            let rows = output.rows(tiles[part])
            attention.project(
                backend.apply(Epilogue([Product(rows)]), encodedIn: .encoded, of: scratch),
                entering: rows, into: projected, rows: tiles[part], on: backend, scratch: scratch)
        }
        let context = workspace.view(.context, rows: short.rows, width: shape.width)
        workspace.ended(.layers)
        attention.attend(projected, into: context, layout: short, workspace: workspace)
        workspace.ended(.attention)
        workspace.forEach(tiles.count) { part, scratch in
            let rows = output.rows(tiles[part])
            let attended = backend.apply(
                Epilogue([Product(context.rows(tiles[part]))]), encodedIn: .attended, of: scratch)
            let tile = scratch.view(.tile, rows: rows.rows, width: shape.width)
            backend.kernels.apply(
                Epilogue(
                    [attention.product(attended, into: tile, scratch: scratch)],
                    bias: attention.outputBias, residual: kept.rows(tiles[part]), into: rows))
            feedForward.add(to: rows, behind: feedForwardNorm, on: backend, scratch: scratch)
        }
    }

    /// One of the convolutions, within each utterance; zeros stand outside.
    private func convolve(
        _ convolution: GatedConvolution, _ frames: TensorView, _ layout: PackedFrames,
        into output: TensorView, _ short: PackedFrames, workspace: ModelWorkspace
    ) {
        let backend = workspace.backend
        let (width, kernel) = (shape.width, shape.kernel)
        let normed = workspace.view(.entering, rows: layout.rows, width: width)
        let tiles = layout.tiles
        workspace.forEach(tiles.count) { part, _ in
            var epilogue = Epilogue(
                [Product(frames.rows(tiles[part]))], into: normed.rows(tiles[part]))
            epilogue.norm = convolution.norm.parameters
            backend.kernels.apply(epilogue)
        }
        // What each frame sees, as one row.
        let seen = workspace.view(.wide, rows: short.rows, width: kernel * width)
        short.clearUnusedRows(of: seen)
        for (segment, target) in zip(layout.segments, short.segments) {
            let (source, rows) = (normed.rows(segment.rows), seen.rows(target.rows))
            for frame in 0..<target.frames {
                for tap in 0..<kernel {
                    let place = frame * shape.stride - shape.padding + tap
                    let to = rows.base + frame * rows.stride + tap * width
                    if (0..<segment.frames).contains(place) {
                        to.update(from: source.base + place * source.stride, count: width)
                    } else {
                        to.update(repeating: 0, count: width)
                    }
                }
            }
        }
        let shortTiles = short.tiles
        workspace.forEach(shortTiles.count) { part, scratch in
            let rows = output.rows(shortTiles[part])
            let operand = backend.apply(
                Epilogue([Product(seen.rows(shortTiles[part]))]), encodedIn: .encodedWide,
                of: scratch)
            let halves = scratch.view(.tileWide, rows: rows.rows, width: 2 * width)
            backend.kernels.apply(
                Epilogue(
                    [convolution.linear.product(operand, into: halves, scratch: scratch)],
                    bias: convolution.linear.bias, into: halves))
            backend.kernels.gate(halves, into: rows)
        }
    }
}
