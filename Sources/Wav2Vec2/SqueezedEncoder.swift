internal import AcousticModels
internal import Checkpoints
internal import EncoderBlocks
internal import Tensors

/// A stack over fewer frames: means of groups of them, and back again by a layer that makes a group of each.
///
/// This is SEW's. Frames behind the last whole group are zero in the end.
struct SqueezedEncoder {
    private let factor: Int
    private let width: Int
    private let norm: LayerNorm
    let layers: [any EncoderBlock]
    private let upsampling: Linear
    private let activation: KernelActivation
    private let position: PositionalConvolution

    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration, on backend: ComputeBackend
    ) throws(CheckpointError) {
        factor = configuration.squeezeFactor
        width = configuration.hiddenWidth
        activation = configuration.convActivation.kernel
        position = try PositionalConvolution(
            weights["pos_conv_embed"]["conv"], configuration, hasWeightNorm: true, on: backend)
        norm = try LayerNorm(
            weights["layer_norm"], width: width, epsilon: configuration.layerNormEpsilon)
        layers = try encoderLayers(
            weights["layers"], configuration.encoderLayers, configuration, on: backend)
        upsampling = try Linear(
            weights["upsample"]["projection"], from: width, to: factor * width, on: backend)
    }

    func positionBytes(frames: Int, on backend: ComputeBackend) -> Int {
        position.workspaceBytes(frames: frames, on: backend)
    }

    /// Works on hidden [rows of the layout, width] in place.
    func callAsFunction(
        _ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace,
        observe: (Stage, TensorView, PackedFrames) -> Void
    ) {
        let backend = workspace.backend
        let squeezed = layout.squeezed(by: factor)
        let short = workspace.view(.shortened, rows: squeezed.rows, width: width)
        squeezed.clearUnusedRows(of: short)
        for (segment, target) in zip(layout.segments, squeezed.segments) where target.frames > 0 {
            backend.kernels.meanGroups(
                of: hidden.rows(segment.start..<segment.start + target.frames * factor),
                factor: factor, into: short.rows(target.rows))
        }
        // Positions are of whole frames; every `factor`th of them is that of a group.
        position.replace(hidden, layout: layout, workspace: workspace)
        for (segment, target) in zip(layout.segments, squeezed.segments) where target.frames > 0 {
            let every = TensorView(
                base: hidden.base + segment.start * hidden.stride, rows: target.frames,
                width: width, stride: factor * hidden.stride)
            let rows = short.rows(target.rows)
            backend.kernels.apply(Epilogue([Product(every)], residual: rows, into: rows))
        }
        norm(short, layout: squeezed, workspace: workspace)
        workspace.ended(.positional)
        observe(.encoderInput, short, squeezed)
        for (index, layer) in layers.enumerated() {
            layer(short, layout: squeezed, workspace: workspace)
            observe(.layer(index), short, squeezed)
        }
        let groups = workspace.view(.wide, rows: squeezed.rows, width: factor * width)
        let tiles = squeezed.tiles
        workspace.forEach(tiles.count) { part, scratch in
            let operand = backend.apply(
                Epilogue([Product(short.rows(tiles[part]))]), encodedIn: .encoded, of: scratch)
            let tile = scratch.view(.tileWide, rows: operand.rows, width: factor * width)
            backend.kernels.apply(
                Epilogue(
                    [upsampling.product(operand, into: tile, scratch: scratch)],
                    bias: upsampling.bias, activation: activation, into: groups.rows(tiles[part])))
        }
        hidden.clear()
        for (segment, source) in zip(layout.segments, squeezed.segments) {
            let rows = groups.rows(source.rows)
            hidden.rows(segment.start..<segment.start + source.frames * factor).copy(
                TensorView(base: rows.base, rows: rows.rows * factor, width: width))
        }
    }
}
