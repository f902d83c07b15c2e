internal import Files
internal import Glibc
internal import HTTPTransfer

/// Brings one file of a repository into the cache.
///
/// Bytes go to `blobs/<tag>.incomplete`, which the next try continues; a file that arrived whole
/// and has the announced digest is renamed to `blobs/<tag>` and linked from the snapshot.
struct HubDownload {
    let connection: HubConnection
    let cache: HubCache
    let commit: String
    let report: (HubProgress) -> Void

    /// What the hub announces of a file.
    private struct Announcement {
        /// Names the contents: SHA-256 of large files, git's blob id of small ones.
        let tag: String
        let size: Int
    }

    func fetch(_ file: String) throws(HubError) {
        if cache.contains(file, in: commit) { return }
        let announced = try announcement(of: file)
        try cache.makeFolders(commit)
        let lockPath = cache.lock(announced.tag)
        let lock = try mapError({ CacheFiles.failure("lock", lockPath, $0.number) }) {
            () throws(FileError) in
            // As the hub's own tools do, so that a file is downloaded once at a time.
            try FileLock.wait(forFile: lockPath, permissions: 0o644) {
                report(.waiting(file: file))
            }
        }
        if CacheFiles.size(cache.blob(announced.tag)) != announced.size {
            try download(file, announced)
        }
        try cache.link(file, in: commit, to: announced.tag)
        _ = consume lock
    }

    private func path(_ file: String) -> String {
        "/\(connection.reference.repository)/resolve/\(commit)/\(file)"
    }

    // MARK: What to expect

    private func announcement(of file: String) throws(HubError) -> Announcement {
        let head = try connection.retrying(file) { () throws(HTTPClient.Failure) in
            try connection.send(.head, path(file), staysHome: true)
        }
        guard (200..<400).contains(head.status) else {
            throw connection.refusal(head, file)
        }
        var tag = head.fields["x-linked-etag"] ?? head.fields["etag"] ?? ""
        if tag.hasPrefix("W/") { tag.removeFirst(2) }
        tag.removeAll { $0 == "\"" }
        let length = head.fields["x-linked-size"] ?? head.fields["content-length"] ?? ""
        guard HubFiles.isPlainName(tag), let size = Int(length), size >= 0 else {
            throw HubError(
                .unexpected,
                "the hub does not say what \(file) is (no usable ETag or size); is "
                    + "\(connection.settings.endpoint) a Hugging Face hub?")
        }
        guard size <= HubSettings.fileBytesMax else {
            throw HubError(.unexpected, "\(file) is said to have \(size) bytes, which no model has")
        }
        return Announcement(tag: tag, size: size)
    }

    // MARK: Transfer

    private func download(_ file: String, _ announced: Announcement) throws(HubError) {
        let path = cache.incomplete(announced.tag)
        let present = CacheFiles.size(path) ?? 0
        if let free = CacheFiles.available(in: cache.blobs), free < announced.size - present {
            throw HubError(
                .storage,
                "\(file) needs \(announced.size - present) bytes and \(cache.blobs) has \(free) "
                    + "left; free some space, or set HF_HOME to a folder on a larger disk")
        }
        var lastFailure = HTTPClient.Failure(message: "the transfer ended early")
        for attempt in 0..<max(1, connection.settings.attempts) {
            if attempt > 0 { connection.pause(after: attempt - 1) }
            let sink = try BlobSink(path, file: file, size: announced.size, report: report)
            let isContinued = sink.count > 0
            let fields = sink.count > 0 ? ["Range: bytes=\(sink.count)-"] : []
            if sink.count < announced.size {
                var head: HTTPClient.Head?
                do throws(HTTPClient.Failure) {
                    head = try connection.send(.get, self.path(file), fields: fields) {
                        sink.receive($0, $1)
                    }
                } catch {
                    lastFailure = error
                }
                try sink.check()
                if let head {
                    switch head.status {
                    case 200, 206, 500...: break
                    case 416: try sink.restart()
                    default: throw connection.refusal(head, file)
                    }
                }
            }
            guard sink.count == announced.size else { continue }
            do throws(HubError) {
                return try accept(file, announced)
            } catch {
                // What an earlier run left may be the damaged part: once more from the beginning.
                guard error.code == .checksum, isContinued else { throw error }
            }
        }
        throw connection.unreachable(lastFailure, file)
    }

    /// Takes a whole file into the cache if it is what was announced.
    private func accept(_ file: String, _ announced: Announcement) throws(HubError) {
        let path = cache.incomplete(announced.tag)
        let found = try BlobTag.compute(path, like: announced.tag, size: announced.size)
        guard found == announced.tag else {
            unlink(path)
            throw HubError(
                .checksum,
                "\(file) arrived damaged (\(found) instead of \(announced.tag)); it was removed, "
                    + "try again")
        }
        try CacheFiles.move(path, to: cache.blob(announced.tag))
    }
}
