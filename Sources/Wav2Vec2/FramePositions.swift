internal import AcousticModels
internal import Checkpoints
internal import EncoderBlocks
internal import Tensors

/// What tells frames apart by their place before the first layer, in every form that a model may have.
struct FramePositions {
    private enum Form {
        case convolution(PositionalConvolution)
        /// Of frames that a batch norm with running statistics has scaled and shifted.
        case behindNorm(PositionalConvolution, ChannelScaling)
        /// Each convolution takes what the one before gave.
        case stack([PositionalConvolution], norm: LayerNorm, activation: KernelActivation)
        case none
    }

    private let form: Form
    private let width: Int

    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration, on backend: ComputeBackend
    ) throws(CheckpointError) {
        width = configuration.hiddenWidth
        func convolution(
            _ scope: WeightScope, hasWeightNorm: Bool = false
        ) throws(CheckpointError) -> PositionalConvolution {
            try PositionalConvolution(
                scope, configuration, hasWeightNorm: hasWeightNorm, on: backend)
        }
        switch configuration.positionalForm {
        case .none: form = .none
        case .weightNorm:
            form = .convolution(try convolution(weights["conv"], hasWeightNorm: true))
        case .plain:
            form = .convolution(try convolution(weights["conv"]))
        case .batchNorm:
            form = .behindNorm(
                try convolution(weights["conv"]),
                try ChannelScaling(batchNorm: weights["batch_norm"], width: width))
        case .stack(let count):
            var layers: [PositionalConvolution] = []
            for index in 0..<count {
                layers.append(try convolution(weights["layers"]["\(index)"]["conv"]))
            }
            form = .stack(
                layers, norm: LayerNorm(plainOfWidth: width, epsilon: 1e-5),
                activation: configuration.convActivation.kernel)
        }
    }

    private var convolutions: [PositionalConvolution] {
        switch form {
        case .convolution(let convolution), .behindNorm(let convolution, _): [convolution]
        case .stack(let layers, _, _): layers
        case .none: []
        }
    }

    /// Bytes of scratch memory of one thread for an utterance of `frames` frames.
    func workspaceBytes(frames: Int, on backend: ComputeBackend) -> Int {
        convolutions.reduce(0) { max($0, $1.workspaceBytes(frames: frames, on: backend)) }
    }

    /// Whether a second matrix of hidden frames is needed.
    var takesCopy: Bool {
        switch form {
        case .convolution, .none: false
        case .behindNorm, .stack: true
        }
    }

    /// Adds positions to hidden [rows of the layout, width], within each utterance.
    func callAsFunction(
        _ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace,
        observe: (Stage, TensorView, PackedFrames) -> Void
    ) {
        switch form {
        case .none: return
        case .convolution(let convolution):
            return convolution(hidden, layout: layout, workspace: workspace)
        case .behindNorm, .stack: break
        }
        let positions = workspace.view(.context, rows: hidden.rows, width: width)
        positions.copy(hidden)
        switch form {
        case .convolution, .none: break
        case .behindNorm(let convolution, let scaling):
            for segment in layout.segments { scaling.apply(to: positions.rows(segment.rows)) }
            convolution.replace(positions, layout: layout, workspace: workspace)
        case .stack(let layers, let norm, let activation):
            for (index, layer) in layers.enumerated() {
                layer.replace(
                    positions, layout: layout, workspace: workspace, isActivated: false)
                norm(
                    positions, layout: layout, workspace: workspace, activation: activation)
                observe(.position(index), positions, layout)
            }
        }
        let tiles = layout.tiles
        workspace.forEach(tiles.count) { part, _ in
            let rows = hidden.rows(tiles[part])
            workspace.backend.kernels.apply(
                Epilogue([Product(positions.rows(tiles[part]))], residual: rows, into: rows))
        }
    }
}
