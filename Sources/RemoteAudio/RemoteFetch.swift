internal import AudioFormats
internal import Files
internal import HTTPTransfer
internal import SpeechTypes
internal import SystemErrors

/// Fetches one object into a file, going on where a broken transfer ended.
final class RemoteFetch {
    private let sources: RemoteSources.Access
    private let address: RemoteAddress
    private let spool: SpooledFile
    private let progress: EngineProgress?

    /// Bytes that are in the file.
    private var count = 0
    /// What all of it has; nil until a server said so, and where none does.
    private var total: Int?
    /// Names the object as it was when its first byte came.
    private var tag: String?
    private var failure: AudioError?
    /// Of the answer that is being read.
    private var hasBegun = false
    private var isChanged = false
    private var region: String?

    private static let redirectsMax = 8
    private static let pauseStep: Duration = .seconds(1)

    init(
        _ address: RemoteAddress, _ sources: RemoteSources.Access, _ spool: SpooledFile,
        _ progress: EngineProgress?
    ) {
        self.address = address
        self.sources = sources
        self.spool = spool
        self.progress = progress
    }

    /// Fetches it whole.
    ///
    /// - Throws: `audio.not_found` if there is none, `audio.unsupported_location` if it leads where nothing may be
    ///   fetched; of class `source` for everything that another try may mend.
    func run() throws(AudioError) {
        var retries = FetchRetries()
        while true {
            let before = count
            let outcome = try ask()
            if let failure { throw failure }
            switch retries.step(after: outcome, gotBytes: count > before) {
            case .finish: return
            case .giveUp: throw error(of: outcome)
            case .again(let seconds, let fromStart):
                if fromStart { try restart() }
                // The thread has this row alone to do; each second tells the worker's watch that it is alive.
                for _ in 0..<seconds {
                    ThreadSleep.sleep(Self.pauseStep)
                    progress?.step()
                }
            }
        }
    }

    // MARK: Requests

    private func ask() throws(AudioError) -> FetchRetries.Outcome {
        var request = try request()
        for _ in 0..<Self.redirectsMax {
            isChanged = false
            hasBegun = false
            let head: HTTPClient.Head
            do throws(HTTPClient.Failure) {
                head = try sources.client(for: request.address).perform(request) {
                    [unowned self] head, bytes in receive(head, bytes)
                }
            } catch {
                guard !error.isNear else {
                    throw AudioError(
                        .audioUnsupportedLocation, address.text,
                        "it leads to this machine or its link, which no list may ask; if you mean that, name the "
                            + "host itself with --allow-source")
                }
                return isChanged ? .changed : .broken(error.message)
            }
            switch head.status {
            case 200, 206:
                if isChanged { return .changed }
                // A server that says no length has ended when it ends.
                return total.map { count == $0 } ?? true
                    ? .complete : .broken("it ended after \(count) of \(total ?? 0) bytes")
            case 301, 302, 303, 307, 308:
                if let region = head.fields["x-amz-bucket-region"], self.region == nil {
                    self.region = region
                    request = try self.request()
                } else {
                    request = try redirected(request, head)
                }
            case 400 where self.region == nil && head.fields["x-amz-bucket-region"] != nil:
                region = head.fields["x-amz-bucket-region"]
                request = try self.request()
            case 412: return .changed
            // The whole is there already: a server may say so to who asks for what follows.
            case 416 where count > 0 && count == total: return .complete
            default:
                return .status(
                    head.status, retryAfterSeconds: head.fields["retry-after"].flatMap { Int($0) })
            }
        }
        throw sourceError("more than \(Self.redirectsMax) redirects")
    }

    private func request() throws(AudioError) -> HTTPClient.Request {
        let made =
            address.scheme == .s3
            ? sources.store.request(for: address, region: region)
            : WebAddress(address.requestText).map { HTTPClient.Request(.get, $0) }
        guard var request = made else {
            throw AudioError(
                .audioUnsupportedLocation, address.text, "no request can be made of this address")
        }
        goOn(&request)
        return request
    }

    /// Asks for what is not there yet, of the same object.
    private func goOn(_ request: inout HTTPClient.Request) {
        guard count > 0, let tag else { return }
        request.fields += ["Range: bytes=\(count)-", "If-Match: \(tag)"]
    }

    /// Each step is judged as the first address was: a server that may be asked can lead anywhere.
    private func redirected(
        _ request: HTTPClient.Request, _ head: HTTPClient.Head
    ) throws(AudioError) -> HTTPClient.Request {
        guard let location = head.fields["location"] else {
            throw sourceError("the answer \(head.status) leads nowhere")
        }
        guard address.scheme != .s3, let next = request.address.following(location),
            let target = RemoteAddress(PathBytes(next.text)), sources.admits(target)
        else {
            let shown = RemoteAddress(PathBytes(location))?.text ?? "an address that is none"
            throw AudioError(
                .audioUnsupportedLocation, address.text,
                "it leads to \(shown), from where nothing may be fetched; allow that with "
                    + "--allow-source, too")
        }
        var request = HTTPClient.Request(.get, next)
        goOn(&request)
        return request
    }

    // MARK: Answers

    private func receive(_ head: HTTPClient.Head, _ bytes: UnsafeRawBufferPointer) -> Bool {
        progress?.step()
        guard head.status == 200 || head.status == 206 else { return true }
        do throws(AudioError) {
            if !hasBegun { try begin(head) }
            guard !isChanged else { return false }
            guard bytes.count <= SpooledFile.bytesMax - count else {
                throw AudioError(
                    .audioUnsupported, address.text,
                    "it has more than \(SpooledFile.bytesMax >> 30) GiB; split it, or copy it to a disk"
                )
            }
            try mapError({ sourceError("it cannot be kept: \($0); see TMPDIR") }) {
                () throws(SystemError) in try spool.write(bytes)
            }
            count += bytes.count
            return true
        } catch {
            failure = error
            return false
        }
    }

    /// The first bytes of an answer: of the whole object, or of what follows what is there.
    private func begin(_ head: HTTPClient.Head) throws(AudioError) {
        hasBegun = true
        if head.status == 206 {
            isChanged = head.fields["content-range"]?.hasPrefix("bytes \(count)-") != true
            return
        }
        if count > 0 { try restart() }
        tag = head.fields["etag"].flatMap { $0.hasPrefix("W/") ? nil : $0 }
        total = head.fields["content-length"].flatMap { Int($0) }
    }

    private func restart() throws(AudioError) {
        try mapError({ sourceError("it cannot be kept: \($0)") }) { () throws(SystemError) in
            try spool.restart()
        }
        count = 0
        total = nil
        tag = nil
    }

    // MARK: Errors

    private func error(of outcome: FetchRetries.Outcome) -> AudioError {
        switch outcome {
        case .complete: sourceError("")
        case .changed: sourceError("it changes while it is read")
        case .broken(let message): sourceError(message)
        case .status(404, _), .status(410, _):
            AudioError(.audioNotFound, address.text, "the server has no such object")
        case .status(401, _), .status(403, _):
            sourceError(
                address.scheme == .s3
                    ? "the store refuses it (403): see that the keys in the environment or in "
                        + "~/.aws/credentials may read it and have not expired, and that it exists"
                    : "the server refuses it; fetch the file, or use an address that carries its permission"
            )
        case .status(let status, _): sourceError("the server answers \(status)")
        }
    }

    /// Another try, or another machine, may do better.
    private func sourceError(_ detail: String) -> AudioError {
        AudioError(.quarantinedSource, address.text, "fetching failed: \(detail)", class: .source)
    }
}
