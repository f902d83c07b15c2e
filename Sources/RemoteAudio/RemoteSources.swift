package import AudioFormats
internal import AudioInput
internal import Files
internal import Glibc
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
            let isStore = store.endpoint.flatMap { WebAddress($0) }?.origin == address.origin
            return isNamed == true || isStore ? namedClient : farClient
        }
    }

    private let access: Access
    private let recordings = SharedRecordings<PathBytes>(keptMax: 4)

    private static let connectSeconds = 20
    private static let stallSeconds = 60
    /// Of a file of keys or settings.
    private static let profileBytesMax = 1 << 20

    /// - Parameters:
    ///   - patterns: what may be fetched; nothing else is.
    ///   - store: where `s3://` leads.
    package init(_ patterns: [SourcePattern], store: ObjectStore) {
        access = Access(
            patterns: patterns, store: store,
            farClient: HTTPClient(
                connectSeconds: Self.connectSeconds, stallSeconds: Self.stallSeconds,
                reachesNear: false),
            namedClient: HTTPClient(
                connectSeconds: Self.connectSeconds, stallSeconds: Self.stallSeconds))
    }

    /// What fetches for a job with these options, with the keys of this machine; nil for a job that fetches nothing.
    package static func ofJob(_ options: RecognitionOptions) -> RemoteSources? {
        let patterns = options.allowedSources.compactMap { SourcePattern($0) }
        guard !patterns.isEmpty else { return nil }
        let store = ObjectStore(
            variable: { name in getenv(name).map { String(cString: $0) } },
            file: { path in
                let bytes = try? OpenFile(PathBytes(path)).contents(bytesMax: profileBytesMax)
                return bytes.map { String(decoding: $0, as: UTF8.self) }
            })
        return RemoteSources(patterns, store: store)
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
        guard let remote = RemoteAddress(address), access.admits(remote) else {
            let shown = RemoteAddress(address)?.text ?? address.text
            throw AudioError(
                .audioUnsupportedLocation, shown,
                "\(shown) is not among what may be fetched; allow it with --allow-source, or fetch the "
                    + "file")
        }
        return try recordings.recording(address, progress: progress) { () throws(AudioError) in
            let spool = try mapError({
                AudioError(
                    .quarantinedSource, remote.text, "it cannot be kept: \($0); see TMPDIR",
                    class: .source)
            }) { () throws(FileError) in try SpooledFile(remote.text) }
            try RemoteFetch(remote, access, spool, progress).run()
            return spool
        }.file(progress: progress)
    }

    package static func == (left: RemoteSources, right: RemoteSources) -> Bool { left === right }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
