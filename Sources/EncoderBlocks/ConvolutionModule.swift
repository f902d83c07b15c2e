internal import AcousticModels
internal import Checkpoints
internal import Tensors

/// A conformer's convolution: channels are gated, each is convolved over time, and they are mixed again.
struct ConvolutionModule {
    private let norm: LayerNorm
    private let widen: Linear
    /// [kernel, width], a batch norm behind it folded in.
    private let taps: Tensor
    private let tapsBefore: Int
    /// Of the convolution of channels and the batch norm.
    private let shift: Tensor?
    /// Of channels, behind that convolution.
    private let innerNorm: LayerNorm?
    private let activation: KernelActivation
    private let narrow: Linear
    private let width: Int

    init(
        _ weights: WeightScope, _ shape: ConformerShape, on backend: ComputeBackend
    ) throws(CheckpointError) {
        let (width, kernel) = (shape.layer.width, shape.kernel)
        self.width = width
        norm = try LayerNorm(
            weights["layer_norm"], width: width, epsilon: shape.layer.epsilon)
        activation = shape.layer.activation.kernel
        func pointwise(_ name: String, to outputs: Int) throws(CheckpointError) -> Linear {
            try Linear(
                weights[name], from: width, to: outputs, shape: [outputs, width, 1],
                hasBias: shape.hasConvolutionBiases, on: backend)
        }
        widen = try pointwise("pointwise_conv1", to: 2 * width)
        narrow = try pointwise("pointwise_conv2", to: width)
        var scales = [Float](repeating: 1, count: width)
        var shifts =
            shape.hasConvolutionBiases
            ? try weights["depthwise_conv"].values("bias", shape: [width])
            : [Float](repeating: 0, count: width)
        switch shape.convolutionNorm {
        case .batch:
            let scaling = try ChannelScaling(batchNorm: weights["batch_norm"], width: width)
            scales = scaling.scales
            for channel in 0..<width {
                shifts[channel] = shifts[channel] * scales[channel] + scaling.shifts[channel]
            }
            innerNorm = nil
        case .layer:
            innerNorm = try LayerNorm(
                weights["depthwise_layer_norm"], width: width, epsilon: shape.layer.epsilon)
        }
        shift =
            shape.convolutionNorm == .batch || shape.hasConvolutionBiases
            ? Tensor(shifts, shape: [width]) : nil
        taps = try weights.ledger.tensor([kernel, width]) { (target) throws(CheckpointError) in
            let depthwise = try weights["depthwise_conv"].floats(
                "weight", shape: [width, 1, kernel])
            for channel in 0..<width {
                for tap in 0..<kernel {
                    target[tap * width + channel] =
                        depthwise[channel * kernel + tap] * scales[channel]
                }
            }
        }
        tapsBefore = shape.isCausal ? kernel - 1 : (kernel - 1) / 2
    }

    /// Frames that one part convolves.
    private static let framesPerPart = 64

    /// hidden += module(hidden), within each utterance; frames that are not valid count as zeros to it.
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
                Epilogue(
                    [widen.product(operand, into: wide, scratch: scratch)], bias: widen.bias,
                    into: wide))
            backend.kernels.gate(wide, into: gated.rows(tiles[part]))
        }
        layout.clearUnusedRows(of: gated)
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
                gated.rows(segment.rows), weights: taps, before: tapsBefore, frames: frames,
                into: convolved.rows(segment.rows).rows(frames))
        }
        workspace.forEach(tiles.count) { part, scratch in
            let rows = hidden.rows(tiles[part])
            var activated = Epilogue(
                [Product(convolved.rows(tiles[part]))], bias: shift, activation: activation)
            activated.norm = innerNorm?.parameters
            let operand = backend.apply(activated, encodedIn: .encoded, of: scratch)
            let tile = scratch.view(.tile, rows: rows.rows, width: width)
            backend.kernels.apply(
                Epilogue(
                    [narrow.product(operand, into: tile, scratch: scratch)], bias: narrow.bias,
                    residual: rows, into: rows))
        }
    }
}
