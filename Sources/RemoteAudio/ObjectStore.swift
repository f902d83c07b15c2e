internal import Digests
internal import Files
internal import Glibc
internal import HTTPTransfer
internal import SpeechTypes

/// Where objects of `s3://` addresses are, and who asks for them: what AWS's own tools read.
///
/// From the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`,
/// `AWS_DEFAULT_REGION`, `AWS_PROFILE`, `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`), then from the files that
/// `aws configure` writes (`AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`; `AWS_CONFIG_FILE`, else
/// `~/.aws/config`). `AWS_REQUEST_PAYER`, which is GDAL's variable, says who pays. Without keys requests are not signed, as public buckets want it.
package struct ObjectStore: Hashable, Sendable {
    package var accessKey = ""
    package var secretKey = ""
    package var sessionToken = ""
    package var region = "us-east-1"
    /// A store's own address, without a slash at the end; nil for AWS.
    package var endpoint: String?
    /// Whether that store wants the bucket in the name of the host, not in the path.
    package var namesBucketInHost = false
    /// Whether whoever asks pays for what is sent, as some buckets demand.
    package var paysForRequests = false
    /// Why no service lent keys, where they were asked to; empty else.
    var lendingFailure = ""

    package init() {}

    /// The store of this process's environment and its user's files.
    ///
    /// - Parameter asksForKeys: whether services that lend keys are asked where there are none.
    package static func ofEnvironment(asksForKeys: Bool = false) -> ObjectStore {
        let store = ObjectStore(variable: variable, file: file)
        guard asksForKeys, store.accessKey.isEmpty else { return store }
        let config = settings(variable, file)
        let lender = LentKeys(
            surroundings: LentKeys.Surroundings(
                variable: variable, file: file, files: files,
                profile: config.section(profileSection(variable)),
                section: { config.section($0) }, ask: LentKeys.ask),
            region: store.region)
        return lender.lent(to: store)
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func file(_ path: String) -> String? {
        let bytes = try? OpenFile(PathBytes(path)).contents(bytesMax: profileBytesMax)
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func files(_ folder: String) -> [String] {
        ((try? FolderListing.names(in: folder, countMax: 10_000)) ?? []).map { "\(folder)/\($0)" }
    }

    /// What `aws configure` and `aws configure sso` write.
    private static func settings(
        _ variable: (String) -> String?, _ file: (String) -> String?
    ) -> ProfileFile {
        let named = variable("AWS_CONFIG_FILE").flatMap { $0.isEmpty ? nil : $0 }
        return ProfileFile(file(named ?? "\(variable("HOME") ?? "")/.aws/config") ?? "")
    }

    private static func profileSection(_ variable: (String) -> String?) -> String {
        let name = variable("AWS_PROFILE").flatMap { $0.isEmpty ? nil : $0 } ?? "default"
        return name == "default" ? name : "profile \(name)"
    }

    /// Of a file of keys or settings.
    private static let profileBytesMax = 1 << 20

    /// - Parameters:
    ///   - variable: the value of a variable of the environment; nil where there is none.
    ///   - file: the text of a file; nil where it cannot be read.
    package init(
        variable: (String) -> String?, file: (String) -> String?
    ) {
        func value(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
        let home = value("HOME") ?? ""
        let profile = value("AWS_PROFILE") ?? "default"
        let credentials = ProfileFile(
            file(value("AWS_SHARED_CREDENTIALS_FILE") ?? "\(home)/.aws/credentials") ?? ""
        )
        .section(profile)
        let config = Self.settings(variable, file).section(Self.profileSection(variable))
        if let key = value("AWS_ACCESS_KEY_ID") {
            accessKey = key
            secretKey = value("AWS_SECRET_ACCESS_KEY") ?? ""
            sessionToken = value("AWS_SESSION_TOKEN") ?? ""
        } else {
            let found = credentials["aws_access_key_id"] == nil ? config : credentials
            accessKey = found["aws_access_key_id"] ?? ""
            secretKey = found["aws_secret_access_key"] ?? ""
            sessionToken = found["aws_session_token"] ?? ""
        }
        region =
            value("AWS_REGION") ?? value("AWS_DEFAULT_REGION") ?? config["region"] ?? "us-east-1"
        endpoint =
            value("AWS_ENDPOINT_URL_S3") ?? value("AWS_ENDPOINT_URL") ?? config["endpoint_url"]
        while endpoint?.hasSuffix("/") == true { endpoint?.removeLast() }
        namesBucketInHost = config["s3.addressing_style"]?.lowercased() == "virtual"
        paysForRequests = value("AWS_REQUEST_PAYER")?.lowercased() == "requester"
    }

    /// What to look at where the store refuses somebody to do something.
    func remedy(to purpose: String) -> String {
        guard lendingFailure.isEmpty else { return "no keys were lent: \(lendingFailure)" }
        let roles =
            accessKey.isEmpty
            ? " (there are none; roles and single sign-on are asked with --allow-metadata-endpoint)"
            : ""
        return "see that the keys in the environment or in ~/.aws/credentials\(roles) \(purpose)"
    }

    /// The request for an object; nil if the endpoint is no address.
    ///
    /// Buckets of AWS are named in the host, where their name can stand in one; all others in the path.
    ///
    /// - Parameter region: where the store said that the bucket is; nil for the usual one.
    func request(for address: RemoteAddress, region: String? = nil) -> HTTPClient.Request? {
        request(
            address.authority, PercentEncoding.ofKey(address.key),
            query: address.version.map { "versionId=\($0)" }, region: region)
    }

    /// The request for a page of the keys that begin as an address's does, in their order.
    ///
    /// - Parameter token: what the page before said of the next one; nil for the first.
    func listRequest(
        of address: RemoteAddress, after token: String?, region: String?
    ) -> HTTPClient.Request? {
        // In the order of names, as it is signed.
        var query = token.map { "continuation-token=\(PercentEncoding.ofValue($0.utf8))&" } ?? ""
        query += "encoding-type=url&list-type=2&max-keys=1000"
        query += "&prefix=\(PercentEncoding.ofValue(address.key))"
        return request(address.authority, "", query: query, region: region)
    }

    /// A request that writes an object, or does a step of that.
    ///
    /// - Parameter query: in the order of names.
    func writeRequest(
        _ method: HTTPClient.Method, _ address: RemoteAddress, query: String? = nil,
        body: [UInt8] = [], region: String?
    ) -> HTTPClient.Request? {
        var request = request(
            address.authority, PercentEncoding.ofKey(address.key), query: query, region: region)
        request?.method = method
        request?.body = body
        if !body.isEmpty {
            var hasher = MD5Hasher()
            body.withUnsafeBytes { hasher.update($0) }
            request?.fields.append("Content-MD5: \(Base64.text(hasher.finalize()))")
        }
        return request
    }

    /// - Parameters:
    ///   - key: as it stands in an address.
    private func request(
        _ bucket: String, _ key: String, query: String? = nil, region: String?
    ) -> HTTPClient.Request? {
        let region = region ?? self.region
        var text: String
        if let endpoint {
            if namesBucketInHost, let mark = endpoint.firstRange(of: "://") {
                let (scheme, host) = (endpoint[..<mark.upperBound], endpoint[mark.upperBound...])
                text = "\(scheme)\(bucket).\(host)/\(key)"
            } else {
                text = "\(endpoint)/\(bucket)/\(key)"
            }
        } else {
            let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
            text =
                bucket.contains(".")
                ? "https://s3.\(region).\(domain)/\(bucket)/\(key)"
                : "https://\(bucket).s3.\(region).\(domain)/\(key)"
        }
        if let query { text += "?\(query)" }
        guard let web = WebAddress(text) else { return nil }
        var request = HTTPClient.Request(.get, web)
        if !accessKey.isEmpty {
            // Stores want it said that the body, which is empty, is not signed.
            request.fields.append("x-amz-content-sha256: UNSIGNED-PAYLOAD")
            if paysForRequests { request.fields.append("x-amz-request-payer: requester") }
            if !sessionToken.isEmpty {
                request.fields.append("x-amz-security-token: \(sessionToken)")
            }
            request.signing = HTTPClient.Signing(
                region: region, accessKey: accessKey, secretKey: secretKey)
        }
        return request
    }
}
