internal import Manifests
package import SpeechTypes

/// The address of a recording that is fetched: `https://host/path`, `http://host/path`, `s3://bucket/key`, of
/// one version of it `s3://bucket/key?versionId=ID`, or `hf://datasets/OWNER/NAME/path`, of one state of it
/// `hf://datasets/OWNER/NAME@REVISION/path`.
package struct RemoteAddress: Hashable, Sendable {
    package enum Scheme: String, Sendable {
        case http
        case https
        case s3
        case hf
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
        guard scheme != .hf || DatasetPath(path).map({ _ in self.authority == "datasets" }) == true
        else { return nil }
    }

    /// In an object's key `?` and `#` are letters like any other.
    private static func endsAuthority(_ byte: UInt8, _ scheme: Scheme) -> Bool {
        byte == UInt8(ascii: "/")
            || scheme.isOfWeb && (byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#"))
    }

    /// The address of another object of the same bucket or data set.
    ///
    /// - Parameter path: with the slash that it begins with.
    func sibling(_ path: [UInt8]) -> PathBytes {
        PathBytes(bytes: "\(scheme.rawValue)://\(authority)".utf8 + path)
    }

    /// Whether it stands for all that is below it, not for one recording.
    package var isFolder: Bool {
        switch scheme {
        case .http, .https: false
        case .s3: path.last == UInt8(ascii: "/")
        case .hf:
            path.last == UInt8(ascii: "/") || DatasetPath(path).map(\.file.isEmpty) == true
        }
    }

    /// Whom it is asked of: a host or a bucket.
    var source: String { "\(scheme.rawValue)://\(authority)" }

    /// The object's key; empty for web addresses.
    var key: ArraySlice<UInt8> {
        guard scheme == .s3 else { return [] }
        let versionCount = version.map { Self.versionMark.count + $0.utf8.count } ?? 0
        return path.dropFirst().dropLast(versionCount)
    }

    /// What names a version of an object, behind its key: `s3://bucket/key?versionId=ID`.
    private static let versionMark = Array("?versionId=".utf8)
    /// S3's versions have at most 1,024 bytes.
    private static let versionBytesMax = 1_024

    /// The version of the object that is meant; nil for the newest, and where no key is before it.
    var version: String? {
        guard scheme == .s3, let query = path.lastIndex(of: UInt8(ascii: "?")), query > 1,
            path[query...].starts(with: Self.versionMark)
        else { return nil }
        let version = path[(query + Self.versionMark.count)...]
        guard (1...Self.versionBytesMax).contains(version.count),
            version.allSatisfy(PercentEncoding.isUnreserved)
        else { return nil }
        return String(decoding: version, as: UTF8.self)
    }

    /// The address without what may be a secret, for messages: queries carry signatures.
    package var text: String {
        let shown = scheme.isOfWeb ? path.prefix { $0 != UInt8(ascii: "?") } : path[...]
        return "\(scheme.rawValue)://\(authority)" + String(decoding: shown, as: UTF8.self)
            + (shown.count < path.count ? "?…" : "")
    }

    /// The whole address, as a request names it; every byte that is no letter of addresses is written with a percent sign.
    var requestText: String {
        let bytes = path.prefix { $0 != UInt8(ascii: "#") }
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

extension RemoteAddress.Scheme {
    /// Whether queries and fragments may follow a path.
    var isOfWeb: Bool { self == .http || self == .https }
}

/// What follows `hf://datasets` in an address.
struct DatasetPath: Equatable {
    let owner: String
    let name: String
    /// A branch, tag or commit; nil for the usual branch.
    let revision: String?
    /// The file, or where names of files begin; as it was written, without a slash before it.
    let file: [UInt8]

    static let usualRevision = "main"

    /// Nil for what names no data set.
    init?(_ path: [UInt8]) {
        let parts = path.dropFirst().split(
            separator: UInt8(ascii: "/"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2 else { return nil }
        let set = String(decoding: parts[1], as: UTF8.self).split(
            separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        owner = String(decoding: parts[0], as: UTF8.self)
        name = String(set[0])
        revision = set.count > 1 ? String(set[1]) : nil
        file = parts.count > 2 ? Array(parts[2]) : []
        guard [owner, name].allSatisfy(Self.isName), revision.map(Self.isRevision) ?? true else {
            return nil
        }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text != "." && text != ".."
            && text.utf8.allSatisfy {
                PercentEncoding.isUnreserved($0) && $0 != UInt8(ascii: "~")
            }
    }

    /// A slash in one is written `%2F`.
    private static func isRevision(_ text: String) -> Bool {
        !text.isEmpty && !text.contains("..")
            && text.utf8.allSatisfy {
                PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "%")
            }
    }
}
