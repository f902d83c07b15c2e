internal import Files

/// A model in the cache that the hub's tools share.
package struct CachedModel: Hashable, Sendable {
    package let reference: ModelReference
    /// With links to the files.
    package let folder: String
    /// Of all files that the folder shows.
    package let byteCount: Int

    /// As people write it: the revision is left out where it is the usual one.
    package var name: String {
        reference.revision == "main"
            ? "\(ModelReference.prefix)\(reference.repository)" : reference.description
    }
}

extension ModelHub {
    /// Names that are looked through for models, and files of one.
    private static let namesMax = 100_000

    /// The models in the cache, by name: for each the branches and tags that were fetched, else its commits.
    ///
    /// A cache that is not there holds none.
    package func cachedModels() throws(HubError) -> [CachedModel] {
        let root = settings.cacheFolder
        guard CacheFiles.exists(root) else { return [] }
        let prefix = "models--"
        var models: [CachedModel] = []
        for entry in try names(in: root) where entry.hasPrefix(prefix) {
            let parts = entry.dropFirst(prefix.count).split(separator: "--")
            guard parts.count == 2 else { continue }
            for (revision, commit) in revisions(of: "\(root)/\(entry)") {
                let folder = "\(root)/\(entry)/snapshots/\(commit)"
                guard CacheFiles.exists(folder),
                    let reference = try? ModelReference(
                        "\(ModelReference.prefix)\(parts[0])/\(parts[1])@\(revision)")
                else { continue }
                let files = (try? names(in: folder)) ?? []
                models.append(
                    CachedModel(
                        reference: reference, folder: folder,
                        byteCount: files.reduce(0) {
                            $0 + (CacheFiles.size("\(folder)/\($1)") ?? 0)
                        }))
            }
        }
        return models
    }

    private func revisions(of model: String) -> [(revision: String, commit: String)] {
        let named = ((try? names(in: "\(model)/refs")) ?? []).compactMap {
            name -> (revision: String, commit: String)? in
            guard let text = CacheFiles.smallText("\(model)/refs/\(name)"),
                ModelReference.isCommit(text)
            else { return nil }
            return (name, text)
        }
        if !named.isEmpty { return named }
        return ((try? names(in: "\(model)/snapshots")) ?? [])
            .filter { ModelReference.isCommit($0) }.map { ($0, $0) }
    }

    private func names(in folder: String) throws(HubError) -> [String] {
        do throws(FileError) {
            return try FolderListing.names(in: folder, countMax: Self.namesMax)
        } catch {
            throw HubError(.storage, "\(error)")
        }
    }
}
