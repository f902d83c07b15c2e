package import Digests
package import SpeechTypes

/// What makes a job this job and no other.
///
/// The arithmetic may be `auto`; it is then resolved once, by the first worker, and journalled as
/// ``FleetFacts``.
package struct JobIdentity: Hashable, Sendable {
    /// The class name that means: the best class of the first worker.
    package static let automaticArithmetic = "auto"

    package var protocolMajor: Int
    /// SHA-256 of the canonical rows.
    package var manifestDigest: ContentDigest
    package var rowCount: Int
    /// Nil for all of the manifest; ``rowCount`` is that of the part.
    package var part: JobPart?
    /// All that shapes transcripts besides the audio, the engine and its arithmetic.
    package var recipe: TranscriptRecipe
    /// Of the engine that computes the rows that are open; rows that are recorded may be an earlier one's.
    package var engineNumber: Int
    /// `auto`, or a class such as `fp32/avx2/openblas-0.3`.
    package var arithmetic: String

    package init(
        protocolMajor: Int = 1, manifestDigest: ContentDigest, rowCount: Int,
        part: JobPart? = nil, options: RecognitionOptions, modelDigest: ContentDigest,
        furtherArtefacts: [String: ContentDigest] = [:], engineNumber: Int, arithmetic: String
    ) {
        self.protocolMajor = protocolMajor
        self.manifestDigest = manifestDigest
        self.rowCount = rowCount
        self.part = part
        recipe = TranscriptRecipe(
            artefacts: ModelArtefacts(acousticModel: modelDigest, further: furtherArtefacts),
            options: options)
        self.engineNumber = engineNumber
        self.arithmetic = arithmetic
    }

    package var options: RecognitionOptions {
        get { recipe.options }
        set { recipe.options = newValue }
    }

    /// Of the acoustic model.
    package var modelDigest: ContentDigest {
        get { recipe.artefacts.acousticModel }
        set { recipe.artefacts.acousticModel = newValue }
    }
}
