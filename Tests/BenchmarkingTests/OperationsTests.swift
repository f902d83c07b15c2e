internal import AcousticModels
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
}
