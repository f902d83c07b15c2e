internal import HTTPTransfer

/// Requests to a hub: redirects, tokens, retries, and refusals as sentences.
struct HubConnection {
    let settings: HubSettings
    let reference: ModelReference
    private let client: HTTPClient
    private let endpoint: WebAddress

    init(_ settings: HubSettings, _ reference: ModelReference) throws(HubError) {
        guard let endpoint = WebAddress(settings.endpoint) else {
            throw HubError(
                .network, "HF_ENDPOINT is not an http address: \(settings.endpoint)")
        }
        self.settings = settings
        self.reference = reference
        self.endpoint = endpoint
        client = HTTPClient(
            connectSeconds: settings.connectSeconds, stallSeconds: settings.stallSeconds)
    }

    /// Sends one request, following redirects; the token is shown to the hub's own host only.
    ///
    /// - Parameters:
    ///   - path: under the hub's address.
    ///   - staysHome: whether to stop at a redirect that leaves the hub, and return its head.
    ///   - receive: gets the body of the last answer.
    func send(
        _ method: HTTPClient.Method, _ path: String, fields: [String] = [],
        staysHome: Bool = false,
        receive: @escaping (HTTPClient.Head, UnsafeRawBufferPointer) -> Bool = { _, _ in true }
    ) throws(HTTPClient.Failure) -> HTTPClient.Head {
        func unusable(_ message: String) -> HTTPClient.Failure {
            HTTPClient.Failure(message: message)
        }
        guard var address = WebAddress(endpoint.text + path) else {
            throw unusable("\(endpoint.text + path) is not an address")
        }
        var linked: [String: String] = [:]
        for _ in 0..<HubSettings.redirectsMax {
            var all = fields
            if let token = settings.token, address.origin == endpoint.origin {
                all.append("Authorization: Bearer \(token)")
            }
            var head = try client.perform(HTTPClient.Request(method, address, fields: all)) {
                head, bytes in
                (300..<400).contains(head.status) || receive(head, bytes)
            }
            // What the hub says about a stored file counts, not what its storage says.
            for name in ["x-linked-etag", "x-linked-size"] where linked[name] == nil {
                linked[name] = head.fields[name]
            }
            head.fields.merge(linked) { $1 }
            guard (300..<400).contains(head.status), let location = head.fields["location"] else {
                return head
            }
            guard let next = address.following(location) else {
                throw unusable("a redirect leads to \(location.prefix(200)), which is not followed")
            }
            if staysHome, next.origin != endpoint.origin { return head }
            address = next
        }
        throw unusable("more than \(HubSettings.redirectsMax) redirects")
    }

    /// Repeats a request that got no answer or a server's own failure.
    func retrying(
        _ what: String, _ request: () throws(HTTPClient.Failure) -> HTTPClient.Head
    ) throws(HubError) -> HTTPClient.Head {
        var attempt = 0
        while true {
            let isLast = attempt + 1 >= settings.attempts
            do throws(HTTPClient.Failure) {
                let head = try request()
                if head.status < 500 || isLast { return head }
            } catch {
                if isLast { throw unreachable(error, what) }
            }
            pause(after: attempt)
            attempt += 1
        }
    }

    /// The error for an answer that is not a success.
    func refusal(_ head: HTTPClient.Head, _ what: String) -> HubError {
        let page = "\(settings.endpoint)/\(reference.repository)"
        switch (head.status, head.fields["x-error-code"]) {
        case (_, "GatedRepo"?), (403, _):
            return HubError(
                .forbidden,
                "\(reference) is gated: accept its terms at \(page) and set HF_TOKEN to a token of "
                    + "that account")
        case (401, _):
            return HubError(
                .forbidden,
                "\(reference) does not exist or is private: check the name, or set HF_TOKEN to a "
                    + "token that may read it")
        case (404, "RevisionNotFound"?):
            return HubError(
                .notFound, "\(reference.repository) has no revision \(reference.revision)")
        case (404, _):
            return HubError(
                .notFound, "\(what) does not exist at \(page); check owner, name and revision")
        case (429, _):
            return HubError(
                .network,
                "the hub asks for a pause (too many requests); try again later, or set "
                    + "HF_TOKEN")
        default:
            return HubError(
                .unexpected, "the hub answered \(head.status) for \(what); try again later")
        }
    }

    /// The error for a hub that cannot be reached.
    func unreachable(_ failure: HTTPClient.Failure, _ what: String) -> HubError {
        HubError(
            .network,
            "\(what) cannot be fetched from \(settings.endpoint): \(failure.message); check the "
                + "connection, or give the path of a local copy")
    }

    /// Waits before the try after `attempt` (0-based).
    func pause(after attempt: Int) {
        ThreadSleep.sleep(settings.firstPause * (1 << min(attempt, 6)))
    }
}
