internal import Checkpoints
internal import Tensors

/// Relative position by a long grouped convolution over time, added to its own input.
struct PositionalConvolution {
    private let kernel: Int
    private let groups: Int
    private let groupWidth: Int
    /// 16-channel blocks of a group's outputs.
    private let blocks: Int
    /// [groups, blocks, kernel · groupWidth, 16], taps before inputs.
    private let weight: Tensor
    private let biases: [Tensor]
    private let activation: KernelActivation

    init(_ weights: WeightScope, _ configuration: Wav2Vec2Configuration) throws(CheckpointError) {
        kernel = configuration.positionalKernel
        groups = configuration.positionalGroups
        groupWidth = configuration.hiddenWidth / configuration.positionalGroups
        blocks = Kernels.paddedToBlock(groupWidth) / Kernels.channelBlock
        activation = configuration.convActivation.kernel

        let shape = [configuration.hiddenWidth, groupWidth, kernel]
        let direction = try weights.floats("weight_v", shape: shape)
        let gain = try weights.floats("weight_g", shape: [1, 1, kernel])
        let bias = try weights.floats("bias", shape: [configuration.hiddenWidth])
        weight = Self.packed(
            direction, scales: Self.tapScales(gain: gain, direction: direction), groups: groups,
            groupWidth: groupWidth, blocks: blocks)
        biases = (0..<groups).map { [groupWidth] group in
            let start = group * groupWidth
            return Tensor(Array(bias[start..<start + groupWidth]), shape: [groupWidth])
        }
    }

    /// Weight norm along the kernel: one norm for each tap, over all outputs and inputs.
    private static func tapScales(gain: [Float], direction: [Float]) -> [Double] {
        let kernel = gain.count
        var squares = [Double](repeating: 0, count: kernel)
        for (index, value) in direction.enumerated() {
            squares[index % kernel] += Double(value) * Double(value)
        }
        return zip(gain, squares).map { gain, square in
            square > 0 ? Double(gain) / square.squareRoot() : 0
        }
    }

    /// [outputs, groupWidth, kernel] in the order that the kernel reads.
    private static func packed(
        _ direction: [Float], scales: [Double], groups: Int, groupWidth: Int, blocks: Int
    ) -> Tensor {
        let kernel = scales.count
        let depth = kernel * groupWidth
        let lanes = Kernels.channelBlock
        return Tensor(shape: [groups, blocks, depth, lanes]) { target in
            for output in 0..<groups * groupWidth {
                let (group, member) = output.quotientAndRemainder(dividingBy: groupWidth)
                let (block, lane) = member.quotientAndRemainder(dividingBy: lanes)
                for input in 0..<groupWidth {
                    for tap in 0..<kernel {
                        let row = (group * blocks + block) * depth + tap * groupWidth + input
                        let value = direction[(output * groupWidth + input) * kernel + tap]
                        target[row * lanes + lane] = Float(Double(value) * scales[tap])
                    }
                }
            }
        }
    }

    /// hidden += activation(convolution(hidden) + bias), for one utterance [frames, width].
    ///
    /// Frame t sees frames t − kernel / 2 ..< t − kernel / 2 + kernel; zeros stand outside.
    func callAsFunction(_ hidden: TensorView, workspace: ModelWorkspace) {
        guard hidden.rows > 0 else { return }
        let kernels = workspace.backend.kernels
        let before = kernel / 2
        let input = workspace.view(
            .groupInput, rows: hidden.rows + kernel - 1, width: groupWidth)
        let output = workspace.view(
            .groupOutput, rows: hidden.rows, width: blocks * Kernels.channelBlock)
        input.rows(0..<before).clear()
        input.rows(before + hidden.rows..<input.rows).clear()
        let depth = kernel * groupWidth
        for group in 0..<groups {
            let columns = hidden.columns(group * groupWidth..<(group + 1) * groupWidth)
            input.rows(before..<before + hidden.rows).copy(columns)
            kernels.multiplyWindows(
                of: UnsafeBufferPointer(start: input.base, count: input.rows * groupWidth),
                inputStride: groupWidth,
                weights: weight.base + group * blocks * depth * Kernels.channelBlock,
                blocks: blocks, depth: depth, into: output)
            kernels.add(
                output.columns(0..<groupWidth), bias: biases[group], activation: activation,
                to: columns)
        }
    }
}
