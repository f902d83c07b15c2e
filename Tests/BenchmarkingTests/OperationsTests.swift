import AcousticModels
import EncoderBlocks
import MelEncoders
import MelFeatures
import SpeechTypes
import Testing
import Wav2Vec2

@Suite("Operations of a model")
struct OperationsTests {
    private static func base(_ hourglass: Wav2Vec2Configuration.Hourglass? = nil)
        -> Wav2Vec2Configuration
    {
        var configuration = Wav2Vec2Configuration()
        configuration.hourglass = hourglass
        return configuration
    }

    private static func hourglass(_ factor: Int) -> Wav2Vec2Configuration {
        base(
            .init(
                layersBefore: 2, layersShortened: 8, factor: factor, layersAfter: 2,
                resampling: .naive))
    }

    /// GFLOP of Base: convolutions, position and projection, linear layers, attention, all.
    @Test(
        "Base takes what was counted by hand, plain and with an hourglass",
        arguments: [
            (5, 1, [24.5, 2.5, 42.3, 2.3, 71.7]), (5, 4, [24.5, 2.5, 21.2, 0.9, 49.2]),
            (10, 1, [49.1, 5.1, 84.8, 9.2, 148.2]), (10, 4, [49.1, 5.1, 42.4, 3.4, 100.1]),
            (10, 2, [49.1, 5.1, 56.6, 4.6, 115.4]), (10, 6, [49.1, 5.1, 37.8, 3.2, 95.2]),
            (15, 1, [73.6, 7.7, 127.2, 20.7, 229.2]), (15, 4, [73.6, 7.7, 63.7, 7.8, 152.8]),
            (30, 1, [147.2, 15.3, 254.6, 82.8, 500.1]),
            (30, 4, [147.2, 15.3, 127.4, 31.1, 321.1]),
        ])
    func base(seconds: Int, factor: Int, expected: [Double]) {
        let configuration = factor == 1 ? Self.base() : Self.hourglass(factor)
        let counted = configuration.operations(ofSamples: seconds * FrameClock.sampleRate)
            .mapValues { $0 / 1e9 }
        func sum(_ parts: ModelPart...) -> Double {
            parts.reduce(0) { $0 + (counted[$1] ?? 0) }
        }
        let sums = [
            sum(.extractor), sum(.projection, .positional), sum(.layers), sum(.attention),
            counted.values.reduce(0, +),
        ]
        for (sum, expected) in zip(sums, expected) {
            // One decimal by hand; the sum partly of rounded parts.
            #expect(abs(sum - expected) < 0.07, "\(sums)")
        }
        // 768 · 32 multiply-adds in each frame.
        let frames = Double(FrameClock.wav2vec2.frames(ofSamples: seconds * FrameClock.sampleRate))
        #expect(counted[.head] == 2 * frames * 768 * 32 / 1e9)
    }

    @Test("linear resampling adds its two layers")
    func linear() throws {
        var configuration = Self.hourglass(4)
        let naive = configuration.operations(ofSamples: 160_000)
        configuration.hourglass?.resampling = .linear
        let linear = configuration.operations(ofSamples: 160_000)
        let added = try #require(linear[.layers]) - #require(naive[.layers])
        // 125 groups of 4 frames, down and up.
        #expect(added == 2 * 2 * 125 * 4 * 768 * 768)
        #expect(linear[.attention] == naive[.attention])
    }

    @Test("audio shorter than a frame takes nothing after the first layers")
    func short() {
        let counted = Self.base().operations(ofSamples: 399)
        for part in ModelPart.allCases where part != .extractor { #expect(counted[part] == 0) }
    }

    /// GFLOP for a second of audio.
    private static func perSecond(
        _ configuration: Wav2Vec2Configuration, seconds: Int
    ) -> (direct: Double, computed: [ModelPart: OperationCounts]) {
        let samples = seconds * FrameClock.sampleRate
        let scale = 1e9 * Double(seconds)
        return (
            configuration.operations(ofSamples: samples).values.reduce(0, +) / scale,
            configuration.computedOperations(ofSamples: samples).mapValues {
                OperationCounts(
                    products: $0.products / scale, scores: $0.scores / scale,
                    floats: $0.floats / scale)
            }
        )
    }

    @Test("a second takes Base 14 to 15.3 GFLOP directly, and 12.4 beside attention as computed")
    func computed() throws {
        #expect((14.2...14.4).contains(Self.perSecond(Self.base(), seconds: 5).direct))
        #expect((15.2...15.4).contains(Self.perSecond(Self.base(), seconds: 15).direct))
        let counts = Self.perSecond(Self.base(), seconds: 30).computed
        func part(_ part: ModelPart) throws -> OperationCounts { try #require(counts[part]) }
        let attention = try part(.attention)
        let all = counts.values.reduce(OperationCounts(), +).total - attention.total
        #expect(abs(all - 12.4) < 0.05, "\(all)")
        // By hand for 50 frames: five convolutions of 512 channels, four of them by seven products for nine; and
        // 512 channels of ten samples, in float32.
        let extractor = try part(.extractor)
        let byHand = (2.5166 + 1.2583 + 0.6291 + 0.3146) * 7 / 9 + 0.1049 + 0.0524
        #expect(abs(extractor.products - byHand) < 0.003, "\(extractor)")
        #expect(abs(extractor.floats - 0.0328) < 0.0001 && extractor.scores == 0)
        // Twelve blocks of 129 frames for 1,499, each of 384 transforms there and back, of 256 frames, and of
        // 129 products of spectra in sixteen groups of 48 channels.
        let blocks = 12.0
        let transforms = 384.0 * 2 * 5 * 256 * 8
        let spectra = 129.0 * 16 * 48 * 48 * 8
        let positional = try part(.positional)
        #expect(abs(positional.floats - blocks * (transforms + spectra) / 30e9) < 1e-9)
        #expect(abs(positional.floats - 0.02) < 0.005 && positional.products == 0)
        let layers = try part(.layers)
        #expect(abs(layers.products - 8.487) < 0.001 && layers.floats == 0)
        #expect(attention.scores > 0 && attention.products == 0 && attention.floats == 0)
        let head = try part(.head)
        #expect(head.floats > 0 && head.products == 0)
    }

    @Test("what is computed in float32 beside the products of a layer is counted with it")
    func floats() throws {
        let frames = 499.0
        func layers(_ change: (inout Wav2Vec2Configuration) -> Void) throws -> OperationCounts {
            var configuration = Self.base()
            change(&configuration)
            return try #require(configuration.computedOperations(ofSamples: 160_000)[.layers])
        }
        let plain = try layers { _ in }
        #expect(try layers { $0.adapterWidth = 16 }.floats == 12 * 2 * frames * 2 * 768 * 16)
        let gated = try layers { $0.attentionPositions = .buckets(count: 320, distanceMax: 800) }
        #expect(gated.floats == 12 * 2 * frames * 768 * 24)
        #expect(gated.products == plain.products)
        let conformer = try layers { $0.conformer = .init(depthwiseKernel: 31) }
        #expect(conformer.floats == 12 * 2 * frames * 768 * 31)
    }

    @Test("a model of log-mel features keeps what is before its projection in float32")
    func logMel() throws {
        let layer = LayerShape(
            width: 512, heads: 8, feedForwardWidth: 2_048, activation: .swish, epsilon: 1e-5,
            positions: .relative)
        let configuration = MelConfiguration(
            stem: .subsampled(
                .init(frontEnd: .init(), halvings: 3, channels: 256, scalesFrames: false)),
            block: ConformerShape(layer, kernel: 9), layers: 2, classes: 1_025)
        let direct = configuration.operations(ofSamples: 160_000)
        let computed = configuration.computedOperations(ofSamples: 160_000)
        for part in ModelPart.allCases {
            let (counted, total) = (direct[part] ?? 0, computed[part]?.total ?? 0)
            #expect(abs(counted - total) <= 1e-9 * counted, "\(part)")
        }
        #expect(computed[.extractor]?.products == 0 && computed[.projection]?.floats == 0)
        // 10 s are 1,000 frames of features and 125 of the encoder: 2 · 2 · 125 · 512 · 9.
        #expect(computed[.layers]?.floats == 2_304_000)
    }
}
