internal import AudioFormats
internal import Files
internal import HTTPTransfer
package import SpeechTypes

/// Why a file did not become an object.
package struct UploadError: Error, CustomStringConvertible {
    /// What was found and what would do.
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Writes files as objects of a store, in parts where they are long.
///
/// The store holds each request's body against its MD5, and a long object is there only when all its parts are. So an
/// object is whole, or what it was before.
package struct ObjectUpload: Sendable {
    private let keys: StoreKeys
    private let client: HTTPClient
    /// Bytes of a part; files with fewer are one request.
    private let partBytes: Int

    /// The store takes 10,000 parts: with 64 MiB each that is 640 GB.
    private static let (partBytesUsual, partsMax) = (64 << 20, 10_000)
    private static let answerBytesMax = 1 << 20
    private static let (connectSeconds, stallSeconds) = (20, 60)

    /// - Parameters:
    ///   - renewed: reads the keys of the store again, where it refuses them; nil for keys that stay as they are.
    ///   - readsFirst: `store` has no keys: they are read when they are needed for the first time.
    ///   - partBytes: of a part, at least 5 MiB for most stores.
    package init(
        store: ObjectStore, renewed: (@Sendable () -> ObjectStore)? = nil, readsFirst: Bool = false,
        partBytes: Int? = nil
    ) {
        keys = StoreKeys(store, read: renewed, readsFirst: readsFirst)
        self.partBytes = partBytes ?? Self.partBytesUsual
        client = HTTPClient(
            connectSeconds: Self.connectSeconds, stallSeconds: Self.stallSeconds)
    }

    /// Makes the file at `path` the object at an address.
    ///
    /// - Parameter onBytes: is told how many bytes were sent each time.
    /// - Throws: if the file cannot be read, or the store does not take it.
    package func put(
        _ path: String, to address: PathBytes, onBytes: (Int) -> Void = { _ in }
    ) throws(UploadError) {
        guard let remote = RemoteAddress(address), remote.scheme == .s3, !remote.isFolder else {
            throw UploadError("\(address) is no object of a store (s3://bucket/key)")
        }
        let file = try reading { () throws(FileError) in try OpenFile(path) }
        guard let count = file.byteCount, count <= partBytes * Self.partsMax else {
            throw UploadError(
                "\(path) has more than \(Self.partsMax) parts of \(partBytes >> 20) MiB")
        }
        var upload = Upload(remote, keys, client)
        guard count > partBytes else {
            let bytes = try reading { () throws(FileError) in try file.bytes(at: 0, count: count) }
            _ = try upload.ask(.put, body: bytes)
            return onBytes(count)
        }
        let begun = try upload.ask(.post, query: "uploads=").body
        guard let id = Self.text(of: "UploadId", in: begun) else {
            throw UploadError("\(remote.text): the store does not begin an object in parts")
        }
        let encoded = PercentEncoding.ofValue(id.utf8)
        do throws(UploadError) {
            var tags: [String] = []
            for offset in stride(from: 0, to: count, by: partBytes) {
                let bytes = try reading { () throws(FileError) in
                    try file.bytes(at: offset, count: min(partBytes, count - offset))
                }
                let answer = try upload.ask(
                    .put, query: "partNumber=\(tags.count + 1)&uploadId=\(encoded)", body: bytes)
                guard let tag = answer.head.fields["etag"] else {
                    throw UploadError(
                        "\(remote.text): the store does not say what it has of a part")
                }
                tags.append(tag)
                onBytes(bytes.count)
            }
            let parts = tags.enumerated().map { index, tag in
                "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(tag)</ETag></Part>"
            }
            let list =
                "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>"
            let ended = try upload.ask(
                .post, query: "uploadId=\(encoded)", body: Array(list.utf8))
            // It may say only in the body, which begins at once, that it failed in the end.
            guard Self.text(of: "ETag", in: ended.body) != nil else {
                throw UploadError("\(remote.text): the store does not put its parts together")
            }
        } catch {
            // Parts that belong to nothing cost money.
            _ = try? upload.ask(.delete, query: "uploadId=\(encoded)")
            throw error
        }
    }

    private func reading<Value>(
        _ body: () throws(FileError) -> Value
    ) throws(UploadError) -> Value {
        try mapError({ UploadError("\($0)") }, body)
    }

    /// The text of the first element of a name in a small answer.
    private static func text(of name: String, in answer: [UInt8]) -> String? {
        var fields = MarkupFields(answer)
        while let field = fields.next() {
            if field.name == name { return field.text }
        }
        return nil
    }

    /// One object on its way.
    private struct Upload {
        private let address: RemoteAddress
        private let keys: StoreKeys
        private let client: HTTPClient
        private var region: String?

        init(_ address: RemoteAddress, _ keys: StoreKeys, _ client: HTTPClient) {
            self.address = address
            self.keys = keys
            self.client = client
        }

        /// Sends a request until it is answered, as often as a fetch would.
        mutating func ask(
            _ method: HTTPClient.Method, query: String? = nil, body: [UInt8] = []
        ) throws(UploadError) -> (head: HTTPClient.Head, body: [UInt8]) {
            var retries = FetchRetries()
            var hasRenewed = false
            while true {
                let store = keys.current
                guard
                    let request = store.writeRequest(
                        method, address, query: query, body: body, region: region)
                else { throw UploadError("\(address.text): no request can be made of it") }
                var answer: [UInt8] = []
                let outcome: FetchRetries.Outcome
                do throws(HTTPClient.Failure) {
                    let head = try client.perform(request) { _, bytes in
                        guard bytes.count <= ObjectUpload.answerBytesMax - answer.count else {
                            return false
                        }
                        answer += bytes
                        return true
                    }
                    if (200..<300).contains(head.status) { return (head, answer) }
                    if let found = head.fields["x-amz-bucket-region"], region == nil {
                        region = found
                        continue
                    }
                    // Keys may expire between two parts.
                    if [400, 401, 403].contains(head.status), !hasRenewed,
                        keys.areOthers(than: store)
                    {
                        hasRenewed = true
                        continue
                    }
                    outcome = .status(
                        head.status,
                        retryAfterSeconds: head.fields["retry-after"].flatMap { Int($0) })
                } catch {
                    outcome = .broken(error.message)
                }
                guard case .again(let seconds, _) = retries.step(after: outcome, gotBytes: false)
                else { throw failure(outcome, answer) }
                for _ in 0..<seconds { ThreadSleep.sleep(.seconds(1)) }
            }
        }

        private func failure(_ outcome: FetchRetries.Outcome, _ answer: [UInt8]) -> UploadError {
            let reason: String
            switch outcome {
            case .status(let status, _):
                let code = ObjectUpload.text(of: "Code", in: answer).map { " \($0)" } ?? ""
                let remedy =
                    [401, 403].contains(status)
                    ? "; \(keys.current.remedy(to: "may write there"))"
                    : ""
                reason = "the store answers \(status)\(code)\(remedy)"
            case .broken(let message): reason = message
            case .complete, .changed: reason = "the store does not take it"
            }
            return UploadError("\(address.text) cannot be written: \(reason)")
        }
    }
}
