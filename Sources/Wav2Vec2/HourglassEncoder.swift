internal import AcousticModels
internal import Checkpoints
internal import EncoderBlocks
internal import Tensors

/// A stack that shortens time in its middle: some layers, fewer frames, more layers, all frames
/// again plus what was there before, and some layers more.
struct HourglassEncoder {
    /// Between full and shortened time.
    private enum Resampling {
        /// Mean of a group, and repetition.
        case naive
        /// A linear layer over the group's frames end to end, and one back.
        case linear(down: Linear, up: Linear)
    }

    private let before: [any EncoderBlock]
    private let shortened: [any EncoderBlock]
    private let after: [any EncoderBlock]
    private let factor: Int
    private let width: Int
    private let resampling: Resampling

    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration,
        _ hourglass: Wav2Vec2Configuration.Hourglass, on backend: ComputeBackend
    ) throws(CheckpointError) {
        factor = hourglass.factor
        width = configuration.hiddenWidth
        before = try encoderLayers(
            weights["layers"], hourglass.layersBefore, configuration, on: backend)
        shortened = try encoderLayers(
            weights["hourglass_layers"], hourglass.layersShortened, configuration,
            on: backend)
        after = try encoderLayers(
            weights["post_layers"], hourglass.layersAfter, configuration, on: backend)
        switch hourglass.resampling {
        case .naive: resampling = .naive
        case .linear:
            resampling = .linear(
                down: try Linear(
                    weights["downsample_layer"]["linear"], from: factor * width, to: width,
                    on: backend),
                up: try Linear(
                    weights["upsample_layer"]["linear"], from: width, to: factor * width,
                    on: backend))
        }
    }

    var layers: [any EncoderBlock] { before + shortened + after }

    /// Works on hidden [rows of the layout, width] in place.
    func callAsFunction(
        _ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace,
        observe: (Stage, TensorView, PackedFrames) -> Void
    ) {
        for layer in before { layer(hidden, layout: layout, workspace: workspace) }

        let shortLayout = layout.shortened(by: factor)
        let short = workspace.view(.shortened, rows: shortLayout.rows, width: width)
        down(hidden, layout, into: short, shortLayout, workspace: workspace)
        observe(.pooledInput, short, shortLayout)
        for layer in shortened { layer(short, layout: shortLayout, workspace: workspace) }
        observe(.pooledOutput, short, shortLayout)
        up(short, shortLayout, addTo: hidden, layout, workspace: workspace)

        for layer in after { layer(hidden, layout: layout, workspace: workspace) }
    }

    private func down(
        _ hidden: TensorView, _ layout: PackedFrames, into short: TensorView,
        _ shortLayout: PackedFrames, workspace: ModelWorkspace
    ) {
        let backend = workspace.backend
        switch resampling {
        case .naive:
            shortLayout.clearUnusedRows(of: short)
            for (segment, target) in zip(layout.segments, shortLayout.segments) {
                backend.kernels.meanGroups(
                    of: hidden.rows(segment.rows), factor: factor, into: short.rows(target.rows))
            }
        case .linear(let down, _):
            // The groups of all utterances, each as one row; frames after the last are zero.
            let groups = workspace.view(.wide, rows: short.rows, width: factor * width)
            groups.clear()
            for (segment, target) in zip(layout.segments, shortLayout.segments) {
                frames(of: groups, from: target).rows(0..<segment.frames)
                    .copy(hidden.rows(segment.rows))
            }
            apply(down, to: groups, into: short, layout: shortLayout, workspace: workspace)
        }
    }

    private func up(
        _ short: TensorView, _ shortLayout: PackedFrames, addTo hidden: TensorView,
        _ layout: PackedFrames, workspace: ModelWorkspace
    ) {
        let backend = workspace.backend
        switch resampling {
        case .naive:
            for (segment, source) in zip(layout.segments, shortLayout.segments) {
                backend.kernels.addRepeated(
                    short.rows(source.rows), factor: factor, to: hidden.rows(segment.rows))
            }
        case .linear(_, let up):
            let groups = workspace.view(.wide, rows: short.rows, width: factor * width)
            apply(up, to: short, into: groups, layout: shortLayout, workspace: workspace)
            for (segment, source) in zip(layout.segments, shortLayout.segments) {
                let sum = hidden.rows(segment.rows)
                backend.kernels.apply(
                    Epilogue(
                        [Product(frames(of: groups, from: source).rows(0..<segment.frames))],
                        residual: sum, into: sum))
            }
        }
    }

    private func apply(
        _ layer: Linear, to input: TensorView, into output: TensorView, layout: PackedFrames,
        workspace: ModelWorkspace
    ) {
        let backend = workspace.backend
        let tiles = layout.tiles
        workspace.forEach(tiles.count) { part, scratch in
            let operand = backend.apply(
                Epilogue([Product(input.rows(tiles[part]))]), encodedIn: .encodedWide, of: scratch)
            let tile = scratch.view(.tileWide, rows: operand.rows, width: layer.outputs)
            backend.kernels.apply(
                Epilogue(
                    [layer.product(operand, into: tile, scratch: scratch)], bias: layer.bias,
                    into: output.rows(tiles[part])))
        }
    }

    /// An utterance's groups [groups, factor · width] seen as frames [groups · factor, width].
    private func frames(of groups: TensorView, from segment: PackedFrames.Segment) -> TensorView {
        let rows = groups.rows(segment.rows)
        return TensorView(base: rows.base, rows: rows.rows * factor, width: width)
    }
}
