internal import AudioFormats
internal import Files
internal import HTTPTransfer
internal import SpeechTypes
internal import SystemErrors
internal import Threading

/// Where fetched bytes go.
protocol FetchSink: AnyObject {
    /// Appends bytes.
    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError)
    /// Forgets what was written.
    func restart() throws(SystemError)
    /// What it takes at most.
    var bytesLimit: Int { get }
}

extension SpooledFile: FetchSink {
    var bytesLimit: Int { Self.bytesMax }
}

/// A few bytes, in memory.
final class FetchedBytes: FetchSink {
    private(set) var bytes: [UInt8] = []
    let bytesLimit: Int

    init(bytesMax: Int = 1 << 26) { bytesLimit = bytesMax }

    func write(_ bytes: UnsafeRawBufferPointer) { self.bytes += bytes }
    func restart() { bytes = [] }
}

/// Fetches one object, or a part of it, going on where a broken transfer ended.
final class RemoteFetch {
    private let sources: RemoteSources.Access
    private let address: RemoteAddress
    private let sink: any FetchSink
    /// The bytes of the object that are wanted; nil for all.
    private let window: Range<Int>?
    private let progress: EngineProgress?

    /// Bytes that have come.
    private var count = 0
    /// What is to come in all; nil until a server said so, and where none does.
    private var total: Int?
    /// Names the object as it was when its first byte came.
    private(set) var tag: String?
    /// What all of the object has, where a server said so.
    private(set) var objectBytes: Int?
    /// When the object was made, in the server's words.
    private(set) var modified: String?
    /// What the server calls this state of the object; weak tags, which nothing can be asked by, among them.
    private var state: String?
    private var version: String?
    /// Where more of a list is, in the server's words.
    private(set) var link = ""
    /// Makes another request than that for the object.
    private let makeRequest: ((_ region: String?) -> HTTPClient.Request?)?
    /// It has to be the object that the caller knows.
    private let isTagGiven: Bool
    private var failure: AudioError?
    /// Of the answer that is being read.
    private var hasBegun = false
    private var isChanged = false
    private var region: String?
    /// Keys that were refused once were read again.
    private var hasRenewed = false

    private static let redirectsMax = 8
    private static let pauseStep: Duration = .seconds(1)

    /// - Parameters:
    ///   - window: the bytes of the object that are wanted, at least one; nil for all.
    ///   - tag: names the object as it has to be; nil where any will do.
    ///   - request: makes the request, for the region of a bucket; nil for that for the object.
    init(
        _ address: RemoteAddress, _ sources: RemoteSources.Access, _ sink: any FetchSink,
        window: Range<Int>? = nil, tag: String? = nil,
        request: ((_ region: String?) -> HTTPClient.Request?)? = nil, _ progress: EngineProgress?
    ) {
        makeRequest = request
        self.address = address
        self.sources = sources
        self.sink = sink
        self.window = window
        self.tag = tag
        isTagGiven = tag != nil
        self.progress = progress
    }

    /// Fetches it whole; of a part, what the object has of it.
    ///
    /// - Throws: `audio.not_found` if there is none, `audio.unsupported_location` if it leads where nothing may be
    ///   fetched, `audio.damaged` if the object ends before the part; of class `source` for everything that another
    ///   try may mend.
    func run() throws(AudioError) {
        guard let progress else { return try fetch() }
        try progress.during(.fetch) { () throws(AudioError) in try fetch() }
    }

    private func fetch() throws(AudioError) {
        let source = address.source
        var retries = FetchRetries()
        while true {
            let before = count
            let begun = MonotonicClock.milliseconds()
            let outcome = try ask()
            if let failure { throw failure }
            sources.paces.ended(
                Self.answer(outcome, gotBytes: count > before), of: source, begun: begun)
            let isAway = sources.paces.isAway(source)
            switch retries.step(after: outcome, gotBytes: count > before, isAway: isAway) {
            case .finish: return
            case .giveUp: throw error(of: outcome)
            case .again(let seconds, let fromStart):
                if fromStart { try restart() }
                // The thread has this row alone to do; each second tells the worker's watch that it is alive.
                for _ in 0..<seconds {
                    ThreadSleep.sleep(Self.pauseStep)
                    progress?.step()
                    if sources.paces.isAway(source) { throw error(of: outcome) }
                }
            }
        }
    }

    /// What a request says of its source.
    private static func answer(_ outcome: FetchRetries.Outcome, gotBytes: Bool) -> SourcePace.Answer
    {
        switch outcome {
        case .broken: gotBytes ? .came : .none
        case .status(let status, _): FetchRetries.mayPass(status) ? .busy : .came
        case .complete, .changed: .came
        }
    }

    // MARK: Requests

    private func ask() throws(AudioError) -> FetchRetries.Outcome {
        var store = sources.store
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
            // Keys that have expired are 400; others are 403, as is what no keys open.
            case 400 where mayRenew(store), 401 where mayRenew(store), 403 where mayRenew(store):
                hasRenewed = true
                store = sources.store
                request = try self.request()
            case 412: return .changed
            // The whole is there already: a server may say so to who asks for what follows.
            case 416 where count > 0 && count == total: return .complete
            case 416 where window != nil:
                throw AudioError(
                    .audioDamaged, address.text,
                    "it ends before byte \((window?.lowerBound ?? 0) + count), which was to be read"
                )
            default:
                return .status(
                    head.status, retryAfterSeconds: head.fields["retry-after"].flatMap { Int($0) })
            }
        }
        throw sourceError("more than \(Self.redirectsMax) redirects")
    }

    /// Whether there are other keys than those that a store refuses, for one more request.
    private func mayRenew(_ refused: ObjectStore) -> Bool {
        address.scheme == .s3 && !hasRenewed && sources.keys.areOthers(than: refused)
    }

    private func request() throws(AudioError) -> HTTPClient.Request {
        guard var request = makeRequest.map({ $0(region) }) ?? objectRequest() else {
            throw AudioError(
                .audioUnsupportedLocation, address.text, "no request can be made of this address")
        }
        goOn(&request)
        return request
    }

    private func objectRequest() -> HTTPClient.Request? {
        switch address.scheme {
        case .s3: sources.store.request(for: address, region: region)
        case .hf: sources.hub.request(for: address)
        case .http, .https:
            WebAddress(address.requestText).map { HTTPClient.Request(.get, $0) }
        }
    }

    /// Asks for what is not there yet, of the same object.
    private func goOn(_ request: inout HTTPClient.Request) {
        if let window {
            request.fields.append(
                "Range: bytes=\(window.lowerBound + count)-\(window.upperBound - 1)")
            if let tag, count > 0 || isTagGiven { request.fields.append("If-Match: \(tag)") }
        } else if count > 0, let tag {
            request.fields += ["Range: bytes=\(count)-", "If-Match: \(tag)"]
        }
    }

    /// Each step is judged as the first address was: a server that may be asked can lead anywhere.
    private func redirected(
        _ request: HTTPClient.Request, _ head: HTTPClient.Head
    ) throws(AudioError) -> HTTPClient.Request {
        guard let location = head.fields["location"] else {
            throw sourceError("the answer \(head.status) leads nowhere")
        }
        guard address.scheme != .s3, let next = request.address.following(location),
            mayFollow(next)
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

    /// Files of data sets are elsewhere, at hosts that change: the hub, which was allowed, may lead there.
    private func mayFollow(_ next: WebAddress) -> Bool {
        if address.scheme == .hf { return true }
        return RemoteAddress(PathBytes(next.text)).map { sources.admits($0) } ?? false
    }

    // MARK: Answers

    private func receive(_ head: HTTPClient.Head, _ bytes: UnsafeRawBufferPointer) -> Bool {
        progress?.step()
        guard head.status == 200 || head.status == 206 else { return true }
        do throws(AudioError) {
            if !hasBegun { try begin(head) }
            guard !isChanged else { return false }
            guard bytes.count <= sink.bytesLimit - count else {
                let bound =
                    sink.bytesLimit >= 1 << 30
                    ? "\(sink.bytesLimit >> 30) GiB; split it, or copy it to a disk"
                    : "\(sink.bytesLimit >> 20) MiB, which is too much for what was asked"
                throw AudioError(.audioUnsupported, address.text, "it has more than \(bound)")
            }
            try mapError({ sourceError("it cannot be kept: \($0); see TMPDIR") }) {
                () throws(SystemError) in try sink.write(bytes)
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
            let start = (window?.lowerBound ?? 0) + count
            let range = head.fields["content-range"] ?? ""
            isChanged = !range.hasPrefix("bytes \(start)-")
            if count == 0, !isChanged { learn(head, range) }
            return
        }
        if count > 0 { try restart() }
        let length = head.fields["content-length"].flatMap { Int($0) }
        if let window {
            // All of it was sent, which will do if that is what was wanted.
            guard window.lowerBound == 0, let length, length <= window.upperBound else {
                throw AudioError(
                    .audioUnsupportedLocation, address.text,
                    "its server sends no parts of files (Range), so that members of archives cannot be read "
                        + "there; fetch the archive")
            }
        }
        learn(head, "")
        total = length
        objectBytes = length
    }

    /// What an answer says of the object that begins with it.
    private func learn(_ head: HTTPClient.Head, _ contentRange: String) {
        if !isTagGiven { tag = head.fields["etag"].flatMap { $0.hasPrefix("W/") ? nil : $0 } }
        state = head.fields["etag"]
        version = head.fields["x-amz-version-id"]
        modified = head.fields["last-modified"]
        link = head.fields["link"] ?? ""
        guard let window, let slash = contentRange.lastIndex(of: "/"),
            let all = Int(contentRange[contentRange.index(after: slash)...])
        else { return }
        objectBytes = all
        total = max(0, min(all, window.upperBound) - window.lowerBound)
    }

    private func restart() throws(AudioError) {
        try mapError({ sourceError("it cannot be kept: \($0)") }) { () throws(SystemError) in
            try sink.restart()
        }
        count = 0
        total = nil
        if !isTagGiven { tag = nil }
    }

    /// Tells the object, as it was fetched, from what it is at another time: its length, ETag and version.
    var identity: String {
        var parts = objectBytes.map { ["\($0) bytes"] } ?? []
        if let state {
            parts.append("etag \(state)")
        } else if let modified {
            parts.append("of \(modified)")
        }
        if let version, version != "null" { parts.append("version \(version)") }
        // What a server says stands in files and on terminals.
        let plain = parts.joined(separator: ", ").unicodeScalars.filter {
            (0x20...0x7E).contains($0.value)
        }
        return String(String.UnicodeScalarView(plain.prefix(Self.identityMax)))
    }

    private static let identityMax = 200

    // MARK: Errors

    private func error(of outcome: FetchRetries.Outcome) -> AudioError {
        switch outcome {
        case .complete: sourceError("")
        case .changed: sourceError("it changes while it is read")
        case .broken(let message): sourceError(message)
        case .status(404, _), .status(410, _):
            AudioError(.audioNotFound, address.text, "the server has no such object")
        case .status(let status, _)
        where status == 401 || status == 403 || status == 400 && address.scheme == .s3:
            sourceError(
                address.scheme == .s3
                    ? "the store refuses it (\(status)): "
                        + sources.store.remedy(
                            to: "may read it and have not expired, and that it exists")
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
