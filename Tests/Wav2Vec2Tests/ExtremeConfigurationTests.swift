internal import AcousticModels
internal import Checkpoints
internal import EncoderBlocks
internal import EngineClasses
internal import MelEncoders
internal import SpeechTypes
internal import Tensors
internal import Testing
internal import Threading
internal import Wav2Vec2

/// Whatever the checks let through must compute: a trap would end the process.
@Suite("Unusual configurations") struct ExtremeConfigurationTests {
    /// Stacks of convolutions with wav2vec 2.0's frames: strides whose product is 320, and kernels
    /// with which a frame sees 400 samples.
    private static func layers(
        using random: inout SeededNumbers
    ) -> [Wav2Vec2Configuration.ConvLayer]? {
        var strides: [Int] = []
        var left = 320
        while left > 1 {
            let choices = [1, 2, 4, 5, 8, 10, 16, 20, 64, 320].filter { left.isMultiple(of: $0) }
            let stride = choices.randomElement(using: &random) ?? left
            strides.append(stride)
            left /= stride
            if strides.count > 12 { return nil }
        }
        var kernels = strides.map { _ in 1 }
        var field = 399
        var steps: [Int] = []
        var step = 1
        for stride in strides {
            steps.append(step)
            step *= stride
        }
        // The last layers take what they can; the first, whose step is one sample, the rest.
        for index in strides.indices.reversed() {
            let most = index == 0 ? field : min(field / steps[index], 3 * strides[index] - 1)
            let taken = index == 0 ? field : Int.random(in: 0...most, using: &random)
            kernels[index] += taken
            field -= taken * steps[index]
        }
        return strides.indices.map {
            .init(
                channels: [1, 2, 3, 17, 24].randomElement(using: &random) ?? 1,
                kernel: kernels[$0], stride: strides[$0])
        }
    }

    @Test("what the checks let through computes", arguments: UInt64(1)...40)
    func computes(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let configuration = try Self.accepted(using: &random)
        ComputeThread.prepare()
        let model = try Wav2Vec2Model(
            configuration, weights: WeightScope(NamedWeights()),
            backend: EngineClass.ofThisProcess())
        let samples = random.waveform(samples: 400 + 320 * 9)
        let workspace = model.makeWorkspace()
        let results = try model.logProbabilities(
            of: [AudioWindow(samples: samples)], blank: .none, workspace: workspace)
        #expect(results.first?.shape == [10, configuration.classes], "seed \(seed)")
    }

    @Test("so does what reads log-mel features", arguments: UInt64(1)...40)
    func computesFeatures(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        func one<Value>(of values: [Value]) throws -> Value {
            try #require(values.randomElement(using: &random))
        }
        var configuration = SmallModels.melConfiguration(try one(of: SmallModels.melNames))
        let heads = try one(of: [1, 2, 3, 5])
        configuration.block.layer.heads = heads
        configuration.block.layer.width = heads * (try one(of: [1, 3, 16, 17]))
        configuration.block.layer.feedForwardWidth = try one(of: [1, 5, 33])
        configuration.block.layer.hasBiases = Bool.random(using: &random)
        configuration.block.layer.positions = try one(of: [
            .none, .relative, .clipped(left: 0, right: 0), .clipped(left: 300, right: 1),
        ])
        configuration.block.isCausal = Bool.random(using: &random)
        configuration.block.kernel = try one(of: [1, 2, 3, 31, 1_023])
        configuration.block.convolutionNorm = try one(of: [.batch, .layer])
        configuration.block.hasConvolutionBiases = Bool.random(using: &random)
        configuration.layers = try one(of: [0, 1, 2])
        configuration.classes = try one(of: [1, 2, 29])
        if configuration.adapter != nil {
            let (kernel, stride) = try one(of: [(1, 1), (3, 2), (3, 3), (5, 4)])
            configuration.adapter = .init(
                layers: try one(of: [1, 2]), kernel: kernel, stride: stride,
                width: heads * (try one(of: [1, 4, 16])), activation: .relu)
        }
        do throws(CheckpointError) {
            try configuration.check(path: "test")
        } catch {
            #expect(error.code == .refused)
            return
        }
        ComputeThread.prepare()
        let model = try MelModel(
            configuration, weights: WeightScope(NamedWeights()),
            backend: EngineClass.ofThisProcess())
        for samples in [159, 160, 559, 560, 1_999, 30_011] {
            let results = try model.logProbabilities(
                of: [AudioWindow(samples: random.waveform(samples: samples))], blank: .none,
                workspace: model.makeWorkspace())
            let frames = model.clock.frames(ofSamples: samples)
            #expect(results.first?.shape == [frames, configuration.classes], "seed \(seed)")
        }
    }

    /// The first configuration drawn that the checks let through; the others must be refused as such.
    private static func accepted(
        using random: inout SeededNumbers
    ) throws -> Wav2Vec2Configuration {
        for _ in 0..<100 {
            guard let configuration = drawn(using: &random) else { continue }
            do throws(CheckpointError) {
                try configuration.check(path: "test")
                return configuration
            } catch {
                #expect(error.code == .refused)
            }
        }
        throw NothingAccepted()
    }

    private struct NothingAccepted: Error {}

    /// Any configuration; nil where the convolutions came to no whole stack.
    private static func drawn(using random: inout SeededNumbers) -> Wav2Vec2Configuration? {
        var configuration = SmallModels.configuration("plain")
        guard let layers = Self.layers(using: &random) else { return nil }
        configuration.convLayers = layers
        configuration.extractorNorm = Bool.random(using: &random) ? .group : .layer
        configuration.hasConvBias = Bool.random(using: &random)
        let heads = [1, 2, 3, 5, 6].randomElement(using: &random) ?? 1
        configuration.attentionHeads = heads
        configuration.hiddenWidth = heads * ([1, 2, 3, 16, 17].randomElement(using: &random) ?? 1)
        configuration.feedForwardWidth = [1, 5, 33].randomElement(using: &random) ?? 1
        configuration.encoderLayers = [0, 1, 2].randomElement(using: &random) ?? 1
        configuration.positionalGroups =
            (1...configuration.hiddenWidth).filter {
                configuration.hiddenWidth.isMultiple(of: $0)
            }.randomElement(using: &random) ?? 1
        configuration.positionalKernel = [1, 2, 3, 31, 128].randomElement(using: &random) ?? 1
        configuration.usesRotaryEmbeddings = Bool.random(using: &random)
        configuration.isPreNorm = Bool.random(using: &random)
        configuration.classes = [1, 2, 29].randomElement(using: &random) ?? 2
        if Bool.random(using: &random) && !configuration.isPreNorm {
            configuration.hourglass = .init(
                layersBefore: Int.random(in: 0...1, using: &random),
                layersShortened: Int.random(in: 0...1, using: &random),
                factor: [1, 2, 7, 64].randomElement(using: &random) ?? 1,
                layersAfter: Int.random(in: 0...1, using: &random),
                resampling: Bool.random(using: &random) ? .naive : .linear)
        }
        return configuration
    }

    @Test("kernels beyond three strides are refused before anything is made of them")
    func longKernels() throws {
        var configuration = SmallModels.configuration("plain")
        for (kernel, stride) in [(4, 1), (7, 2), (1_024, 1)] {
            configuration.convLayers[1] = .init(channels: 24, kernel: kernel, stride: stride)
            let error = try #require(throws: CheckpointError.self) {
                try configuration.check(path: "test")
            }
            #expect(error.message.contains("3 strides"), "\(error)")
        }
    }
}
