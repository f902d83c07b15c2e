internal import CCurl

/// One request and its answer's head; the only importer of libcurl.
struct HTTPClient {
    enum Method {
        case get
        case head
    }

    /// The head of an answer.
    struct Head: Sendable {
        var status = 0
        /// By lower-case name; the last one counts.
        var fields: [String: String] = [:]
    }

    /// Why there is no answer.
    struct Failure: Error {
        let message: String
    }

    let connectSeconds: Int
    let stallSeconds: Int

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Sends a request, follows nothing, and hands the body on piece by piece.
    ///
    /// - Parameters:
    ///   - fields: header lines, `Name: value`.
    ///   - receive: gets the head and the next piece of body; false ends the transfer.
    func perform(
        _ method: Method, _ address: WebAddress, fields: [String],
        receive: @escaping (Head, UnsafeRawBufferPointer) -> Bool
    ) throws(Failure) -> Head {
        guard Self.isReady, let handle = curl_easy_init() else {
            throw Failure(message: "libcurl cannot be started")
        }
        defer { curl_easy_cleanup(handle) }
        var list: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(list) }
        for field in fields + ["Accept-Encoding: identity", "User-Agent: scriptorium"] {
            list = curl_slist_append(list, field)
        }
        let transfer = Transfer(receive: receive)
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        let settings = [
            scriptorium_curl_set_string(handle, CURLOPT_URL, address.text),
            scriptorium_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
            scriptorium_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0),
            scriptorium_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
            scriptorium_curl_set_long(handle, CURLOPT_NOBODY, method == .head ? 1 : 0),
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
        guard settings.allSatisfy({ $0 == CURLE_OK }) else {
            throw Failure(message: "libcurl refuses a setting")
        }
        let code = curl_easy_perform(handle)
        withExtendedLifetime(transfer) {}
        guard code == CURLE_OK else {
            throw Failure(message: String(cString: curl_easy_strerror(code)))
        }
        return transfer.head
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
