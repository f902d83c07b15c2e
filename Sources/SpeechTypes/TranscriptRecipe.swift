package import Digests

/// The files whose content shapes transcripts: the acoustic model, and what a later version adds to it,
/// such as a language model or a calibration.
package struct ModelArtefacts: Hashable, Sendable {
    /// Digest of the acoustic model's weights, configuration and vocabulary.
    package var acousticModel: ContentDigest
    /// Digests of further artefacts by their names, such as those of a decoder's files; none as a rule.
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

/// A file of ``ModelArtefacts/further``: what somebody needs to know to find it.
package struct ArtefactFile: Hashable, Sendable {
    /// As it is called among the artefacts.
    package var name: String
    /// Of its bytes.
    package var digest: ContentDigest
    /// What it is called where the job was begun, without its folder; for people.
    package var fileName: String
    package var byteCount: Int

    package init(name: String, digest: ContentDigest, fileName: String, byteCount: Int) {
        self.name = name
        self.digest = digest
        self.fileName = fileName
        self.byteCount = byteCount
    }
}

extension [ArtefactFile] {
    /// By the names of the artefacts.
    package var digests: [String: ContentDigest] {
        Dictionary(map { ($0.name, $0.digest) }) { first, _ in first }
    }

    /// What keeps a worker with other files from a job that takes these, and what to do, for people.
    ///
    /// - Parameter found: digests of the worker's files by their names.
    package func difference(from found: [String: ContentDigest]) -> String {
        let needed = self.filter { found[$0.name] != $0.digest }.map { file in
            let kind = DecoderFileKind(rawValue: file.name)
            let what =
                "the job's \(kind?.words ?? file.name) is \(file.fileName.prefix(100)) (sha256 "
                + "\(file.digest.hex.prefix(16))), and the worker has "
            let option = kind.map { "\($0.option) FILE" } ?? "the same file"
            return what
                + (found[file.name].map { "another one (\($0.hex.prefix(16)))" } ?? "none")
                + ": start it with \(option), or with --model-root FOLDER below which it lies"
        }
        guard needed.isEmpty else { return needed.prefix(2).joined(separator: "; ") }
        let surplus = found.keys.filter { name in !contains { $0.name == name } }.sorted()
        guard !surplus.isEmpty else {
            return
                "the job has other artefacts beside its acoustic model than the worker: give it the "
                + "same ones"
        }
        return surplus.prefix(2).map { name in
            let kind = DecoderFileKind(rawValue: name)
            return
                "the worker has a \(kind?.words ?? name), and the job takes none: start it without "
                + (kind?.option ?? name)
        }.joined(separator: "; ")
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
