package import Checkpoints
internal import MelEncoders
internal import Wav2Vec2

/// One kind of model that Hugging Face folders hold: how config.json names and describes it, and what its
/// tensors are called.
///
/// What computes it are blocks of `Wav2Vec2Model`, or of `MelModel`, that its configuration asks for.
package struct ModelFamily: Sendable {
    /// What config.json and the files beside it say, as a family reads them.
    package struct Description {
        let fields: HuggingFaceFields
        /// What is said of the feature extractor.
        let extractor: HuggingFaceFields
        /// `do_normalize` of a feature extractor that gives waveforms.
        let normalizes: Bool
    }

    /// How sizes and variants are read.
    enum Reading: Sendable {
        case waveforms(
            @Sendable (Description) throws(CheckpointError) -> Wav2Vec2Configuration)
        case features(@Sendable (Description) throws(CheckpointError) -> MelConfiguration)
    }

    /// As people write it.
    package let name: String
    /// Values of config.json's `model_type`; a file without one is wav2vec 2.0's.
    package let modelTypes: [String]
    /// Stored names to canonical ones.
    package let rules: NameRules
    /// Sizes and variants.
    let configure: Reading

    /// All families, in the order in which they are listed for people.
    ///
    /// A family is added here, with rules in `NameRules+Families.swift` and a reading in
    /// `Wav2Vec2Configuration+Families.swift` or `MelConfiguration+Families.swift`; what computes it otherwise
    /// is a block of its own.
    package static let all: [ModelFamily] = [
        .wav2vec2,
        ModelFamily(
            name: "HuBERT", modelTypes: ["hubert"], rules: .hubert,
            configure: .waveforms { (description) throws(CheckpointError) in
                try Wav2Vec2Configuration(hubert: description)
            }),
        ModelFamily(
            name: "UniSpeech", modelTypes: ["unispeech"], rules: .unispeech,
            configure: wav2vec2.configure),
        ModelFamily(
            name: "UniSpeech-SAT", modelTypes: ["unispeech-sat"], rules: .unispeechSAT,
            configure: wav2vec2.configure),
        ModelFamily(
            name: "data2vec audio", modelTypes: ["data2vec-audio"], rules: .data2vec,
            configure: .waveforms { (description) throws(CheckpointError) in
                try Wav2Vec2Configuration(data2vec: description)
            }),
        ModelFamily(
            name: "WavLM", modelTypes: ["wavlm"], rules: .wavLM,
            configure: .waveforms { (description) throws(CheckpointError) in
                try Wav2Vec2Configuration(wavLM: description)
            }),
        ModelFamily(
            name: "SEW", modelTypes: ["sew"], rules: .sew,
            configure: .waveforms { (description) throws(CheckpointError) in
                try Wav2Vec2Configuration(sew: description)
            }),
        ModelFamily(
            name: "wav2vec2-conformer", modelTypes: ["wav2vec2-conformer"], rules: .conformer,
            configure: .waveforms { (description) throws(CheckpointError) in
                try Wav2Vec2Configuration(conformer: description)
            }),
        ModelFamily(
            name: "w2v-BERT 2.0", modelTypes: ["wav2vec2-bert"], rules: .w2vBERT,
            configure: .features { (description) throws(CheckpointError) in
                try MelConfiguration(w2vBERT: description)
            }),
        ModelFamily(
            name: "Parakeet CTC", modelTypes: ["parakeet_ctc"], rules: .parakeet,
            configure: .features { (description) throws(CheckpointError) in
                try MelConfiguration(parakeet: description)
            }),
        ModelFamily(
            name: "Omnilingual ASR", modelTypes: ["omniasr_ctc"], rules: .omnilingual,
            configure: .waveforms { (description) throws(CheckpointError) in
                try Wav2Vec2Configuration(omnilingual: description)
            }),
    ]

    /// The family that all others are described against.
    package static let wav2vec2 = ModelFamily(
        name: "wav2vec 2.0", modelTypes: ["wav2vec2", "wav2vec2-hourglass"], rules: .huggingFace,
        configure: .waveforms { (description) throws(CheckpointError) in
            try Wav2Vec2Configuration(wav2vec2: description)
        })

    /// The family of a folder with this config.json.
    ///
    /// - Throws: `refused` for a kind of model that is not computed here.
    package static func of(_ fields: HuggingFaceFields) throws(CheckpointError) -> ModelFamily {
        if let other = try OtherModels.reason(fields) { throw other }
        guard let type = try fields.string("model_type") else { return wav2vec2 }
        if let family = all.first(where: { $0.modelTypes.contains(type) }) { return family }
        let known = all.flatMap(\.modelTypes).joined(separator: ", ")
        throw fields.refused("is a model of type \(type); read are \(known)")
    }
}
