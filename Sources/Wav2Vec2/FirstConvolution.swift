internal import AcousticModels
internal import Checkpoints
internal import EncoderBlocks
internal import Tensors

/// The extractor's first layer: samples to channels, with its norm and activation.
///
/// Group norm has one group for each channel, and its statistics are over the utterance's own
/// frames. The convolution is linear, so those statistics follow from mean m and covariance S of the
/// windows it sees: channel c has mean w_c·m and variance w_cᵀ S w_c. They are taken in double
/// precision before the convolution runs, and scale and shift are folded into its weights.
struct FirstConvolution {
    private enum Norm {
        case group(gamma: [Float], beta: [Float])
        case layer(LayerNorm)
    }

    private static let epsilon = 1e-5

    private let channels: Int
    private let kernel: Int
    private let stride: Int
    /// [channels, kernel].
    private let weight: [Float]
    private let bias: [Float]?
    private let norm: Norm
    private let activation: KernelActivation

    init(_ weights: WeightScope, _ configuration: Wav2Vec2Configuration) throws(CheckpointError) {
        let layer = configuration.convLayers[0]
        channels = layer.channels
        kernel = layer.kernel
        stride = layer.stride
        activation = configuration.convActivation.kernel
        weight = try weights["conv"].values("weight", shape: [channels, 1, kernel])
        bias =
            configuration.hasConvBias
            ? try weights["conv"].values("bias", shape: [channels]) : nil
        switch configuration.extractorNorm {
        case .group:
            norm = .group(
                gamma: try weights["layer_norm"].values("weight", shape: [channels]),
                beta: try weights["layer_norm"].values("bias", shape: [channels]))
        case .layer:
            norm = .layer(
                try LayerNorm(
                    weights["layer_norm"], width: channels, epsilon: Float(Self.epsilon)))
        }
    }

    /// A convolution made ready for one utterance.
    struct Prepared {
        fileprivate let samples: UnsafeBufferPointer<Float>
        fileprivate let weights: TensorView
        fileprivate let bias: TensorView
    }

    /// Takes the utterance's statistics.
    ///
    /// - Parameters:
    ///   - samples: the whole utterance, at least one kernel long, normalised as the model asks.
    ///   - frames: the utterance's frames after this layer.
    func prepare(
        _ samples: UnsafeBufferPointer<Float>, frames: Int, workspace: ModelWorkspace
    ) -> Prepared {
        let padded = Kernels.paddedToBlock(channels)
        let folded = workspace.view(.foldedWeights, rows: kernel, width: padded)
        let foldedBias = workspace.view(.foldedBias, rows: 1, width: padded)
        folded.clear()
        foldedBias.clear()
        switch norm {
        case .layer:
            for channel in 0..<channels {
                for tap in 0..<kernel {
                    folded.base[tap * padded + channel] = weight[channel * kernel + tap]
                }
                foldedBias.base[channel] = bias?[channel] ?? 0
            }
            return Prepared(samples: samples, weights: folded, bias: foldedBias)

        case .group(let gamma, let beta):
            // The norm takes away any constant, so the mean is taken away before it can cancel
            // badly, and a bias has no effect at all.
            let centered = workspace.view(.centeredSamples, rows: 1, width: samples.count)
            SampleStatistics.centered(
                samples,
                into: UnsafeMutableBufferPointer(start: centered.base, count: samples.count))
            let input = UnsafeBufferPointer(start: centered.base, count: samples.count)
            let (scales, offsets) = affine(of: input, frames: frames, gamma: gamma, beta: beta)
            for channel in 0..<channels {
                for tap in 0..<kernel {
                    folded.base[tap * padded + channel] =
                        Float(Double(weight[channel * kernel + tap]) * scales[channel])
                }
                foldedBias.base[channel] = Float(offsets[channel])
            }
            return Prepared(samples: input, weights: folded, bias: foldedBias)
        }
    }

    /// Scale and offset of each channel's group norm over `frames` frames of `samples`.
    private func affine(
        of samples: UnsafeBufferPointer<Float>, frames: Int, gamma: [Float], beta: [Float]
    ) -> (scales: [Double], offsets: [Double]) {
        let (windowMean, covariance) = SampleStatistics.windowMoments(
            of: samples, frames: frames, kernel: kernel, stride: stride)
        var scales = [Double]()
        var offsets = [Double]()
        for channel in 0..<channels {
            var mean = 0.0
            var variance = 0.0
            for i in 0..<kernel {
                let w = Double(weight[channel * kernel + i])
                mean += w * windowMean[i]
                var row = 0.0
                for j in 0..<kernel {
                    row += covariance[i * kernel + j] * Double(weight[channel * kernel + j])
                }
                variance += w * row
            }
            let scale =
                Double(gamma[channel]) / (max(variance, 0) + Self.epsilon).squareRoot()
            scales.append(scale)
            offsets.append(Double(beta[channel]) - mean * scale)
        }
        return (scales, offsets)
    }

    /// Frames `firstFrame` and following of a prepared utterance, as many as `output` has rows.
    ///
    /// - Returns: what remains to be done with them: norm and activation.
    func callAsFunction(
        _ prepared: Prepared, firstFrame: Int, into output: TensorView, on backend: ComputeBackend
    ) -> Epilogue {
        let rest = UnsafeBufferPointer(rebasing: prepared.samples[(firstFrame * stride)...])
        backend.kernels.convolve(
            samples: rest, weights: prepared.weights, bias: prepared.bias, stride: stride,
            into: output)
        var epilogue = Epilogue([Product(output)], activation: activation)
        if case .layer(let layerNorm) = norm { epilogue.norm = layerNorm.parameters }
        return epilogue
    }
}
