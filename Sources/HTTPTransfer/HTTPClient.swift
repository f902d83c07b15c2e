internal import CCurl
internal import Threading

/// Sends requests and reads answers, on the thread that asks; the only importer of libcurl.
///
/// Connections are kept and used again, by whichever thread asks next.
package final class HTTPClient: Sendable {
    package enum Method: Sendable {
        case get
        case head
        case put
        case post
        case delete

        /// The word for a method that sends a body or removes something; nil for the others, which libcurl knows.
        fileprivate var verb: String? {
            switch self {
            case .get, .head: nil
            case .put: "PUT"
            case .post: "POST"
            case .delete: "DELETE"
            }
        }
    }

    /// The head of an answer.
    package struct Head: Sendable {
        package var status = 0
        /// By lower-case name; the last one counts.
        package var fields: [String: String] = [:]
    }

    /// Why there is no answer.
    package struct Failure: Error {
        package let message: String
        /// The address leads to this machine or its link, which this client does not ask.
        package let isNear: Bool

        package init(message: String, isNear: Bool = false) {
            self.message = message
            self.isNear = isNear
        }
    }

    /// Who asks an object store, in signature version 4 of AWS.
    package struct Signing: Hashable, Sendable {
        package let region: String
        package let accessKey: String
        package let secretKey: String

        package init(region: String, accessKey: String, secretKey: String) {
            self.region = region
            self.accessKey = accessKey
            self.secretKey = secretKey
        }
    }

    /// What is asked.
    package struct Request: Sendable {
        package var method: Method
        package var address: WebAddress
        /// Header lines, `Name: value`.
        package var fields: [String]
        package var signing: Signing?
        /// What is sent with it, by methods that send something.
        package var body: [UInt8] = []

        package init(_ method: Method, _ address: WebAddress, fields: [String] = []) {
            self.method = method
            self.address = address
            self.fields = fields
        }
    }

    /// A handle of libcurl's, with its connections.
    ///
    /// Sendable without the compiler's check: whoever takes it out of the list has it alone.
    private struct Handle: @unchecked Sendable {
        let pointer: UnsafeMutableRawPointer
    }

    private let connectSeconds: Int
    private let stallSeconds: Int
    private let reachesNear: Bool
    private let idle = Guarded<[Handle]>([])

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    private static let idleMax = 32

    /// - Parameters:
    ///   - stallSeconds: a transfer that stays below 1 KiB/s for this long is given up.
    ///   - reachesNear: whether this machine and its link may be asked, by whatever name.
    package init(connectSeconds: Int, stallSeconds: Int, reachesNear: Bool = true) {
        self.reachesNear = reachesNear
        self.connectSeconds = connectSeconds
        self.stallSeconds = stallSeconds
    }

    deinit {
        for handle in idle.withLock({ $0 }) { curl_easy_cleanup(handle.pointer) }
    }

    /// Sends a request, follows nothing, and hands the body on piece by piece.
    ///
    /// - Parameter receive: gets the head and the next piece of body; false ends the transfer.
    package func perform(
        _ request: Request, receive: @escaping (Head, UnsafeRawBufferPointer) -> Bool
    ) throws(Failure) -> Head {
        guard Self.isReady,
            let handle = idle.withLock({ $0.popLast() })?.pointer ?? curl_easy_init()
        else { throw Failure(message: "libcurl cannot be started") }
        defer { putBack(handle) }
        var list: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(list) }
        var fields = request.fields + ["Accept-Encoding: identity", "User-Agent: scriptorium"]
        // Not as a form of a web page. Only what is sent may stand here: all of it is signed.
        if request.method.verb != nil { fields.append("Content-Type: application/octet-stream") }
        for field in fields {
            list = curl_slist_append(list, field)
        }
        let transfer = Transfer(receive: receive)
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        var settings = [
            scriptorium_curl_set_string(handle, CURLOPT_URL, request.address.text),
            scriptorium_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
            // Names of objects may hold steps like `..`, which mean themselves.
            scriptorium_curl_set_long(handle, CURLOPT_PATH_AS_IS, 1),
            scriptorium_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0),
            scriptorium_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
            scriptorium_curl_set_long(
                handle, CURLOPT_NOBODY, request.method == .head ? 1 : 0),
            scriptorium_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, connectSeconds),
            scriptorium_curl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1_024),
            scriptorium_curl_set_long(handle, CURLOPT_LOW_SPEED_TIME, stallSeconds),
            scriptorium_curl_set_headers(handle, list),
            scriptorium_curl_set_pointer(handle, CURLOPT_HEADERDATA, context),
            scriptorium_curl_set_write(handle, CURLOPT_HEADERFUNCTION) {
                bytes, size, count, context in
                Transfer.from(context)?.takeHeader(bytes, size * count) ?? 0
            },
            scriptorium_curl_set_pointer(handle, CURLOPT_WRITEDATA, context),
            scriptorium_curl_set_write(handle, CURLOPT_WRITEFUNCTION) {
                bytes, size, count, context in
                Transfer.from(context)?.takeBody(bytes, size * count) ?? 0
            },
        ]
        let wasNear = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
        wasNear.initialize(to: 0)
        defer { wasNear.deallocate() }
        if !reachesNear { settings.append(scriptorium_curl_refuse_near(handle, wasNear)) }
        if let signing = request.signing {
            settings += [
                scriptorium_curl_set_string(
                    handle, CURLOPT_AWS_SIGV4, "aws:amz:\(signing.region):s3"),
                scriptorium_curl_set_string(handle, CURLOPT_USERNAME, signing.accessKey),
                scriptorium_curl_set_string(handle, CURLOPT_PASSWORD, signing.secretKey),
            ]
        }
        if let verb = request.method.verb {
            settings += [
                scriptorium_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, verb),
                // Few servers say that they want a body, which libcurl would wait a second for.
                scriptorium_curl_set_long(handle, CURLOPT_EXPECT_100_TIMEOUT_MS, 1),
            ]
        }
        // An array without bytes may have no address, which libcurl would take for a body that it is to ask for.
        var body = request.body.isEmpty ? [0] : request.body
        let code = body.withUnsafeMutableBytes { bytes in
            if request.method.verb != nil {
                settings += [
                    scriptorium_curl_set_offset(
                        handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)),
                    scriptorium_curl_set_pointer(handle, CURLOPT_POSTFIELDS, bytes.baseAddress),
                ]
            }
            return settings.allSatisfy({ $0 == CURLE_OK }) ? curl_easy_perform(handle) : nil
        }
        withExtendedLifetime(transfer) {}
        guard let code else { throw Failure(message: "libcurl refuses a setting") }
        guard code == CURLE_OK else {
            throw Failure(
                message: String(cString: curl_easy_strerror(code)), isNear: wasNear.pointee != 0)
        }
        return transfer.head
    }

    /// Keeps the connections, and forgets what was asked.
    private func putBack(_ handle: UnsafeMutableRawPointer) {
        curl_easy_reset(handle)
        let kept = Handle(pointer: handle)
        let isKept = idle.withLock { idle in
            guard idle.count < Self.idleMax else { return false }
            idle.append(kept)
            return true
        }
        if !isKept { curl_easy_cleanup(handle) }
    }

    /// What libcurl's callbacks fill while a request runs, on the thread that runs it.
    private final class Transfer {
        var head = Head()
        private let receive: (Head, UnsafeRawBufferPointer) -> Bool

        private static let fieldsMax = 200

        init(receive: @escaping (Head, UnsafeRawBufferPointer) -> Bool) {
            self.receive = receive
        }

        static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
            context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
        }

        func takeHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
            let line = String(
                decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self
            ).trimmingLineEnd()
            if line.hasPrefix("HTTP/") {
                // Another head follows an interim answer (100 Continue).
                head = Head(
                    status: line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
            } else if let colon = line.firstIndex(of: ":"), head.fields.count < Self.fieldsMax {
                let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
                head.fields[line[..<colon].lowercased()] = String(value)
            }
            return count
        }

        func takeBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
            receive(head, UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
        }
    }
}

extension String {
    fileprivate func trimmingLineEnd() -> String {
        var scalars = unicodeScalars
        while let last = scalars.last, last == "\r" || last == "\n" || last == " " {
            scalars.removeLast()
        }
        return String(scalars)
    }
}
