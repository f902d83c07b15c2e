package import AcousticModels
package import Checkpoints
package import MelEncoders
package import SpeechTypes
package import StrictJSON
package import Tensors
package import Wav2Vec2

/// Sizes and variants of one network, of whichever kind it is.
package enum NetworkConfiguration: Hashable, Sendable {
    /// Convolutions over samples, then a transformer.
    case waveform(Wav2Vec2Configuration)
    /// A log-mel front end, then a conformer.
    case logMel(MelConfiguration)

    /// When frames are.
    package var clock: FrameClock {
        switch self {
        case .waveform(let configuration): configuration.clock
        case .logMel(let configuration): configuration.clock
        }
    }

    /// Symbols that the head scores, blank included.
    package var classes: Int {
        switch self {
        case .waveform(let configuration): configuration.classes
        case .logMel(let configuration): configuration.classes
        }
    }

    /// Samples a second that the model was trained on.
    package var sampleRate: Int { waveform?.sampleRate ?? FrameClock.sampleRate }

    /// What a language has of its own, with a head of so many classes, where layers have adapters.
    package func languageTensors(classes: Int) -> [(name: String, shape: [Int])] {
        waveform?.languageTensors(classes: classes) ?? []
    }

    /// The sizes of a network that reads samples; nil for another.
    package var waveform: Wav2Vec2Configuration? {
        if case .waveform(let configuration) = self { configuration } else { nil }
    }

    /// Every tensor that the architecture needs, by canonical name, with its shape.
    package var expectedTensors: [(name: String, shape: [Int])] {
        switch self {
        case .waveform(let configuration): configuration.expectedTensors
        case .logMel(let configuration): configuration.expectedTensors
        }
    }

    /// Reads all weights into the network that computes with them.
    ///
    /// - Throws: if a weight is unusable.
    package func makeNetwork(
        _ weights: WeightScope, on backend: ComputeBackend
    ) throws(CheckpointError) -> any AcousticModel {
        switch self {
        case .waveform(let configuration):
            try Wav2Vec2Model(configuration, weights: weights, backend: backend)
        case .logMel(let configuration):
            try MelModel(configuration, weights: weights, backend: backend)
        }
    }

    /// The configuration as one JSON object, in a fixed order: what the model's digest is taken of.
    package var json: String {
        var writer = JSONWriter()
        write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    package func write(to writer: inout JSONWriter) {
        switch self {
        case .waveform(let configuration): configuration.write(to: &writer)
        case .logMel(let configuration): configuration.write(to: &writer)
        }
    }

    /// What people are told of it, a name and a value a line.
    package var facts: [(name: String, value: String)] {
        switch self {
        case .waveform(let configuration): configuration.facts
        case .logMel(let configuration): configuration.facts
        }
    }
}

extension NetworkConfiguration {
    /// Sizes and variants from a Hugging Face folder; what config.json leaves out is as in the family's first
    /// model.
    ///
    /// - Parameters:
    ///   - config: config.json.
    ///   - extractor: what is said of the feature extractor.
    package init(
        huggingFace config: HuggingFaceFields, extractor: HuggingFaceFields
    ) throws(CheckpointError) {
        let family = try ModelFamily.of(config)
        switch family.configure {
        case .waveforms(let read):
            if let size = try extractor.int("feature_size"), size != 1 {
                throw extractor.refused(
                    "asks for \(size) features a sample; \(family.name) reads waveforms")
            }
            var sizes = try read(
                .init(
                    fields: config, extractor: extractor,
                    normalizes: try extractor.bool("do_normalize") ?? true))
            let rate = try Self.sampleRate(extractor.int("sampling_rate"), path: extractor.path)
            if rate != sizes.sampleRate {
                sizes.sampleRate = rate
                try sizes.check(path: config.path)
            }
            self = .waveform(sizes)
        case .features(let read):
            if let rate = try extractor.int("sampling_rate"), rate != FrameClock.sampleRate {
                throw extractor.refused(
                    "asks for \(rate) samples a second; \(family.name) is computed for 16000")
            }
            self = .logMel(
                try read(.init(fields: config, extractor: extractor, normalizes: false)))
        }
    }

    /// The rate that a model asks for.
    ///
    /// - Throws: `refused` for one that audio is not resampled to.
    package static func sampleRate(
        _ rate: Int?, path: String
    ) throws(CheckpointError) -> Int {
        let rate = rate ?? FrameClock.sampleRate
        guard [8_000, FrameClock.sampleRate].contains(rate) else {
            throw CheckpointError(
                .refused, path: path,
                "was trained on \(rate) samples a second; models for 16000 and for 8000 are supported"
            )
        }
        return rate
    }

    /// Refuses, before any other file is looked at, what has parts that are not computed here.
    ///
    /// - Parameter config: config.json.
    package static func refuseOtherKinds(
        _ config: HuggingFaceFields
    ) throws(CheckpointError) {
        if case .waveforms = try ModelFamily.of(config).configure {
            try Wav2Vec2Configuration.refuseOtherKinds(config)
        }
    }
}
