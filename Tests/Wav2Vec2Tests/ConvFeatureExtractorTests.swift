internal import AcousticModels
internal import Checkpoints
internal import EncoderBlocks
internal import EngineClasses
internal import Tensors
internal import Testing
internal import Threading
internal import Wav2Vec2

@Suite("Convolutional feature extractor") struct ConvFeatureExtractorTests {
    @Test("features do not depend on how time was cut", arguments: ["plain", "prenorm"])
    func stretchesAgree(name: String) throws {
        try Self.checkStretches(name, on: EngineClass.ofThisProcess())
    }

    @Test("nor do they in any class", arguments: EngineClass.here)
    func stretchesAgreeInClass(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            for name in ["plain", "prenorm", "wide"] {
                try ConvFeatureExtractorTests.checkStretches(name, on: named.activate())
            }
        }
    }

    static func checkStretches(_ name: String, on backend: ComputeBackend) throws {
        ComputeThread.prepare()
        let extractor = try ConvFeatureExtractor(
            WeightScope(NamedWeights()), SmallModels.configuration(name), on: backend)
        var random = SeededNumbers(seed: 21)
        for frames in [1, 13, 251, 500] {
            let samples = random.waveform(samples: 400 + 320 * (frames - 1) + 11)
            let whole = try features(samples, extractor, framesPerPart: nil, on: backend)
            #expect(whole.allSatisfy { $0.isFinite })
            // Multiples of three and of the rows' alignment.
            let cuts =
                [36, 72, 108, ConvFeatureExtractor.framesPerPart]
                + (backend.multiply.tiling.alignment == 1 ? [3, 9, 102] : [])
            for framesPerPart in cuts {
                let cut = try features(
                    samples, extractor, framesPerPart: framesPerPart, on: backend)
                let isSame = cut == whole
                #expect(
                    isSame,
                    "\(name), \(backend.arithmetic): \(frames) frames, \(framesPerPart) at a time")
            }
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
        let extractor = try ConvFeatureExtractor(
            WeightScope(weights), configuration, on: EngineClass.ofThisProcess())
        var random = SeededNumbers(seed: 31)
        let samples = random.waveform(samples: 8_003, level: level).map { $0 + offset }
        let ours = try Self.features(
            samples, extractor, framesPerPart: 48, on: EngineClass.ofThisProcess())

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

    private static func features(
        _ samples: [Float], _ extractor: ConvFeatureExtractor, framesPerPart: Int?,
        on backend: ComputeBackend
    ) throws -> [Float] {
        let workspace = ModelWorkspace(
            backend: backend, team: .alone())
        let frames = extractor.frames(ofSamples: samples.count)
        let output = AlignedFloats(zeros: frames * extractor.channels)
        let view = TensorView(base: output.base, rows: frames, width: extractor.channels)
        samples.withUnsafeBufferPointer { samples in
            extractor(samples, into: view, workspace: workspace, framesPerPart: framesPerPart)
        }
        return Tensor(copying: view).values
    }
}
