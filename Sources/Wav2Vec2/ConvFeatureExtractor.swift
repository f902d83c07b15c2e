package import Checkpoints
package import Tensors

/// Waveform to feature frames, by convolutions over stretches of time.
///
/// Only a stretch of each layer's output exists at a time: neighbouring stretches compute the few
/// rows again that both need. Stretches begin at multiples of the row alignment in every layer, so a
/// frame's bits do not depend on how its utterance was cut.
package struct ConvFeatureExtractor {
    /// One layer after the first.
    private struct Layer {
        let convolution: StridedConvolution
        let bias: Tensor?
        let norm: LayerNorm?
    }

    /// Frames computed together: enough rows for the later layers' products, while two layers'
    /// output (10 MB in Base) stays in the last-level cache.
    package static let framesPerStretch = 48

    private let geometry: FrameGeometry
    private let first: FirstConvolution
    private let layers: [Layer]
    private let activation: KernelActivation
    private let firstChannels: Int
    package let channels: Int

    package init(_ weights: WeightScope, _ configuration: Wav2Vec2Configuration)
        throws(CheckpointError)
    {
        geometry = FrameGeometry(configuration.convLayers)
        first = try FirstConvolution(weights["conv_layers"]["0"], configuration)
        activation = configuration.convActivation.kernel
        firstChannels = configuration.convLayers[0].channels
        channels = configuration.featureWidth
        var layers: [Layer] = []
        var inputs = firstChannels
        for (index, layer) in configuration.convLayers.enumerated().dropFirst() {
            let scope = weights["conv_layers"]["\(index)"]
            let weight = try scope["conv"].floats(
                "weight", shape: [layer.channels, inputs, layer.kernel])
            let bias =
                configuration.hasConvBias
                ? Tensor(
                    try scope["conv"].floats("bias", shape: [layer.channels]),
                    shape: [layer.channels]) : nil
            let norm =
                configuration.extractorNorm == .layer
                ? try LayerNorm(scope["layer_norm"], width: layer.channels, epsilon: 1e-5) : nil
            layers.append(
                Layer(
                    convolution: StridedConvolution(
                        weight: weight, inputs: inputs, outputs: layer.channels,
                        kernel: layer.kernel, stride: layer.stride),
                    bias: bias, norm: norm))
            inputs = layer.channels
        }
        self.layers = layers
    }

    /// Frames of `samples` samples.
    package func frames(ofSamples samples: Int) -> Int { geometry.frames(ofSamples: samples) }

    /// Writes the features of one utterance.
    ///
    /// - Parameters:
    ///   - samples: the utterance, normalised as the model asks.
    ///   - output: [frames, channels].
    ///   - framesPerStretch: a multiple of the row alignment.
    package func callAsFunction(
        _ samples: UnsafeBufferPointer<Float>, into output: TensorView, workspace: ModelWorkspace,
        framesPerStretch: Int = Self.framesPerStretch
    ) {
        let rows = geometry.rows(ofSamples: samples.count)
        precondition(rows.last == output.rows, "there is a row for each frame")
        guard output.rows > 0 else { return }
        let prepared = first.prepare(samples, frames: rows[0], workspace: workspace)
        for start in stride(from: 0, to: output.rows, by: framesPerStretch) {
            let count = min(framesPerStretch, output.rows - start)
            let stretch = compute(
                prepared, frames: start..<start + count, workspace: workspace,
                framesPerStretch: framesPerStretch)
            output.rows(start..<start + count).copy(stretch)
        }
    }

    /// The features of some frames, in one of the two buffers.
    private func compute(
        _ prepared: FirstConvolution.Prepared, frames: Range<Int>, workspace: ModelWorkspace,
        framesPerStretch: Int
    ) -> TensorView {
        let backend = workspace.backend
        let tiling = backend.multiply.tiling
        let needed = geometry.rows(forFrames: frames.count)
        let starts = geometry.firstRows(ofFrame: frames.lowerBound)
        let capacity = capacities(framesPerStretch: framesPerStretch, tiling: tiling)

        var current = workspace.view(
            .convolutionEven, rows: capacity[0], width: firstChannels)
        first(prepared, firstFrame: starts[0], into: current.rows(0..<needed[0]), on: backend)
        for (index, layer) in layers.enumerated() {
            let next = workspace.view(
                index.isMultiple(of: 2) ? .convolutionOdd : .convolutionEven,
                rows: capacity[index + 1], width: layer.convolution.outputs)
            // Whole groups of rows, so that a row's bits do not depend on where a stretch ends.
            let rows = tiling.aligned(needed[index + 1])
            layer.convolution(current, into: next.rows(0..<rows), on: backend)
            let live = next.rows(0..<needed[index + 1])
            if let norm = layer.norm {
                backend.kernels.addBias(layer.bias, to: live)
                norm(live, activation: activation, into: live, on: backend)
            } else {
                backend.kernels.addBias(layer.bias, to: live, activation: activation)
            }
            current = next
        }
        return current.rows(0..<frames.count)
    }

    /// Rows that each layer's output needs room for: what is read beyond the needed rows included.
    private func capacities(framesPerStretch: Int, tiling: RowTiling) -> [Int] {
        var capacity = geometry.rows(forFrames: framesPerStretch)
        for index in capacity.indices.reversed() {
            capacity[index] = tiling.aligned(capacity[index])
            if index < layers.count {
                capacity[index] = max(
                    capacity[index], layers[index].convolution.inputRows(for: capacity[index + 1]))
            }
        }
        return capacity
    }

    /// Bytes of scratch memory, whatever the utterances.
    func workspaceBytes(tiling: RowTiling) -> Int {
        let capacity = capacities(framesPerStretch: Self.framesPerStretch, tiling: tiling)
        let widths = [firstChannels] + layers.map(\.convolution.outputs)
        let sizes = zip(capacity, widths).map { $0 * $1 * MemoryLayout<Float>.stride }
        let even = stride(from: 0, to: sizes.count, by: 2).map { sizes[$0] }.max() ?? 0
        let odd = stride(from: 1, to: sizes.count, by: 2).map { sizes[$0] }.max() ?? 0
        return even + odd
    }
}
