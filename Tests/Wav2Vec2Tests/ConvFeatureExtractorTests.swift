internal import Checkpoints
internal import Tensors
internal import Testing
internal import Wav2Vec2

@Suite("Convolutional feature extractor") struct ConvFeatureExtractorTests {
    @Test("features do not depend on how time was cut", arguments: ["plain", "prenorm"])
    func stretchesAgree(name: String) throws {
        let extractor = try ConvFeatureExtractor(
            WeightScope(NamedWeights()), SmallModels.configuration(name))
        var random = SeededNumbers(seed: 21)
        let samples = random.waveform(samples: 400 + 320 * 250 + 11)
        let whole = try features(samples, extractor, framesPerStretch: 480)
        // A library that chooses its kernels by the number of rows may differ in the last bits.
        let tiling = try ComputeBackend.activate(.auto).multiply.tiling
        let tolerance: Float = tiling.step < tiling.largest ? 0 : 1e-5
        for framesPerStretch in [12, 36, 48, 240] {
            let cut = try features(samples, extractor, framesPerStretch: framesPerStretch)
            let difference = zip(cut, whole).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
            #expect(cut.count == whole.count)
            #expect(difference <= tolerance, "\(framesPerStretch) frames at a time")
        }
    }

    /// Levels and offsets at which float32 sums of squares would lose everything.
    @Test(
        "group norm from window moments agrees with two passes in double precision",
        arguments: [(Float(0.1), Float(0)), (1e-4, 0), (1e-3, 0.5), (0.1, -0.9), (0, 0.3)])
    func groupNorm(level: Float, offset: Float) throws {
        var configuration = SmallModels.configuration("plain")
        configuration.convLayers = [.init(channels: 20, kernel: 10, stride: 5)]
        configuration.convActivation = .linear
        let weights = NamedWeights()
        let extractor = try ConvFeatureExtractor(WeightScope(weights), configuration)
        var random = SeededNumbers(seed: 31)
        let samples = random.waveform(samples: 8_003, level: level).map { $0 + offset }
        let ours = try features(samples, extractor, framesPerStretch: 48)

        let weight = try weights.floats("conv_layers.0.conv.weight", shape: [20, 1, 10])
        let gain = try weights.floats("conv_layers.0.layer_norm.weight", shape: [20])
        let bias = try weights.floats("conv_layers.0.layer_norm.bias", shape: [20])
        let frames = (samples.count - 10) / 5 + 1
        var worst = 0.0
        for channel in 0..<20 {
            let outputs = (0..<frames).map { frame in
                (0..<10).reduce(0.0) { sum, tap in
                    sum + Double(samples[5 * frame + tap]) * Double(weight[10 * channel + tap])
                }
            }
            let mean = outputs.reduce(0, +) / Double(frames)
            let variance =
                outputs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(frames)
            for frame in 0..<frames {
                let expected =
                    (outputs[frame] - mean) / (variance + 1e-5).squareRoot()
                    * Double(gain[channel]) + Double(bias[channel])
                worst = max(worst, abs(Double(ours[20 * frame + channel]) - expected))
            }
        }
        // Twelve roundings of values up to about 5; the level and the offset play no part.
        #expect(worst < 4e-6)
    }

    private func features(
        _ samples: [Float], _ extractor: ConvFeatureExtractor, framesPerStretch: Int
    ) throws -> [Float] {
        let workspace = ModelWorkspace(backend: try ComputeBackend.activate(.auto))
        let first = extractor.frames(ofSamples: samples.count)
        let output = AlignedFloats(zeros: first * extractor.channels)
        let view = TensorView(base: output.base, rows: first, width: extractor.channels)
        samples.withUnsafeBufferPointer { samples in
            extractor(
                samples, into: view, workspace: workspace, framesPerStretch: framesPerStretch)
        }
        return Tensor(copying: view).values
    }
}
