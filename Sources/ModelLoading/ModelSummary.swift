package import Checkpoints
package import Digests
package import ModelFamilies
package import SpeechTypes

/// What a model is, for people and programs: architecture, sizes, precision, labels, tensors.
package struct ModelSummary: Sendable {
    /// One tensor of the checkpoint, under its canonical name.
    package struct Tensor: Hashable, Sendable {
        package let name: String
        /// The name in the file.
        package let storedName: String
        package let elementType: ElementType
        package let shape: [Int]
        package let byteCount: Int
    }

    package let path: String
    package let framework: LoadedModel.Framework
    package let family: String
    package let language: String?
    package let languages: [String]
    package let container: CheckpointFormat
    package let configuration: NetworkConfiguration
    package let vocabulary: Vocabulary
    package let sampleRate: Int
    package let blankWeight: Float
    package let blankMode: BlankMode
    package let parameterCount: Int
    package let digest: ContentDigest
    /// By canonical name.
    package let tensors: [Tensor]
    /// Tensors in the file that only training needs, by their names there.
    package let unusedTensors: [String]
    /// What wrappers had put into the tensors' names.
    package let wrappers: [String]
    package var warnings: [String]
    /// The language model beside the acoustic one, which `--lm auto` takes; nil where there is none.
    package var languageModelPath: String?

    /// Describes `model`; looks at all weights unless `cache` knows their digest.
    package init(
        _ model: LoadedModel, cache: DigestCache? = .standard()
    ) throws(CheckpointError) {
        path = model.path
        framework = model.framework
        family = model.family
        language = model.language
        languages = model.languages
        container = model.container
        configuration = model.configuration
        vocabulary = model.vocabulary
        sampleRate = model.sampleRate
        blankWeight = model.blankWeight
        blankMode = model.blankMode
        parameterCount = model.parameterCount
        unusedTensors = model.tensors.ignored.map { $0.name }.sorted()
        wrappers = model.tensors.wrappers.sorted()
        warnings = model.warnings
        digest = try model.digest(cache: cache)
        tensors = model.tensors.tensors.sorted { $0.key < $1.key }.map { name, tensor in
            Tensor(
                name: name, storedName: tensor.name, elementType: tensor.elementType,
                shape: tensor.shape, byteCount: tensor.byteCount)
        }
    }

    /// Tensors of each element type, widest use first.
    package var precisions: [(elementType: ElementType, tensors: Int, bytes: Int)] {
        Dictionary(grouping: tensors) { $0.elementType }
            .map { type, tensors in
                (type, tensors.count, tensors.reduce(0) { $0 + $1.byteCount })
            }
            .sorted { ($0.1, $1.0.rawValue) > ($1.1, $0.0.rawValue) }
    }
}
