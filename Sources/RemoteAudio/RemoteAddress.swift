internal import Manifests
package import SpeechTypes

/// The address of a recording that is fetched: `https://host/path`, `http://host/path`, or `s3://bucket/key`.
package struct RemoteAddress: Hashable, Sendable {
    package enum Scheme: String, Sendable {
        case http
        case https
        case s3
    }

    package let scheme: Scheme
    /// `host` or `host:port` in lower case, or the bucket.
    package let authority: String
    /// What follows, with the slash that it begins with; as it was written.
    let path: [UInt8]

    /// What can be asked for at most, in bytes.
    private static let bytesMax = 8_192

    /// Nil for other schemes, and for what no request can be made of.
    package init?(_ address: PathBytes) {
        guard address.bytes.count <= Self.bytesMax,
            let scheme = AudioLocation.scheme(of: address).flatMap({ Scheme(rawValue: $0) })
        else { return nil }
        let rest = address.bytes.dropFirst(scheme.rawValue.utf8.count + "://".utf8.count)
        let authority = rest.prefix { !Self.endsAuthority($0, scheme) }
        let isPlain = authority.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "@") }
        guard !authority.isEmpty, isPlain else { return nil }
        self.scheme = scheme
        self.authority = String(decoding: authority, as: UTF8.self).lowercased()
        path = Array(rest.dropFirst(authority.count))
        guard scheme != .s3 || path.count > 1 else { return nil }
    }

    /// In an object's key `?` and `#` are letters like any other.
    private static func endsAuthority(_ byte: UInt8, _ scheme: Scheme) -> Bool {
        byte == UInt8(ascii: "/")
            || scheme != .s3 && (byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#"))
    }

    /// The object's key; empty for web addresses.
    var key: ArraySlice<UInt8> { scheme == .s3 ? path.dropFirst() : [] }

    /// The address without what may be a secret, for messages: queries carry signatures.
    package var text: String {
        let shown = scheme == .s3 ? path[...] : path.prefix { $0 != UInt8(ascii: "?") }
        return "\(scheme.rawValue)://\(authority)" + String(decoding: shown, as: UTF8.self)
            + (shown.count < path.count ? "?…" : "")
    }

    /// The whole address, as a request names it; every byte that is no letter of addresses is written with a percent sign.
    var requestText: String {
        let bytes = scheme == .s3 ? path[...] : path.prefix { $0 != UInt8(ascii: "#") }
        let shown = bytes.isEmpty ? Array("/".utf8)[...] : bytes
        return "\(scheme.rawValue)://\(authority)" + PercentEncoding.keepingAddress(shown)
    }

    /// Whether the path has steps that a server may take elsewhere: `..`, also in percent signs.
    var hasSteps: Bool {
        let plain = PercentEncoding.decoded(path.prefix { $0 != UInt8(ascii: "?") })
        return plain.split(separator: UInt8(ascii: "/")).contains {
            $0.elementsEqual("..".utf8) || $0.elementsEqual(".".utf8)
        }
    }
}
