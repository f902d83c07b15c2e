internal import Files
internal import LanguageCodes
internal import StrictJSON

/// One model's place in the cache that the hub's tools share:
/// `models--owner--name/{refs,blobs,snapshots}`.
struct HubCache: Sendable {
    private let root: String
    private let locks: String

    init(_ settings: HubSettings, _ reference: ModelReference) {
        let name = "models--\(reference.owner)--\(reference.name)"
        root = "\(settings.cacheFolder)/\(name)"
        locks = "\(settings.cacheFolder)/.locks/\(name)"
    }

    /// The commit that a branch or tag was last seen at.
    func commit(of reference: ModelReference) -> String? {
        if reference.isPinned { return reference.revision }
        let text = CacheFiles.smallText("\(root)/refs/\(reference.revision)")
        return text.flatMap { ModelReference.isCommit($0) ? $0 : nil }
    }

    /// Notes which commit a branch or tag is at.
    func note(_ commit: String, of reference: ModelReference) throws(HubError) {
        guard !reference.isPinned else { return }
        let path = "\(root)/refs/\(reference.revision)"
        try CacheFiles.makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        try CacheFiles.write(commit, to: path)
    }

    func snapshot(_ commit: String) -> String { "\(root)/snapshots/\(commit)" }
    func blob(_ tag: String) -> String { "\(root)/blobs/\(tag)" }
    func incomplete(_ tag: String) -> String { "\(root)/blobs/\(tag).incomplete" }
    func lock(_ tag: String) -> String { "\(locks)/\(tag).lock" }
    var blobs: String { "\(root)/blobs" }

    /// Makes the folders that a download into `commit` needs.
    func makeFolders(_ commit: String) throws(HubError) {
        for folder in [blobs, snapshot(commit), locks] { try CacheFiles.makeFolder(folder) }
    }

    /// Whether the files of a language model are there.
    private func hasLanguageModel(_ commit: String) -> Bool {
        let folder = HubFiles.languageModelFolder
        return ["alphabet.json", folder + "attrs.json", folder + "unigrams.txt"].allSatisfy {
            contains($0, in: commit)
        }
            && (try? FolderListing.names(in: "\(snapshot(commit))/\(folder)"))?
                .contains(where: HubFiles.isLanguageModel) == true
    }

    func contains(_ file: String, in commit: String) -> Bool {
        CacheFiles.exists("\(snapshot(commit))/\(file)")
    }

    /// Lets the snapshot's `file` be the blob `tag`.
    func link(_ file: String, in commit: String, to tag: String) throws(HubError) {
        let path = "\(snapshot(commit))/\(file)"
        let steps = file.split(separator: "/").count - 1
        if steps > 0 {
            try CacheFiles.makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        }
        try CacheFiles.link(
            path, to: String(repeating: "../", count: steps) + "../../blobs/\(tag)")
    }

    /// Whether what a model has for languages is there; no for a model that keeps no languages apart.
    private func hasAdapters(
        of languages: String, _ commit: String, of reference: ModelReference
    ) -> Bool {
        let names = (try? FolderListing.names(in: snapshot(commit))) ?? []
        guard let found = try? HubFiles.adapters(of: languages, among: names, of: reference),
            !found.isEmpty
        else { return false }
        guard LanguageChoice(languages) == .every else { return true }
        // Its vocabulary alone tells how many there are where no hub is asked.
        let vocabulary = try? JSONParser.parse(
            CacheFiles.bytes(
                "\(snapshot(commit))/vocab.json", bytesMax: HubSettings.answerBytesMax))
        return found.count >= (vocabulary?.object?.members.count ?? .max)
    }

    /// Whether everything that a model is loaded from is there.
    ///
    /// - Parameters:
    ///   - withLanguageModel: and all of its language model.
    ///   - language: and what it has for that language.
    func isComplete(
        _ commit: String, of reference: ModelReference, withLanguageModel: Bool = false,
        language: String? = nil
    ) -> Bool {
        if withLanguageModel, !hasLanguageModel(commit) { return false }
        if let language, !hasAdapters(of: language, commit, of: reference) { return false }
        func has(_ file: String) -> Bool { contains(file, in: commit) }
        guard has("config.json"), HubFiles.symbolNames.contains(where: has),
            has("preprocessor_config.json") || has("processor_config.json")
        else { return false }
        return HubFiles.weightNames.contains { name in
            guard has(name) else { return false }
            guard name.hasSuffix(HubFiles.indexSuffix) else { return true }
            let shards = try? HubFiles.shards(ofIndex: "\(snapshot(commit))/\(name)")
            return shards?.allSatisfy { has($0) } ?? false
        }
    }
}
