internal import Digests
internal import Glibc
package import Processes
internal import SystemErrors

/// Who may see what a process tells of its job: programs of this machine, or whoever has the token.
///
/// A browser is a program of this machine that runs pages of strangers. They cannot read answers of another
/// origin, unless a name of theirs leads here (DNS rebinding): so the name under which this machine
/// was asked is looked at, and requests that come from other origins are refused.
package struct HTTPAccess: Sendable {
    private let isLoopback: Bool
    /// The token's digest: the time that comparing digests takes tells nothing of the token.
    private let token: ContentDigest?

    private static let tokenBytes = 16...1_024

    /// - Parameter tokenFile: a file that has the token in its one line; nil for none, with which an address
    ///   that other machines reach shows nothing.
    /// - Throws: `usage` for a file that cannot be read or has no such token.
    package init(_ address: HTTPAddress, tokenFile: String?) throws(RuntimeError) {
        isLoopback = address.host.hasPrefix("127.") || address.host == "::1"
        guard let tokenFile else {
            token = nil
            return
        }
        token = SHA256Hasher.digest(of: try Self.token(in: tokenFile))
    }

    private static func token(in path: String) throws(RuntimeError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw RuntimeError(.usage, "--http-token \(path): \(SystemError.last)")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: tokenBytes.upperBound + 2)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else {
            throw RuntimeError(.usage, "--http-token \(path): \(SystemError.last)")
        }
        let isBlank: (UInt8) -> Bool = { $0 == 0x0A || $0 == 0x0D || $0 == 0x20 }
        let line = bytes.prefix(count).drop(while: isBlank)
        let end = line.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? line.startIndex
        let token = Array(line[..<end])
        guard tokenBytes.contains(token.count), token.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw RuntimeError(
                .usage,
                "--http-token \(path): a token is one line of \(tokenBytes.lowerBound) to "
                    + "\(tokenBytes.upperBound) visible ASCII characters; head -c 32 /dev/urandom | "
                    + "base64 > \(path) makes one")
        }
        return token
    }

    /// Why a request is not answered; nil for one that is.
    package func refusal(of request: HTTPRequest) -> HTTPReply? {
        let host = request.fields["host"] ?? ""
        if let origin = request.fields["origin"], origin != "http://\(host)",
            origin != "https://\(host)"
        {
            return HTTPReply(403, "pages of other origins are not answered\n")
        }
        if let token {
            let words = (request.fields["authorization"] ?? "").split(separator: " ")
            if words.count == 2, words[0].lowercased() == "bearer",
                SHA256Hasher.digest(of: Array(words[1].utf8)) == token
            {
                return nil
            }
            var reply = HTTPReply(
                401, "give the token of --http-token: Authorization: Bearer TOKEN\n")
            reply.fields["WWW-Authenticate"] = "Bearer"
            return reply
        }
        guard isLoopback else {
            return HTTPReply(
                403,
                "to be seen from other machines, the job's --http needs --http-token FILE\n")
        }
        return Self.isThisMachine(host)
            ? nil
            : HTTPReply(403, "ask for localhost: \(host.prefix(100)) is not this machine's name\n")
    }

    /// Whether a name, with or without a port, can lead to this machine alone.
    private static func isThisMachine(_ host: String) -> Bool {
        let name: Substring
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            name = host[...end]
        } else {
            name = host.prefix { $0 != ":" }
        }
        return ["localhost", "[::1]"].contains(name.lowercased()) || isLoopbackNumber(name)
    }

    private static func isLoopbackNumber(_ name: Substring) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, String(name), &address) == 1 && name.hasPrefix("127.")
    }
}
