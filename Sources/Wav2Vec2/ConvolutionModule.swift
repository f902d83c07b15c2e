internal import AcousticModels
internal import Checkpoints
internal import Tensors

/// A conformer's convolution: channels are gated, each is convolved over time, and they are mixed again.
struct ConvolutionModule {
    private let norm: LayerNorm
    private let widen: Linear
    /// [kernel, width], the batch norm behind it folded in.
    private let taps: Tensor
    private let shift: Tensor
    private let activation: KernelActivation
    private let narrow: Linear
    private let width: Int

    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration,
        _ conformer: Wav2Vec2Configuration.Conformer, on backend: ComputeBackend
    ) throws(CheckpointError) {
        let width = configuration.hiddenWidth
        let kernel = conformer.depthwiseKernel
        self.width = width
        norm = try LayerNorm(weights["layer_norm"], width: width, epsilon: 1e-5)
        activation = configuration.activation.kernel
        let gated = try weights["pointwise_conv1"].floats("weight", shape: [2 * width, width, 1])
        let mixed = try weights["pointwise_conv2"].floats("weight", shape: [width, width, 1])
        widen = try refusing { () throws(ArithmeticError) in
            try Linear(weight: gated, bias: nil, inputs: width, outputs: 2 * width, on: backend)
        }
        narrow = try refusing { () throws(ArithmeticError) in
            try Linear(weight: mixed, bias: nil, inputs: width, outputs: width, on: backend)
        }
        let depthwise = try weights["depthwise_conv"].floats("weight", shape: [width, 1, kernel])
        let scaling = try ChannelScaling(batchNorm: weights["batch_norm"], width: width)
        taps = Tensor(shape: [kernel, width]) { target in
            for channel in 0..<width {
                for tap in 0..<kernel {
                    target[tap * width + channel] =
                        depthwise[channel * kernel + tap] * scaling.scales[channel]
                }
            }
        }
        shift = Tensor(scaling.shifts, shape: [width])
    }

    /// Frames that one part convolves.
    private static let framesPerPart = 64

    /// hidden += module(hidden), within each utterance.
    func callAsFunction(_ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace) {
        let backend = workspace.backend
        let tiles = layout.tiles
        let gated = workspace.view(.gated, rows: hidden.rows, width: width)
        workspace.forEach(tiles.count) { part, scratch in
            let rows = hidden.rows(tiles[part])
            let tile = scratch.view(.tile, rows: rows.rows, width: width)
            var entering = Epilogue([Product(rows)], into: tile)
            entering.norm = norm.parameters
            let operand = backend.apply(entering, encodedIn: .encoded, of: scratch)
            let wide = scratch.view(.tileWide, rows: rows.rows, width: 2 * width)
            backend.kernels.apply(
                Epilogue([widen.product(operand, into: wide, scratch: scratch)], into: wide))
            backend.kernels.gate(wide, into: gated.rows(tiles[part]))
        }
        let convolved = workspace.view(.context, rows: hidden.rows, width: width)
        layout.clearUnusedRows(of: convolved)
        let parts = layout.segments.flatMap { segment in
            stride(from: 0, to: segment.frames, by: Self.framesPerPart).map { start in
                (segment, start..<min(start + Self.framesPerPart, segment.frames))
            }
        }
        workspace.forEach(parts.count) { part, _ in
            let (segment, frames) = parts[part]
            backend.kernels.convolveChannels(
                gated.rows(segment.rows), weights: taps, before: (taps.shape[0] - 1) / 2,
                frames: frames, into: convolved.rows(segment.rows).rows(frames))
        }
        workspace.forEach(tiles.count) { part, scratch in
            let rows = hidden.rows(tiles[part])
            let operand = backend.apply(
                Epilogue(
                    [Product(convolved.rows(tiles[part]))], bias: shift, activation: activation),
                encodedIn: .encoded, of: scratch)
            let tile = scratch.view(.tile, rows: rows.rows, width: width)
            backend.kernels.apply(
                Epilogue(
                    [narrow.product(operand, into: tile, scratch: scratch)], residual: rows,
                    into: rows))
        }
    }
}
