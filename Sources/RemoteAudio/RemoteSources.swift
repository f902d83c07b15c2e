package import ArchivedAudio
package import AudioFormats
internal import AudioInput
internal import Files
internal import HTTPTransfer
internal import Manifests
package import SpeechTypes
internal import Synchronization
internal import Threading

/// Fetches recordings from web servers and object stores, where a job says that they may be: one value serves all
/// threads of a job.
///
/// An object is fetched whole, into a file without a name, once for all rows of it.
package final class RemoteSources: Sendable, Hashable {
    /// Whom may be asked for what, and how.
    struct Access: Sendable {
        let patterns: [SourcePattern]
        let paces = SourcePaces()
        let keys: StoreKeys
        let hub: DatasetHub
        /// For what anybody's list may name.
        let farClient: HTTPClient
        /// For hosts that the operator has named.
        let namedClient: HTTPClient

        var store: ObjectStore { keys.current }

        func admits(_ address: RemoteAddress) -> Bool {
            patterns.contains { $0.admits(address) }
        }

        /// A list must not reach services of this machine, by whatever name; whoever starts the job may.
        func client(for address: WebAddress) -> HTTPClient {
            let isNamed = RemoteAddress(PathBytes(address.text)).map { remote in
                patterns.contains { $0.names(remote) }
            }
            let hubOrigin = WebAddress(hub.endpoint)?.origin
            return isNamed == true || keys.areOf(address) || address.origin == hubOrigin
                ? namedClient : farClient
        }
    }

    let access: Access
    private let recordings = SharedRecordings<PathBytes, SpooledFile>(keptMax: 4)
    private let ahead = FetchedAhead(bytesMax: aheadBytesMax)
    private let waited = Atomic<Int>(0)
    private let archives = SharedRecordings<PathBytes, RemoteArchive.Facts>(keptMax: 1_024)

    private static let connectSeconds = 20
    private static let stallSeconds = 60
    /// Of all objects that wait for their rows: what a hundred recordings of half a minute take.
    private static let aheadBytesMax = 256 << 20
    /// Of an object that is tried: half a second at 64 Mbit/s.
    private static let trialBytes = 4 << 20

    /// - Parameters:
    ///   - patterns: what may be fetched; nothing else is.
    ///   - store: where `s3://` leads.
    ///   - renewed: reads the keys of the store again, where it refuses them; nil for keys that stay as they are.
    ///   - readsFirst: `store` has no keys: they are read when they are needed for the first time.
    ///   - hub: where `hf://` leads.
    package init(
        _ patterns: [SourcePattern], store: ObjectStore,
        renewed: (@Sendable () -> ObjectStore)? = nil, readsFirst: Bool = false,
        hub: DatasetHub = DatasetHub()
    ) {
        access = Access(
            patterns: patterns, keys: StoreKeys(store, read: renewed, readsFirst: readsFirst),
            hub: hub,
            farClient: HTTPClient(
                connectSeconds: Self.connectSeconds, stallSeconds: Self.stallSeconds,
                reachesNear: false),
            namedClient: HTTPClient(
                connectSeconds: Self.connectSeconds, stallSeconds: Self.stallSeconds))
    }

    /// What fetches for a job with these options, with the keys of this machine; nil for a job that fetches nothing.
    ///
    /// - Parameter asksForKeys: whether services that lend keys are asked where there are none.
    package static func ofJob(
        _ options: RecognitionOptions, asksForKeys: Bool = false
    ) -> RemoteSources? {
        allowed(
            options.allowedSources.compactMap { SourcePattern($0) }, asksForKeys: asksForKeys)
    }

    /// What fetches what some patterns allow, with the keys of this machine; nil where nothing is allowed.
    ///
    /// - Parameter asksForKeys: whether services that lend keys are asked where there are none.
    package static func allowed(
        _ patterns: [SourcePattern], asksForKeys: Bool = false
    ) -> RemoteSources? {
        guard !patterns.isEmpty else { return nil }
        return RemoteSources(
            patterns, store: .ofEnvironment(),
            renewed: { .ofEnvironment(asksForKeys: asksForKeys) }, readsFirst: asksForKeys,
            hub: .ofEnvironment())
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
        return try recording(address, remote, nil, tag: nil, named: remote.text, progress)
    }

    /// An object or a part of one, fetched now, ahead, or for an earlier row.
    private func recording(
        _ key: PathBytes, _ remote: RemoteAddress, _ window: Range<Int>?, tag: String?,
        named name: String, _ progress: EngineProgress?
    ) throws(AudioError) -> AudioFile {
        let begun = MonotonicClock.milliseconds()
        defer { waited.add(MonotonicClock.milliseconds() - begun, ordering: .relaxed) }
        return try recordings.recording(key, progress: progress) { () throws(AudioError) in
            if let known = ahead.take(key, progress: progress) { return try known.get() }
            access.paces.began(remote.source)
            defer {
                access.paces.finished(remote.source)
                ahead.hasFetched(key)
            }
            let spool = try spool(name)
            let fetch = RemoteFetch(remote, access, spool, window: window, tag: tag, progress)
            try fetch.run()
            spool.describe(fetch.identity)
            return spool
        }.file(progress: progress)
    }

    /// How long threads that read audio have waited for what is fetched, all of them together.
    package var waitedMilliseconds: Int { waited.load(ordering: .relaxed) }

    // MARK: Ahead

    /// What a row will ask for.
    package struct Wanted: Hashable, Sendable {
        fileprivate let key: PathBytes
        fileprivate let remote: RemoteAddress
        fileprivate let window: Range<Int>?
        /// What messages call it.
        fileprivate let name: String

        /// Whom it is asked of, a host or a bucket.
        package var source: String { remote.source }
    }

    /// What is asked for by a row of an address; nil for what may not be fetched.
    package func wanted(_ address: PathBytes) -> Wanted? {
        guard let remote = RemoteAddress(address), access.admits(remote) else { return nil }
        return Wanted(key: address, remote: remote, window: nil, name: remote.text)
    }

    /// What is asked for by a row of a member of an archive at an address.
    ///
    /// - Returns: nil for what may not be fetched, and where it has to be found out first where the member stands.
    package func wanted(_ member: ArchiveMember) -> Wanted? {
        guard let window = ArchiveShelf.window(ofPlaced: member),
            let remote = RemoteAddress(member.archive), access.admits(remote)
        else { return nil }
        return Wanted(
            key: Self.key(of: member.archive, window, tag: nil), remote: remote, window: window,
            name: member.path.text)
    }

    /// Fetches before its row's turn, and waits for that; nothing, if it is there or on its way.
    ///
    /// What goes wrong is told to the row.
    ///
    /// - Returns: the bytes that came; nil where nothing did.
    package func fetchAhead(_ wanted: Wanted) -> Int? {
        guard !recordings.knows(wanted.key) else { return nil }
        let progress = EngineProgress()
        return ahead.fetch(wanted.key, progress: progress) { mayWrite throws(AudioError) in
            let spool = try spool(wanted.name)
            let fetch = RemoteFetch(
                wanted.remote, access, AheadSink(spool, mayWrite), window: wanted.window, progress)
            try fetch.run()
            spool.describe(fetch.identity)
            return spool
        }
    }

    /// Fetches the beginning of an object, and keeps nothing: how its source answers is seen before any job.
    ///
    /// - Returns: the bytes that came, and those that it has.
    package func trial(
        of wanted: Wanted
    ) throws(AudioError) -> (byteCount: Int, objectBytes: Int) {
        let start = wanted.window?.lowerBound ?? 0
        let end = wanted.window?.upperBound ?? .max
        let sink = FetchedBytes()
        let fetch = RemoteFetch(
            wanted.remote, access, sink, window: start..<min(end, start + Self.trialBytes), nil)
        try fetch.run()
        let count = sink.bytes.count
        return (count, wanted.window?.count ?? fetch.objectBytes ?? count)
    }

    /// Forgets what was fetched for a row that does not come.
    package func drop(_ wanted: Wanted) { ahead.drop(wanted.key) }

    /// Bytes that were fetched and wait for their rows.
    package var bytesAhead: Int { ahead.byteCount }

    package static var bytesAheadMax: Int { aheadBytesMax }

    /// How many fetches ahead a source (``Wanted/source``) may be given at this moment, beside those of rows.
    package func fetchesAhead(of source: String) -> Int { access.paces.free(of: source) }

    // MARK: Archives

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
        try recording(
            Self.key(of: address, window, tag: tag), remote, window, tag: tag, named: name, progress
        )
    }

    private static func key(of address: PathBytes, _ window: Range<Int>, tag: String?) -> PathBytes
    {
        PathBytes(bytes: address.bytes + " \(window) \(tag ?? "")".utf8)
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
