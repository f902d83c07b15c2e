internal import HTTPTransfer
internal import ModelHub

/// The hub that `hf://datasets/` addresses lead to, as its own tools find it (`HF_ENDPOINT`, `HF_TOKEN`).
package struct DatasetHub: Hashable, Sendable {
    package var endpoint = "https://huggingface.co"
    package var token: String?

    package init() {}

    /// The hub of the environment.
    static func ofEnvironment() -> DatasetHub {
        var hub = DatasetHub()
        guard let settings = try? HubSettings.fromEnvironment() else { return hub }
        hub.endpoint = settings.endpoint
        hub.token = settings.token
        return hub
    }

    /// The request for a file of a data set.
    func request(for address: RemoteAddress) -> HTTPClient.Request? {
        guard let set = DatasetPath(address.path), !set.file.isEmpty else { return nil }
        return request(
            "/datasets/\(set.owner)/\(set.name)/resolve/\(set.revision ?? DatasetPath.usualRevision)/"
                + PercentEncoding.ofKey(set.file[...]))
    }

    /// The request for what a revision is now.
    func revisionRequest(of set: DatasetPath) -> HTTPClient.Request? {
        request(
            "/api/datasets/\(set.owner)/\(set.name)/revision/"
                + (set.revision ?? DatasetPath.usualRevision))
    }

    /// The request for the first page of all files below a path.
    func listRequest(of set: DatasetPath, commit: String) -> HTTPClient.Request? {
        var file = set.file[...]
        while file.last == UInt8(ascii: "/") { file.removeLast() }
        let below = file.isEmpty ? "" : "/" + PercentEncoding.ofKey(file)
        return request(
            "/api/datasets/\(set.owner)/\(set.name)/tree/\(commit)\(below)?recursive=true")
    }

    /// The request for a page that the one before named.
    ///
    /// - Parameter link: a `Link` field (RFC 8288).
    /// - Returns: nil where there is no further page; the hub's own pages only are asked for.
    func nextRequest(link: String) -> HTTPClient.Request? {
        for part in link.split(separator: ",") where part.contains("rel=\"next\"") {
            guard let start = part.firstIndex(of: "<"), let end = part.firstIndex(of: ">"),
                start < end,
                let web = WebAddress(String(part[part.index(after: start)..<end])),
                web.origin == WebAddress(endpoint)?.origin
            else { return nil }
            return authorized(web)
        }
        return nil
    }

    private func request(_ path: String) -> HTTPClient.Request? {
        WebAddress(endpoint + path).map { authorized($0) }
    }

    private func authorized(_ address: WebAddress) -> HTTPClient.Request {
        var request = HTTPClient.Request(.get, address)
        if let token { request.fields.append("Authorization: Bearer \(token)") }
        return request
    }
}
