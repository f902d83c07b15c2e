package import Checkpoints
package import Digests
internal import ModelFamilies
internal import StrictJSON
internal import Threading
internal import Wav2Vec2

extension LoadedModel {
    /// Changes whenever the text below does.
    private static let digestVersion = "scriptorium model 1"

    private var digestRules: String {
        let languages = library.map { "languages \($0.names.sorted().joined(separator: ","))\n" }
        return "\(Self.digestVersion)\n\(configuration.json)\n\(vocabulary.json)\n"
            + (languages ?? "")
    }

    /// The digest, if `cache` knows it: no weights are looked at.
    package func knownDigest(in cache: DigestCache?) -> ContentDigest? {
        guard let cache, let key = DigestCache.key(of: files, rules: digestRules) else {
            return nil
        }
        return cache.digest(key)
    }

    /// Identifies what the model computes: equal for one model in any container.
    ///
    /// SHA-256 over configuration, vocabulary, and name, element type, shape and row-major bytes of
    /// every tensor used, in the order of canonical names. Of a model that was opened with several languages the
    /// symbols and the tensors of each follow, since a row may ask for any of them. Looks at all weights once, and
    /// only if `cache` does not know the files yet.
    ///
    /// - Throws: `notFinite` if a weight is NaN or infinite.
    package func digest(cache: DigestCache? = .standard()) throws(CheckpointError) -> ContentDigest
    {
        let rules = digestRules
        let key = cache == nil ? nil : DigestCache.key(of: files, rules: rules)
        if let cache, let key, let known = cache.digest(key) { return known }
        var hasher = SHA256Hasher()
        hasher.update(rules)
        try update(&hasher, with: tensors.tensors)
        if let library {
            for name in library.names.sorted() {
                let other = try library.open(name)
                let classes = other.configuration.classes
                let own = Set(
                    other.configuration.languageTensors(classes: classes).map { $0.name })
                hasher.update("language \(name)\n\(other.vocabulary.json)\n")
                try update(&hasher, with: other.tensors.tensors.filter { own.contains($0.key) })
            }
        }
        let digest = hasher.finalize()
        if let cache, let key { cache.store(digest, under: key) }
        return digest
    }

    /// Identifies what all languages of a model share; nil for a model that keeps none apart.
    ///
    /// - Throws: `notFinite` if a weight is NaN or infinite.
    func backboneDigest(
        cache: DigestCache? = .standard()
    ) throws(CheckpointError) -> ContentDigest? {
        guard var sizes = configuration.waveform, sizes.adapterWidth != nil else { return nil }
        let own = Set(sizes.languageTensors(classes: sizes.classes).map { $0.name })
        sizes.classes = 0
        let rules =
            "scriptorium backbone 1\n\(NetworkConfiguration.waveform(sizes).json)\n"
        let shared = tensors.tensors.filter { !own.contains($0.key) }
        var files: [String: FileBytes] = [:]
        for tensor in shared.values { files[tensor.file.path] = tensor.file }
        let key =
            cache == nil
            ? nil
            : DigestCache.key(
                of: files.sorted { $0.key < $1.key }.map { $0.value }, rules: rules)
        if let cache, let key, let known = cache.digest(key) { return known }
        var hasher = SHA256Hasher()
        hasher.update(rules)
        try update(&hasher, with: shared)
        let digest = hasher.finalize()
        if let cache, let key { cache.store(digest, under: key) }
        return digest
    }

    private func update(
        _ hasher: inout SHA256Hasher, with tensors: [String: StoredTensor]
    ) throws(CheckpointError) {
        WorkMeter.shared.expect(tensors.values.reduce(0) { $0 + $1.byteCount }, .bytes)
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            let shape = tensor.shape.map { String($0) }.joined(separator: ",")
            hasher.update("\(name) \(tensor.elementType.rawValue) [\(shape)]\n")
            try tensor.checkFinite()
            tensor.withRowMajorBytes { hasher.update($0) }
            WorkMeter.shared.advance(tensor.byteCount, .bytes)
        }
    }
}
