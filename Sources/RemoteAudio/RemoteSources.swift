package import ArchivedAudio
package import AudioFormats
internal import AudioInput
internal import Files
internal import HTTPTransfer
package import SpeechTypes

/// Fetches recordings from web servers and object stores, where a job says that they may be: one value serves all
/// threads of a job.
///
/// An object is fetched whole, into a file without a name, once for all rows of it.
package final class RemoteSources: Sendable, Hashable {
    /// Whom may be asked for what, and how.
    struct Access: Sendable {
        let patterns: [SourcePattern]
        let store: ObjectStore
        let hub: DatasetHub
        /// For what anybody's list may name.
        let farClient: HTTPClient
        /// For hosts that the operator has named.
        let namedClient: HTTPClient

        func admits(_ address: RemoteAddress) -> Bool {
            patterns.contains { $0.admits(address) }
        }

        /// A list must not reach services of this machine, by whatever name; whoever starts the job may.
        func client(for address: WebAddress) -> HTTPClient {
            let isNamed = RemoteAddress(PathBytes(address.text)).map { remote in
                patterns.contains { $0.names(remote) }
            }
            let origins = [store.endpoint, hub.endpoint].map {
                $0.flatMap { WebAddress($0) }?.origin
            }
            return isNamed == true || origins.contains(address.origin) ? namedClient : farClient
        }
    }

    let access: Access
    private let recordings = SharedRecordings<PathBytes, SpooledFile>(keptMax: 4)
    private let archives = SharedRecordings<PathBytes, RemoteArchive.Facts>(keptMax: 1_024)

    private static let connectSeconds = 20
    private static let stallSeconds = 60

    /// - Parameters:
    ///   - patterns: what may be fetched; nothing else is.
    ///   - store: where `s3://` leads.
    ///   - hub: where `hf://` leads.
    package init(
        _ patterns: [SourcePattern], store: ObjectStore, hub: DatasetHub = DatasetHub()
    ) {
        access = Access(
            patterns: patterns, store: store, hub: hub,
            farClient: HTTPClient(
                connectSeconds: Self.connectSeconds, stallSeconds: Self.stallSeconds,
                reachesNear: false),
            namedClient: HTTPClient(
                connectSeconds: Self.connectSeconds, stallSeconds: Self.stallSeconds))
    }

    /// What fetches for a job with these options, with the keys of this machine; nil for a job that fetches nothing.
    package static func ofJob(_ options: RecognitionOptions) -> RemoteSources? {
        allowed(options.allowedSources.compactMap { SourcePattern($0) })
    }

    /// What fetches what some patterns allow, with the keys of this machine; nil where nothing is allowed.
    package static func allowed(_ patterns: [SourcePattern]) -> RemoteSources? {
        guard !patterns.isEmpty else { return nil }
        return RemoteSources(patterns, store: .ofEnvironment(), hub: .ofEnvironment())
    }

    /// Whether an address may be fetched.
    package func admits(_ address: PathBytes) -> Bool {
        RemoteAddress(address).map { access.admits($0) } ?? false
    }

    /// The recording of an address, fetched now or for an earlier row.
    ///
    /// - Parameter progress: is told of every step.
    /// - Throws: `audio.unsupported_location` for what may not be fetched, and what became of the request.
    package func file(
        of address: PathBytes, progress: EngineProgress?
    ) throws(AudioError) -> AudioFile {
        let remote = try admitted(address)
        return try recordings.recording(address, progress: progress) { () throws(AudioError) in
            let spool = try spool(remote.text)
            try RemoteFetch(remote, access, spool, progress).run()
            return spool
        }.file(progress: progress)
    }

    /// An archive at an address, which is read by parts.
    ///
    /// - Parameter progress: is told of every step.
    /// - Throws: `audio.unsupported_location` for what may not be fetched. Nothing is asked yet.
    package func archive(
        at address: PathBytes, progress: EngineProgress?
    ) throws(AudioError) -> any ArchiveSource {
        RemoteArchive(address, try admitted(address), self, progress)
    }

    /// What is known of an archive, from its first bytes.
    func facts(
        of address: PathBytes, _ remote: RemoteAddress, progress: EngineProgress?
    ) throws(AudioError) -> RemoteArchive.Facts {
        try archives.recording(address, progress: progress) { () throws(AudioError) in
            let head = FetchedBytes()
            let fetch = RemoteFetch(
                remote, access, head, window: 0..<RemoteArchive.headBytes, progress)
            try fetch.run()
            guard let count = fetch.objectBytes else {
                throw AudioError(
                    .audioUnsupportedLocation, remote.text,
                    "its server does not say how long it is, so that no member can be found; fetch the "
                        + "archive")
            }
            return RemoteArchive.Facts(
                byteCount: count, tag: fetch.tag, modified: fetch.modified ?? "", head: head.bytes)
        }
    }

    /// Forgets an archive that is not what it was.
    func forget(_ address: PathBytes) { archives.forget(address) }

    /// A few bytes of an archive.
    func bytes(
        of remote: RemoteAddress, _ window: Range<Int>, tag: String?, progress: EngineProgress?
    ) throws(AudioError) -> [UInt8] {
        let fetched = FetchedBytes()
        try RemoteFetch(remote, access, fetched, window: window, tag: tag, progress).run()
        return fetched.bytes
    }

    /// A part of an archive, fetched now or for an earlier row of the same member.
    func part(
        of address: PathBytes, _ remote: RemoteAddress, _ window: Range<Int>, tag: String?,
        named name: String, progress: EngineProgress?
    ) throws(AudioError) -> AudioFile {
        let key = PathBytes(bytes: address.bytes + " \(window) \(tag ?? "")".utf8)
        return try recordings.recording(key, progress: progress) { () throws(AudioError) in
            let spool = try spool(name)
            try RemoteFetch(remote, access, spool, window: window, tag: tag, progress).run()
            return spool
        }.file(progress: progress)
    }

    func admitted(_ address: PathBytes) throws(AudioError) -> RemoteAddress {
        guard let remote = RemoteAddress(address), access.admits(remote) else {
            let shown = RemoteAddress(address)?.text ?? address.text
            throw AudioError(
                .audioUnsupportedLocation, shown,
                "\(shown) is not among what may be fetched; allow it with --allow-source, or fetch the "
                    + "file")
        }
        return remote
    }

    private func spool(_ name: String) throws(AudioError) -> SpooledFile {
        try mapError({
            AudioError(
                .quarantinedSource, name, "it cannot be kept: \($0); see TMPDIR", class: .source)
        }) { () throws(FileError) in try SpooledFile(name) }
    }

    package static func == (left: RemoteSources, right: RemoteSources) -> Bool { left === right }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
