package import AcousticModels
package import Checkpoints
package import Digests
package import ModelFamilies
package import SpeechTypes
package import Tensors
internal import Wav2Vec2
package import WeightCache

/// A model as its checkpoint states it: everything that the engine needs, weights still in their
/// files.
package struct LoadedModel: Sendable {
    /// Which project's code saved the model.
    package enum Framework: String, Hashable, Sendable {
        case huggingFace = "Hugging Face"
        case nvidia = "NVIDIA"
        case fairseq
        case fairseq2
        case torchaudio
    }

    /// The file or folder that was loaded.
    package let path: String
    package let framework: Framework
    /// As `ModelFamily/name`.
    package let family: String
    package let container: CheckpointFormat
    package let configuration: NetworkConfiguration
    package let vocabulary: Vocabulary
    /// Samples a second that the model was trained on: 16,000 or 8,000.
    package let sampleRate: Int
    /// The checkpoint's own default; 0 where it has none.
    package let blankWeight: Float
    package let blankMode: BlankMode
    /// All tensors that `NetworkConfiguration/expectedTensors` names, with their shapes, and no
    /// others.
    package let tensors: CheckpointTensors
    /// Oddities of the checkpoint that others pass over, a sentence each, with the file.
    package let warnings: [String]
    /// The language that is spoken, of a model that has several.
    package let language: String?
    /// Languages that the model can be opened with, in its order; empty where it has no choice.
    package let languages: [String]
    /// Those that rows may name, of a model that was opened with several; nil where it was opened with one.
    package let library: LanguageLibrary?
    /// Every file that had a part in this.
    let files: [FileBytes]

    /// The folder that was loaded, or the one with the file that was.
    package var folder: String {
        guard FileKind.of(path) != .folder else { return path }
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// Reads all weights into the network that computes with them.
    ///
    /// - Throws: if a weight is unusable.
    package func makeNetwork(
        on backend: ComputeBackend
    ) throws(CheckpointError) -> any AcousticModel {
        try configuration.makeNetwork(weights, on: backend)
    }

    /// The same network, of weights that are kept packed: those are looked at only if the cache does not have them.
    ///
    /// - Parameter digest: of this model.
    /// - Throws: if a weight is unusable.
    package func makeNetwork(
        on backend: ComputeBackend, keptIn cache: WeightCache, digest: ContentDigest
    ) throws(CheckpointError) -> any AcousticModel {
        try cache.network(try packingKey(in: cache, digest, of: backend.arithmetic)) {
            (ledger) throws(CheckpointError) in
            try configuration.makeNetwork(WeightScope(tensors, ledger: ledger), on: backend)
        }
    }

    /// Names the packed weights of this model in a cache: one name for all languages of a backbone.
    ///
    /// - Parameter digest: of this model.
    /// - Throws: if a weight is unusable.
    package func packingKey(
        in cache: WeightCache, _ digest: ContentDigest, of arithmetic: ArithmeticClass
    ) throws(CheckpointError) -> ContentDigest {
        cache.key(model: try backboneDigest() ?? digest, arithmetic: arithmetic.description)
    }

    /// The network of this language on the backbone of the same model in another one, which they share.
    ///
    /// - Throws: if a weight of the language is unusable.
    /// - Precondition: `network` was made of that model.
    package func makeNetwork(
        sharing network: any AcousticModel
    ) throws(CheckpointError) -> any AcousticModel {
        guard let backbone = network as? Wav2Vec2Model else {
            preconditionFailure("a model that keeps languages apart is wav2vec 2.0")
        }
        return try backbone.speaking(weights, classes: configuration.classes)
    }

    /// What a language of its own takes in memory, in bytes, at most; 0 where it keeps none apart.
    package var bytesOfLanguage: Int {
        guard language != nil else { return 0 }
        let classes = max(configuration.classes, library?.classesMax ?? 0)
        return configuration.languageTensors(classes: classes).reduce(0) {
            $0 + 4 * $1.shape.reduce(1, *)
        }
    }

    /// When its frames are.
    package var clock: FrameClock { configuration.clock }

    /// The weights, as the model's blocks ask for them.
    package var weights: WeightScope { WeightScope(tensors) }

    /// Numbers that training adjusted, those of the unused mask embedding among them.
    package var parameterCount: Int {
        let masks = tensors.ignored.filter {
            $0.elementType.isFloatingPoint && !$0.name.hasSuffix("inv_freq")
        }
        return tensors.tensors.values.reduce(0) { $0 + $1.count }
            + masks.reduce(0) { $0 + $1.count }
    }
}
