internal import Digests
internal import Files
internal import Glibc
internal import HTTPTransfer
internal import SpeechTypes
internal import StrictJSON

/// Keys of an object store that a service lends for some hours: those of a pod's or machine's role, and of single
/// sign-on.
///
/// In the order of AWS's own tools, after keys that stand in the environment or in files: the role of a token
/// (`AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`, as Kubernetes sets them), the profile's single sign-on (`aws sso
/// login` has left a token below `~/.aws/sso/cache`), the container's role
/// (`AWS_CONTAINER_CREDENTIALS_FULL_URI`, `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`), the machine's role (version 2 of
/// the metadata service, unless `AWS_EC2_METADATA_DISABLED` is `true`). The first that is set up is asked, and no other.
struct LentKeys {
    /// What this process knows, and how a service is asked.
    struct Surroundings {
        /// The value of a variable of the environment; nil where there is none.
        var variable: (String) -> String?
        /// The text of a file; nil where it cannot be read.
        var file: (String) -> String?
        /// The paths of the files in a folder.
        var files: (String) -> [String]
        /// The profile's section of the file of settings, and that of a name.
        var profile: [String: String]
        var section: (String) -> [String: String]
        /// The answer to a request, or why there is none.
        var ask: (HTTPClient.Request) -> Result<Answer, Failure>
    }

    struct Answer {
        let status: Int
        let body: [UInt8]
    }

    /// Why nothing was lent, for people.
    struct Failure: Error, Equatable {
        let sentence: String
    }

    let surroundings: Surroundings
    let region: String

    /// What containers may be sent to: the machine itself, and the two addresses of ECS and EKS.
    private static let containerHosts: Set = [
        "127.0.0.1", "localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]",
    ]
    private static let metadataSeconds = 21_600

    /// The store with keys that were lent; without them, and with the reason, where none were.
    func lent(to store: ObjectStore) -> ObjectStore {
        var store = store
        do throws(Failure) {
            guard let keys = try keysOfFirst() else {
                throw Failure(
                    sentence: "AWS_EC2_METADATA_DISABLED is true, and nothing else is set up")
            }
            store.accessKey = keys.access
            store.secretKey = keys.secret
            store.sessionToken = keys.session
        } catch {
            store.lendingFailure = error.sentence
        }
        return store
    }

    private typealias Keys = (access: String, secret: String, session: String)

    /// Nil where nothing is set up.
    private func keysOfFirst() throws(Failure) -> Keys? {
        if let keys = try ofToken() { return keys }
        if let keys = try ofSignOn() { return keys }
        if let keys = try ofContainer() { return keys }
        return try ofMachine()
    }

    // MARK: The four services

    /// `AssumeRoleWithWebIdentity` of AWS's Security Token Service.
    private func ofToken() throws(Failure) -> Keys? {
        guard let path = value("AWS_WEB_IDENTITY_TOKEN_FILE"), let role = value("AWS_ROLE_ARN")
        else { return nil }
        guard let token = surroundings.file(path) else {
            throw Failure(sentence: "AWS_WEB_IDENTITY_TOKEN_FILE cannot be read: \(path)")
        }
        let session = value("AWS_ROLE_SESSION_NAME") ?? "scriptorium"
        let query = [
            ("Action", "AssumeRoleWithWebIdentity"), ("RoleArn", role),
            ("RoleSessionName", session), ("Version", "2011-06-15"),
            ("WebIdentityToken", Self.firstLine(token)),
        ].map { "\($0)=\(PercentEncoding.ofValue($1.utf8))" }.joined(separator: "&")
        let base = value("AWS_ENDPOINT_URL_STS") ?? "https://sts.\(region).\(domain)"
        let body = try answer(of: "the token service", .get, "\(base)/?\(query)")
        var fields = MarkupFields(body)
        var found: [String: String] = [:]
        while let field = fields.next() {
            if field.parent == "Credentials" { found[field.name] = field.text }
        }
        guard let access = found["AccessKeyId"], let secret = found["SecretAccessKey"],
            let sessionToken = found["SessionToken"]
        else { throw Failure(sentence: "the token service's answer has no keys") }
        return (access, secret, sessionToken)
    }

    /// `GetRoleCredentials` of AWS's single sign-on, with the token of `aws sso login`.
    private func ofSignOn() throws(Failure) -> Keys? {
        let profile = surroundings.profile
        guard let account = profile["sso_account_id"], let role = profile["sso_role_name"] else {
            return nil
        }
        let session = profile["sso_session"].map { surroundings.section("sso-session \($0)") }
        guard let start = session?["sso_start_url"] ?? profile["sso_start_url"],
            let region = session?["sso_region"] ?? profile["sso_region"]
        else {
            throw Failure(sentence: "the profile's single sign-on has no start address or region")
        }
        let folder = "\(value("HOME") ?? "")/.aws/sso/cache"
        // Tokens of former sign-ons stay there: the one that lasts longest is of the last.
        var latest: (token: String, expiry: String)?
        for path in surroundings.files(folder).sorted() where path.hasSuffix(".json") {
            guard let text = surroundings.file(path),
                let object = try? JSONParser.parse(Array(text.utf8)).object,
                object["startUrl"]?.string == start, let token = object["accessToken"]?.string
            else { continue }
            // All of one form, whose order is that of time (2026-11-30T20:00:00Z).
            let expiry = object["expiresAt"]?.string ?? ""
            if latest.map({ $0.expiry < expiry }) ?? true { latest = (token, expiry) }
        }
        guard let token = latest?.token else {
            throw Failure(sentence: "nobody has signed on to \(start): run aws sso login")
        }
        let query =
            "account_id=\(PercentEncoding.ofValue(account.utf8))"
            + "&role_name=\(PercentEncoding.ofValue(role.utf8))"
        let base = value("AWS_ENDPOINT_URL_SSO") ?? "https://portal.sso.\(region).amazonaws.com"
        let body = try answer(
            of: "single sign-on", .get, "\(base)/federation/credentials?\(query)",
            ["x-amz-sso_bearer_token: \(Self.firstLine(token))"])
        return try keys(
            in: (try? JSONParser.parse(body).object)?["roleCredentials"]?.object,
            names: ("accessKeyId", "secretAccessKey", "sessionToken"), of: "single sign-on")
    }

    /// The role of a container of ECS, or of a pod of EKS.
    private func ofContainer() throws(Failure) -> Keys? {
        let text: String
        if let relative = value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            text = "http://169.254.170.2\(relative)"
        } else if let full = value("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            text = full
        } else {
            return nil
        }
        guard let address = WebAddress(text),
            address.origin.hasPrefix("https://")
                || Self.containerHosts.contains(where: { host in
                    address.origin == "http://\(host)"
                        || address.origin.hasPrefix("http://\(host):")
                })
        else {
            throw Failure(
                sentence:
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of this machine"
            )
        }
        var fields: [String] = []
        let tokenFile = value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        if let token = tokenFile.flatMap({ surroundings.file($0) })
            ?? value("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        {
            fields.append("Authorization: \(Self.firstLine(token))")
        }
        let body = try answer(of: "the container's role", .get, text, fields)
        return try keys(
            in: try? JSONParser.parse(body).object,
            names: ("AccessKeyId", "SecretAccessKey", "Token"), of: "the container's role")
    }

    /// The role of a machine of EC2.
    private func ofMachine() throws(Failure) -> Keys? {
        guard value("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" else { return nil }
        let service = "the machine's metadata service"
        let base = value("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254"
        let token = try answer(
            of: service, .put, "\(base)/latest/api/token",
            ["X-aws-ec2-metadata-token-ttl-seconds: \(Self.metadataSeconds)"])
        let fields = [
            "X-aws-ec2-metadata-token: \(Self.firstLine(String(decoding: token, as: UTF8.self)))"
        ]
        let roles = "\(base)/latest/meta-data/iam/security-credentials/"
        let role = Self.firstLine(
            String(decoding: try answer(of: service, .get, roles, fields), as: UTF8.self))
        let body = try answer(
            of: service, .get, roles + PercentEncoding.ofValue(role.utf8), fields)
        return try keys(
            in: try? JSONParser.parse(body).object,
            names: ("AccessKeyId", "SecretAccessKey", "Token"), of: service)
    }

    // MARK: Their parts

    private func value(_ name: String) -> String? {
        surroundings.variable(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    private var domain: String {
        region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    }

    /// What may stand in a header: a token's file often ends with a line end.
    private static func firstLine(_ text: String) -> String {
        var line = text.prefix { !$0.isNewline }
        while line.last?.isWhitespace == true { line.removeLast() }
        return String(line)
    }

    private func answer(
        of service: String, _ method: HTTPClient.Method, _ address: String, _ fields: [String] = []
    ) throws(Failure) -> [UInt8] {
        guard let address = WebAddress(address) else {
            throw Failure(sentence: "the address of \(service) is none")
        }
        let answer = try surroundings.ask(HTTPClient.Request(method, address, fields: fields)).get()
        guard answer.status == 200 else {
            throw Failure(sentence: "\(service) answers \(answer.status)")
        }
        return answer.body
    }

    private func keys(
        in object: JSONObject?, names: (access: String, secret: String, session: String),
        of service: String
    ) throws(Failure) -> Keys {
        guard let object, let access = object[names.access]?.string,
            let secret = object[names.secret]?.string, !access.isEmpty, !secret.isEmpty
        else { throw Failure(sentence: "the answer of \(service) has no keys") }
        return (access, secret, object[names.session]?.string ?? "")
    }
}

extension LentKeys {
    private static let (connectSeconds, stallSeconds, answerBytesMax) = (5, 20, 1 << 16)

    /// Asks a service over the network.
    static func ask(_ request: HTTPClient.Request) -> Result<Answer, Failure> {
        let client = HTTPClient(connectSeconds: connectSeconds, stallSeconds: stallSeconds)
        var body: [UInt8] = []
        do throws(HTTPClient.Failure) {
            let head = try client.perform(request) { _, bytes in
                guard bytes.count <= answerBytesMax - body.count else { return false }
                body += bytes
                return true
            }
            return .success(Answer(status: head.status, body: body))
        } catch {
            // The query may hold a token.
            return .failure(Failure(sentence: "\(request.address.origin): \(error.message)"))
        }
    }
}
