package import AudioFormats
internal import HTTPTransfer
package import SpeechTypes
internal import StrictJSON

extension RemoteSources {
    /// What is below an address, in the order of keys.
    package struct Entry: Hashable, Sendable {
        /// Its address; of a data set with the commit that was looked at.
        package let address: PathBytes
        package let byteCount: Int?
    }

    /// Of a page, which has a thousand objects.
    private static let pageBytesMax = 16 << 20

    /// Calls `body` with everything whose address begins as this one.
    ///
    /// - Parameter progress: is told of every step.
    /// - Throws: `audio.not_found` if there is no such bucket or data set, `audio.unsupported_location` for what may not be
    ///   asked, of class `source` for what another try may mend; what `body` throws.
    package func forEachObject(
        below address: PathBytes, progress: EngineProgress? = nil,
        _ body: (Entry) throws(AudioError) -> Void
    ) throws(AudioError) {
        let remote = try admitted(address)
        switch remote.scheme {
        case .http, .https:
            throw AudioError(
                .audioUnsupportedLocation, remote.text,
                "a web address has no list of what is below it")
        case .s3: try forEachKey(below: remote, progress, body)
        case .hf: try forEachFile(below: remote, progress, body)
        }
    }

    private func forEachKey(
        below remote: RemoteAddress, _ progress: EngineProgress?,
        _ body: (Entry) throws(AudioError) -> Void
    ) throws(AudioError) {
        var token: String?
        var last: [UInt8] = []
        repeat {
            let (bytes, _) = try answer(remote, progress) { [token, keys = access.keys] region in
                keys.current.listRequest(of: remote, after: token, region: region)
            }
            guard let page = ObjectPage.ofStore(bytes), page.next == nil || page.next != token
            else {
                throw Self.noList(remote)
            }
            for object in page.objects {
                guard last.isEmpty || last.lexicographicallyPrecedes(object.key) else {
                    throw AudioError(
                        .audioUnsupportedLocation, remote.text,
                        "the store does not list keys in their order, so that rows would have none; write a "
                            + "list of the addresses")
                }
                last = object.key
                try body(
                    Entry(
                        address: remote.sibling([UInt8(ascii: "/")] + object.key),
                        byteCount: object.byteCount))
            }
            token = page.next
        } while token != nil
    }

    private func forEachFile(
        below remote: RemoteAddress, _ progress: EngineProgress?,
        _ body: (Entry) throws(AudioError) -> Void
    ) throws(AudioError) {
        guard let set = DatasetPath(remote.path) else { throw Self.noList(remote) }
        let hub = access.hub
        let revision = try answer(remote, progress) { _ in hub.revisionRequest(of: set) }.bytes
        // Rows are of what there is now, whatever the branch is later.
        guard let commit = try? JSONParser.parse(revision).object?["sha"]?.string,
            DatasetPath(Array("/\(set.owner)/\(set.name)@\(commit)".utf8)) != nil
        else { throw Self.noList(remote) }
        var request = hub.listRequest(of: set, commit: commit)
        var entries: [Entry] = []
        while let asked = request {
            let (bytes, link) = try answer(remote, progress) { _ in asked }
            guard let page = ObjectPage.ofHub(bytes) else { throw Self.noList(remote) }
            for object in page.objects {
                let path = Array("/\(set.owner)/\(set.name)@\(commit)/".utf8) + object.key
                entries.append(
                    Entry(address: remote.sibling(path), byteCount: object.byteCount))
            }
            guard entries.count <= Self.filesMax else {
                throw AudioError(
                    .audioUnsupportedLocation, remote.text,
                    "it has more than \(Self.filesMax) files; take a folder of it at a time")
            }
            request = hub.nextRequest(link: link)
        }
        // A hub lists folder by folder.
        entries.sort { $0.address < $1.address }
        for entry in entries { try body(entry) }
    }

    /// Of a data set, which are held to be sorted.
    private static let filesMax = 2_000_000

    private static func noList(_ remote: RemoteAddress) -> AudioError {
        AudioError(
            .quarantinedSource, remote.text, "fetching failed: the answer is no list of objects",
            class: .source)
    }

    private func answer(
        _ remote: RemoteAddress, _ progress: EngineProgress?,
        _ make: @escaping (_ region: String?) -> HTTPClient.Request?
    ) throws(AudioError) -> (bytes: [UInt8], link: String) {
        let sink = FetchedBytes(bytesMax: Self.pageBytesMax)
        let fetch = RemoteFetch(remote, access, sink, request: make, progress)
        try fetch.run()
        return (sink.bytes, fetch.link)
    }
}
