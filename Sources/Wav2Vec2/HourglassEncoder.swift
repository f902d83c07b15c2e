internal import Checkpoints
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

    private let before: [EncoderLayer]
    private let shortened: [EncoderLayer]
    private let after: [EncoderLayer]
    private let factor: Int
    private let width: Int
    private let resampling: Resampling

    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration,
        _ hourglass: Wav2Vec2Configuration.Hourglass
    ) throws(CheckpointError) {
        factor = hourglass.factor
        width = configuration.hiddenWidth
        before = try encoderLayers(weights["layers"], hourglass.layersBefore, configuration)
        shortened = try encoderLayers(
            weights["hourglass_layers"], hourglass.layersShortened, configuration)
        after = try encoderLayers(weights["post_layers"], hourglass.layersAfter, configuration)
        switch hourglass.resampling {
        case .naive: resampling = .naive
        case .linear:
            resampling = .linear(
                down: try Linear(
                    weights["downsample_layer"]["linear"], from: factor * width, to: width),
                up: try Linear(
                    weights["upsample_layer"]["linear"], from: width, to: factor * width))
        }
    }

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
            for tile in shortLayout.tiles {
                down(groups.rows(tile), into: short.rows(tile), on: backend)
            }
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
            for tile in shortLayout.tiles {
                up(short.rows(tile), into: groups.rows(tile), on: backend)
            }
            for (segment, source) in zip(layout.segments, shortLayout.segments) {
                backend.kernels.add(
                    frames(of: groups, from: source).rows(0..<segment.frames), bias: nil,
                    to: hidden.rows(segment.rows))
            }
        }
    }

    /// An utterance's groups [groups, factor · width] seen as frames [groups · factor, width].
    private func frames(of groups: TensorView, from segment: PackedFrames.Segment) -> TensorView {
        let rows = groups.rows(segment.rows)
        return TensorView(base: rows.base, rows: rows.rows * factor, width: width)
    }
}
