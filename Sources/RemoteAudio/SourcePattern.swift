internal import Manifests
package import SpeechTypes

/// Which addresses may be fetched: `s3://bucket/talks/`, `https://*.example.org/`, `s3://*`.
///
/// The authority is a host (with its port, if it has one) or a bucket, `*` for any, or `*.DOMAIN` for every
/// host below a domain. The path is where addresses must begin; it ends with a slash unless it is one whole address.
package struct SourcePattern: Hashable, Sendable {
    /// As it is written in options and identities.
    package let text: String
    private let scheme: RemoteAddress.Scheme
    private let authority: String
    private let path: [UInt8]

    /// Nil if `text` is no pattern.
    package init?(_ text: String) {
        let bytes = PathBytes(text)
        // A space separates patterns in identities.
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), text.utf8.count <= 1_024,
            let scheme = AudioLocation.scheme(of: bytes).flatMap({
                RemoteAddress.Scheme(rawValue: $0)
            })
        else { return nil }
        let rest = bytes.bytes.dropFirst(scheme.rawValue.utf8.count + "://".utf8.count)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") }
        let path = Array(rest.dropFirst(authority.count))
        let domain = authority.starts(with: "*.".utf8) ? authority.dropFirst(2) : authority
        let isAny = authority.elementsEqual("*".utf8)
        guard !domain.isEmpty, isAny || !domain.contains(where: { "*?#@".utf8.contains($0) }),
            scheme != .s3 || isAny || domain.count == authority.count
        else { return nil }
        self.text = text
        self.scheme = scheme
        self.authority = String(decoding: authority, as: UTF8.self).lowercased()
        self.path = path.isEmpty ? Array("/".utf8) : path
    }

    /// What an input on a command line allows by being there.
    ///
    /// That is itself, what is below it if it ends with a slash, and of names with a range in them what is in the same
    /// folder. Nil for an input that is no address.
    package init?(input: PathBytes) {
        guard let address = RemoteAddress(input), input.isText else { return nil }
        let text = input.text
        if address.isFolder {
            self.init(text.hasSuffix("/") ? text : text + "/")
        } else if text.contains("{") || text.contains("_OP_") {
            self.init(String(text[...(text.lastIndex(of: "/") ?? text.startIndex)]))
        } else {
            self.init(text)
        }
    }

    /// Whether an address may be fetched.
    ///
    /// Where only a part of a site may be, no address with steps like `..` is taken for being there.
    package func admits(_ address: RemoteAddress) -> Bool {
        guard address.scheme == scheme, admits(host: address.authority) else { return false }
        let own = address.path.isEmpty ? Array("/".utf8) : pathOfUsualRevision(address)
        guard path.count > 1 else { return true }
        guard scheme == .s3 || !address.hasSteps else { return false }
        if path.last == UInt8(ascii: "/") { return own.starts(with: path) }
        // A key admits its versions; a pattern that names one, that alone.
        return own == path || address.version != nil && address.key == path.dropFirst()
    }

    /// A pattern of a data set is for all its revisions, unless it names one.
    private func pathOfUsualRevision(_ address: RemoteAddress) -> [UInt8] {
        guard scheme == .hf, !path.contains(UInt8(ascii: "@")),
            let set = DatasetPath(address.path), set.revision != nil
        else { return address.path }
        return Array("/\(set.owner)/\(set.name)/".utf8) + set.file
    }

    /// Whether it names a host itself, which may then be this machine.
    func names(_ address: RemoteAddress) -> Bool {
        scheme == address.scheme && authority == address.authority
    }

    private func admits(host: String) -> Bool {
        if authority == "*" { return true }
        guard authority.hasPrefix("*.") else { return host == authority }
        return host.hasSuffix(authority.dropFirst())
    }
}
