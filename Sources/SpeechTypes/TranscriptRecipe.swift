package import Digests

/// The files whose content shapes transcripts: the acoustic model, and what a later version adds to it,
/// such as a language model or a calibration.
package struct ModelArtefacts: Hashable, Sendable {
    /// Digest of the acoustic model's weights, configuration and vocabulary.
    package var acousticModel: ContentDigest
    /// Digests of further artefacts by their names; none in this version.
    package var further: [String: ContentDigest]

    package init(acousticModel: ContentDigest, further: [String: ContentDigest] = [:]) {
        self.acousticModel = acousticModel
        self.further = further
    }

    /// SHA-256 of their names and digests, which a worker says in `hello`.
    package var digest: ContentDigest {
        let others = further.sorted { $0.key < $1.key }
        let fields =
            [("format", "scriptorium artefacts 1"), ("acoustic_model", acousticModel.hex)]
            + others.map { ($0.key, $0.value.hex) }
        return SHA256Hasher.digest(of: Array(CanonicalFields.text(fields).utf8))
    }
}

/// All that shapes a transcript besides the audio, the engine and its arithmetic: what coordinator and
/// workers of a job must agree on, and the part of a job's identity that later features add to.
package struct TranscriptRecipe: Hashable, Sendable {
    package var artefacts: ModelArtefacts
    /// The decoder and its options, and how audio is read and cut.
    package var options: RecognitionOptions

    package init(artefacts: ModelArtefacts, options: RecognitionOptions) {
        self.artefacts = artefacts
        self.options = options
    }

    /// SHA-256 of the digest of the artefacts and of the options that are not what they usually
    /// are.
    ///
    /// It stands in the job's identity, and in `welcome`.
    package var digest: ContentDigest {
        Self.digest(artefacts: artefacts.digest, optionFields: options.fields)
    }

    /// The digest of a recipe, of whose artefacts only the digest is known.
    package static func digest(
        artefacts: ContentDigest, optionFields: [(name: String, value: String)]
    ) -> ContentDigest {
        let fields =
            [("format", "scriptorium recipe 1"), ("artefacts", artefacts.hex)]
            + optionFields.map { ("option." + $0.name, $0.value) }
        return SHA256Hasher.digest(of: Array(CanonicalFields.text(fields).utf8))
    }
}
