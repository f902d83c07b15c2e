internal import AcousticModels
internal import Checkpoints
internal import EncoderBlocks
internal import PackedWeights
internal import Tensors

/// Relative position by a long grouped convolution over time, added to its own input.
///
/// Computed through Fourier transforms of overlapping blocks, in float32 whatever the precision.
struct PositionalConvolution {
    private let groups: Int
    private let groupWidth: Int
    private let spectrum: Spectrum
    /// [groups, weights of one group].
    private let weight: Tensor
    private let bias: Tensor
    private let activation: KernelActivation

    /// - Parameter hasWeightNorm: the weight is stored as direction and magnitude.
    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration, hasWeightNorm: Bool,
        on backend: ComputeBackend
    ) throws(CheckpointError) {
        groups = configuration.positionalGroups
        groupWidth = configuration.hiddenWidth / configuration.positionalGroups
        spectrum = Spectrum(kernel: configuration.positionalKernel)
        activation = configuration.convActivation.kernel

        let kernel = configuration.positionalKernel
        let shape = [configuration.hiddenWidth, groupWidth, kernel]
        bias = try weights.tensor("bias", shape: [configuration.hiddenWidth])
        let (groups, groupWidth, spectrum) = (groups, groupWidth, spectrum)
        weight = try weights.ledger.tensor(
            [groups, spectrum.weightCount(width: groupWidth)]
        ) { (target) throws(CheckpointError) in
            let direction = try weights.floats(
                hasWeightNorm ? "weight_v" : "weight", shape: shape)
            let scales =
                hasWeightNorm
                ? Self.tapScales(
                    magnitude: try weights.floats("weight_g", shape: [1, 1, kernel]),
                    direction: direction) : [Double](repeating: 1, count: kernel)
            Self.transform(
                direction, scales: scales, groups: groups, groupWidth: groupWidth,
                spectrum: spectrum, on: backend, into: target)
        }
    }

    /// Weight norm along the kernel: one norm for each tap, over all outputs and inputs.
    private static func tapScales(magnitude: [Float], direction: [Float]) -> [Double] {
        let kernel = magnitude.count
        var squares = [Double](repeating: 0, count: kernel)
        direction.withUnsafeBufferPointer { direction in
            for start in stride(from: 0, to: direction.count, by: kernel) {
                for tap in 0..<kernel {
                    squares[tap] += Double(direction[start + tap]) * Double(direction[start + tap])
                }
            }
        }
        return zip(magnitude, squares).map { magnitude, square in
            square > 0 ? Double(magnitude) / square.squareRoot() : 0
        }
    }

    /// [outputs, groupWidth, kernel] as spectra of each group.
    private static func transform(
        _ direction: [Float], scales: [Double], groups: Int, groupWidth: Int, spectrum: Spectrum,
        on backend: ComputeBackend, into target: UnsafeMutableBufferPointer<Float>
    ) {
        let kernel = scales.count
        let size = spectrum.weightCount(width: groupWidth)
        guard let first = target.baseAddress else { return }
        for group in 0..<groups {
            backend.kernels.transformTaps(
                spectrum, width: groupWidth,
                fill: { input, taps in
                    for output in 0..<groupWidth {
                        let row = (group * groupWidth + output) * groupWidth + input
                        for tap in 0..<kernel {
                            taps.base[tap * taps.stride + output] = Float(
                                Double(direction[row * kernel + tap]) * scales[tap])
                        }
                    }
                }, into: first + group * size)
        }
    }

    /// hidden += activation(convolution(hidden) + bias), within each utterance.
    ///
    /// Frame t sees frames t − kernel / 2 ..< t − kernel / 2 + kernel; zeros stand outside.
    func callAsFunction(_ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace) {
        convolve(
            hidden, layout: layout, workspace: workspace, activation: activation, replaces: false)
    }

    /// hidden = activation(convolution(hidden) + bias), likewise.
    ///
    /// - Parameter isActivated: false leaves the activation out.
    func replace(
        _ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace,
        isActivated: Bool = true
    ) {
        convolve(
            hidden, layout: layout, workspace: workspace,
            activation: isActivated ? activation : .linear, replaces: true)
    }

    private func convolve(
        _ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace,
        activation: KernelActivation, replaces: Bool
    ) {
        let segments = layout.segments.filter { $0.frames > 0 }
        let pairs = (groups + 1) / 2
        workspace.forEach(segments.count * pairs) { part, scratch in
            let (index, pair) = part.quotientAndRemainder(dividingBy: pairs)
            let rows = hidden.rows(segments[index].rows)
            let members = [pair, pair + pairs].filter { $0 < groups }
            workspace.backend.kernels.addPosition(
                spectrum,
                groups: members.map { group in
                    (
                        columns: rows.columns(group * groupWidth..<(group + 1) * groupWidth),
                        weights: weight.base + group * spectrum.weightCount(width: groupWidth),
                        bias: bias.base + group * groupWidth
                    )
                }, activation: activation, replaces: replaces, scratch: scratch,
                slot: ModelWorkspace.ScratchSlot.position.rawValue)
        }
    }

    /// Bytes of scratch memory for an utterance of `frames` frames.
    func workspaceBytes(frames: Int, on backend: ComputeBackend) -> Int {
        backend.kernels.positionScratch(spectrum, frames: frames, width: groupWidth)
    }
}
