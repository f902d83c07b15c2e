package import AcousticModels
package import Checkpoints
internal import EncoderBlocks
internal import PackedWeights
package import Tensors

/// Waveform to feature frames, by a stack of convolutions over time.
///
/// Only a few rows of each layer exist at a time: see ``ConvolutionStream``.
package struct ConvFeatureExtractor {
    /// One layer after the first.
    struct Layer {
        let convolution: any TimeConvolution
        let bias: Tensor?
        let norm: LayerNorm?
    }

    let geometry: FrameGeometry
    let first: FirstConvolution
    let layers: [Layer]
    let activation: KernelActivation
    let firstChannels: Int
    package let channels: Int

    package init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration, on backend: ComputeBackend
    ) throws(CheckpointError) {
        geometry = FrameGeometry(configuration.convLayers)
        first = try FirstConvolution(weights["conv_layers"]["0"], configuration)
        activation = configuration.convActivation.kernel
        firstChannels = configuration.convLayers[0].channels
        channels = configuration.featureWidth
        var layers: [Layer] = []
        var inputs = firstChannels
        for (index, layer) in configuration.convLayers.enumerated().dropFirst() {
            let scope = weights["conv_layers"]["\(index)"]
            let bias =
                configuration.hasConvBias
                ? try scope["conv"].tensor("bias", shape: [layer.channels]) : nil
            let norm =
                configuration.extractorNorm == .layer
                ? try LayerNorm(scope["layer_norm"], width: layer.channels, epsilon: 1e-5) : nil
            let width = inputs
            let convolution = try makeTimeConvolution(
                inputs: width, outputs: layer.channels, kernel: layer.kernel,
                stride: layer.stride, rows: backend.multiply.rowsOfOneUtterance, on: backend,
                ledger: scope.ledger
            ) { () throws(CheckpointError) in
                try scope["conv"].floats("weight", shape: [layer.channels, width, layer.kernel])
            }
            layers.append(Layer(convolution: convolution, bias: bias, norm: norm))
            inputs = layer.channels
        }
        self.layers = layers
    }

    /// Frames of `samples` samples.
    package func frames(ofSamples samples: Int) -> Int { geometry.frames(ofSamples: samples) }

    /// Frames that one part computes where an utterance is shared among threads: enough that the rows
    /// which neighbours compute twice cost little, and a multiple of 3 and of any row alignment.
    package static let framesPerPart = 288

    /// Writes the features of one utterance.
    ///
    /// - Parameters:
    ///   - samples: the utterance, normalised as the model asks.
    ///   - output: [frames, channels].
    ///   - framesPerPart: how the utterance is cut for sharing; nil is not at all.
    package func callAsFunction(
        _ samples: UnsafeBufferPointer<Float>, into output: TensorView, workspace: ModelWorkspace,
        framesPerPart: Int?
    ) {
        let rows = geometry.rows(ofSamples: samples.count)
        precondition(rows.last == output.rows, "there is a row for each frame")
        guard output.rows > 0 else { return }
        let prepared = first.prepare(samples, frames: rows[0], workspace: workspace)
        let length = framesPerPart ?? output.rows
        workspace.forEach((output.rows + length - 1) / length) { part, scratch in
            let start = part * length
            let frames = start..<min(start + length, output.rows)
            var stream = ConvolutionStream(
                of: self, prepared, frames: frames, rowsOfUtterance: rows,
                on: workspace.backend, scratch: scratch)
            stream.run(into: output.rows(frames), onTile: workspace.step)
        }
    }

    /// Bytes of scratch memory of one thread, whatever the utterances.
    func workspaceBytes(on backend: ComputeBackend) -> Int {
        let rows = backend.multiply.rowsOfOneUtterance
        let type = backend.multiply.elementType
        return layers.reduce(0) { bytes, layer in
            let convolution = layer.convolution
            let floats = (rows + convolution.rowsPerUnit) * convolution.inputs
            let encodedRows = convolution.unitsPerCall * convolution.rowsPerUnit + rows
            // A row of bytes has a scale and a zero, and operands are of whole cache lines.
            let encoded =
                encodedRows * (convolution.inputs * type.bytes + (type == .uint8 ? 8 : 0)) * 7 / 6
                + ConvolutionInput.slots * 64
            return max(bytes, convolution.productRows * convolution.outputs * 4) + 4 * floats
                + encoded
        }
    }
}
