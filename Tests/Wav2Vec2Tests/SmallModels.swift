internal import AcousticModels
internal import Checkpoints
internal import EncoderBlocks
internal import EngineClasses
internal import MelEncoders
internal import MelFeatures
internal import Tensors
internal import Wav2Vec2

/// Reproducible random numbers for tests.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }

    /// Noise over a slow wave, something like speech in level.
    mutating func waveform(samples: Int, level: Float = 0.1) -> [Float] {
        (0..<samples).map { index in
            let phase = Float(index % 400) / 400 - 0.5
            return level * (phase + Float.random(in: -0.5...0.5, using: &self))
        }
    }
}

/// Weights that depend on nothing but a tensor's name.
struct NamedWeights: WeightSource {
    /// A tensor that is said to be missing.
    var missing: String?

    func contains(_ name: String) -> Bool { name != missing }

    func floats(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
        guard contains(name) else {
            throw CheckpointError(.missingTensor, path: "test", tensor: name, "is missing")
        }
        let seed = name.utf8.reduce(14_695_981_039_346_656_037) { hash, byte in
            (hash ^ UInt64(byte)) &* 1_099_511_628_211
        }
        var random = SeededNumbers(seed: seed)
        let isScale = ["norm.weight", "weight_g", "running_var"].contains { name.hasSuffix($0) }
        if isScale {
            return (0..<shape.reduce(1, *)).map { _ in Float.random(in: 0.7...1.3, using: &random) }
        }
        let inputs = shape.count > 1 ? shape.dropFirst().reduce(1, *) : 100
        let bound = 1.7 / Float(inputs).squareRoot()
        return (0..<shape.reduce(1, *)).map { _ in
            Float.random(in: -bound...bound, using: &random)
        }
    }
}

/// Configurations of every variant, small enough for tests.
enum SmallModels {
    static let names = waveformNames + melNames

    /// Models that read samples.
    static let waveformNames = [
        "plain", "wide", "prenorm", "hourglass", "linear hourglass", "rotary hourglass",
        "positions behind a norm", "stacked positions", "distance buckets", "gated pre-norm",
        "squeezed", "relative conformer", "rotary conformer", "adapters",
    ]

    static func configuration(_ name: String) -> Wav2Vec2Configuration {
        var configuration = Wav2Vec2Configuration()
        configuration.convLayers = configuration.convLayers.map {
            .init(channels: 24, kernel: $0.kernel, stride: $0.stride)
        }
        configuration.hiddenWidth = 48
        configuration.feedForwardWidth = 80
        configuration.attentionHeads = 4
        configuration.encoderLayers = 2
        configuration.positionalKernel = 32
        configuration.positionalGroups = 4
        configuration.classes = 29
        switch name {
        case "wide":
            configuration.convLayers = configuration.convLayers.map {
                .init(channels: 128, kernel: $0.kernel, stride: $0.stride)
            }
            configuration.hiddenWidth = 384
            configuration.feedForwardWidth = 768
            configuration.attentionHeads = 6
        case "prenorm":
            configuration.isPreNorm = true
            configuration.extractorNorm = .layer
            configuration.hasConvBias = true
            configuration.inputNormalization = .init(epsilon: 1e-5)
            configuration.positionalKernel = 31
        case "hourglass":
            configuration.hourglass = .init(
                layersBefore: 1, layersShortened: 2, factor: 4, layersAfter: 1,
                resampling: .naive)
        case "linear hourglass":
            configuration.hourglass = .init(
                layersBefore: 1, layersShortened: 1, factor: 5, layersAfter: 1,
                resampling: .linear)
            configuration.activation = .geluTanh
        case "rotary hourglass":
            configuration.usesRotaryEmbeddings = true
            configuration.hasProjection = false
            configuration.hiddenWidth = 24
            configuration.hourglass = .init(
                layersBefore: 1, layersShortened: 1, factor: 3, layersAfter: 1,
                resampling: .naive)
        case "positions behind a norm":
            configuration.positionalForm = .batchNorm
            configuration.hasFeatureNorm = false
        case "stacked positions":
            configuration.positionalForm = .stack(layers: 3)
            configuration.positionalKernel = 19
            configuration.extractorNorm = .layer
        case "distance buckets":
            configuration.attentionPositions = .buckets(count: 32, distanceMax: 90)
        case "gated pre-norm":
            configuration.attentionPositions = .buckets(count: 320, distanceMax: 800)
            configuration.isPreNorm = true
            configuration.extractorNorm = .layer
        case "squeezed":
            configuration.squeezeFactor = 3
            configuration.positionalKernel = 31
        case "relative conformer":
            configuration.conformer = .init(depthwiseKernel: 31)
            configuration.attentionPositions = .relative
            configuration.positionalForm = .none
            configuration.isPreNorm = true
            configuration.activation = .swish
        case "rotary conformer":
            configuration.conformer = .init(depthwiseKernel: 7)
            configuration.attentionPositions = .rotaryInput(base: 500)
            configuration.positionalForm = .none
            configuration.isPreNorm = true
            configuration.activation = .swish
        case "adapters":
            configuration.isPreNorm = true
            configuration.adapterWidth = 6
        default: break
        }
        return configuration
    }

    /// Models that read log-mel features.
    static let melNames = [
        "pairs of frames", "strided adapter", "wider adapters", "subsampled",
        "subsampled without biases",
    ]

    static func melConfiguration(_ name: String) -> MelConfiguration {
        let layer = LayerShape(
            width: 48, heads: 4, feedForwardWidth: 80, activation: .swish, epsilon: 1e-5,
            positions: .clipped(left: 9, right: 3))
        var configuration = MelConfiguration(
            stem: .pairs(bins: 20),
            block: ConformerShape(layer, kernel: 31, isCausal: true, convolutionNorm: .layer),
            layers: 2, classes: 29)
        switch name {
        case "strided adapter":
            configuration.adapter = .init(
                layers: 1, kernel: 3, stride: 2, width: 48, activation: .relu)
        case "wider adapters":
            configuration.block.kernel = 4
            configuration.adapter = .init(
                layers: 2, kernel: 3, stride: 2, width: 72, activation: .gelu)
        case "subsampled", "subsampled without biases":
            let isPlain = name != "subsampled"
            var frontEnd = ParakeetFrontEnd.Settings()
            frontEnd.bins = isPlain ? 20 : 33
            configuration.stem = .subsampled(
                .init(
                    frontEnd: frontEnd, halvings: isPlain ? 2 : 3, channels: isPlain ? 5 : 16,
                    scalesFrames: !isPlain))
            configuration.block.layer.positions = .relative
            configuration.block.layer.hasBiases = !isPlain
            configuration.block = ConformerShape(
                configuration.block.layer, kernel: 9, hasConvolutionBiases: !isPlain)
        default: break
        }
        return configuration
    }

    static func model(_ name: String) throws -> any AcousticModel {
        try model(name, on: EngineClass.ofThisProcess())
    }

    static func model(
        _ name: String, on backend: ComputeBackend
    ) throws -> any AcousticModel {
        let weights = WeightScope(NamedWeights())
        return melNames.contains(name)
            ? try MelModel(melConfiguration(name), weights: weights, backend: backend)
            : try Wav2Vec2Model(configuration(name), weights: weights, backend: backend)
    }
}
