internal import HTTPTransfer
internal import StrictJSON

/// Models named by owner and name: found in the hub's local cache, or downloaded into it.
package struct ModelHub: Sendable {
    let settings: HubSettings

    package init(_ settings: HubSettings) { self.settings = settings }

    /// The folder that holds the files of `reference`; blocks while it downloads.
    ///
    /// A pinned commit that is in the cache needs no network. Otherwise the hub is asked which
    /// commit the revision is at, and only what the cache lacks is downloaded. If the hub cannot be
    /// reached, the commit seen last is used.
    ///
    /// - Parameters:
    ///   - withLanguageModel: the language model, too, where the repository has one.
    ///   - language: what the model has for it, too, where it keeps languages apart.
    ///   - report: called as the download goes on, on the calling thread.
    package func folder(
        of reference: ModelReference, withLanguageModel: Bool = false, language: String? = nil,
        report: @escaping (HubProgress) -> Void = { _ in }
    ) throws(HubError) -> String {
        let cache = HubCache(settings, reference)
        let known = cache.commit(of: reference)
        let cached = known.flatMap {
            cache.isComplete(
                $0, of: reference, withLanguageModel: withLanguageModel, language: language)
                ? cache.snapshot($0) : nil
        }
        if let cached, reference.isPinned || settings.isOffline { return cached }
        guard !settings.isOffline else {
            throw HubError(
                .offline,
                "\(reference)\(withLanguageModel ? " with its language model" : "")"
                    + "\(language.map { " with the language \($0)" } ?? "") is not in "
                    + "\(settings.cacheFolder) and HF_HUB_OFFLINE forbids "
                    + "downloading; unset it once, or copy the model there")
        }
        let connection = try HubConnection(settings, reference)
        do throws(HubError) {
            return try download(
                reference, connection, cache, withLanguageModel: withLanguageModel,
                language: language, report)
        } catch {
            // An unreachable hub is no reason not to work with what is here.
            if error.code == .network, let cached { return cached }
            throw error
        }
    }

    private func download(
        _ reference: ModelReference, _ connection: HubConnection, _ cache: HubCache,
        withLanguageModel: Bool, language: String?, _ report: @escaping (HubProgress) -> Void
    ) throws(HubError) -> String {
        let repository = try Repository(reference, connection)
        let commit = repository.commit
        let (side, weights) = try HubFiles.needed(
            repository.files, of: reference, withLanguageModel: withLanguageModel,
            language: language)
        let download = HubDownload(
            connection: connection, cache: cache, commit: commit, report: report)
        for file in side { try download.fetch(file) }
        if weights.hasSuffix(HubFiles.indexSuffix) {
            try download.fetch(weights)
            let shards = try HubFiles.shards(ofIndex: "\(cache.snapshot(commit))/\(weights)")
            for shard in shards { try download.fetch(shard) }
        } else {
            try download.fetch(weights)
        }
        try cache.note(commit, of: reference)
        return cache.snapshot(commit)
    }
}

/// What a hub says a revision of a repository is.
private struct Repository {
    let commit: String
    let files: Set<String>

    init(_ reference: ModelReference, _ connection: HubConnection) throws(HubError) {
        let path =
            "/api/models/\(reference.repository)/revision/"
            + reference.revision.replacing("/", with: "%2F")
        let answer = try connection.answer(path)
        guard let object = answer.object, let commit = object["sha"]?.string,
            ModelReference.isCommit(commit), let siblings = object["siblings"]?.array
        else {
            throw HubError(
                .unexpected,
                "the hub's answer about \(reference) is not understood; is "
                    + "\(connection.settings.endpoint) a Hugging Face hub?")
        }
        self.commit = commit
        files = Set(siblings.compactMap { $0.object?["rfilename"]?.string })
    }
}

extension HubConnection {
    /// The JSON at `path`.
    fileprivate func answer(_ path: String) throws(HubError) -> JSONValue {
        let body = AnswerBody()
        let head = try retrying("\(reference)") { () throws(HTTPClient.Failure) in
            body.bytes = []
            return try send(.get, path) { body.receive($1) }
        }
        guard head.status == 200 else { throw refusal(head, reference.repository) }
        do throws(JSONError) {
            return try JSONParser.parse(body.bytes, bytesMax: HubSettings.answerBytesMax)
        } catch {
            throw HubError(
                .unexpected,
                "the hub's answer about \(reference) is not JSON (\(error)); is "
                    + "\(settings.endpoint) a Hugging Face hub?")
        }
    }
}

/// Keeps a short answer.
private final class AnswerBody {
    var bytes: [UInt8] = []

    func receive(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count + piece.count <= HubSettings.answerBytesMax else { return false }
        bytes += piece
        return true
    }
}
