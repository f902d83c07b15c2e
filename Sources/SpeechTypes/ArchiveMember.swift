/// A file inside an archive, under the name that fsspec and its users give it: `tar://MEMBER::ARCHIVE` or
/// `zip://MEMBER::ARCHIVE`.
///
/// The archive is a path or an address (`tar://a.wav::s3://bucket/audio_0.tar`). Behind the archive may stand where
/// in it the member's bytes are (``ByteRange``): `tar://a.wav::audio_0.tar:1536:96044`. That spares a look for it;
/// the name counts where they disagree.
package struct ArchiveMember: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        case tar
        case zip
    }

    package let kind: Kind
    /// The member as its archive calls it.
    package let name: PathBytes
    package var archive: PathBytes
    /// Where in the archive its bytes are said to stand.
    package var place: Range<Int>?

    private static let mark = Array("://".utf8)
    private static let separator = Array("::".utf8)

    package init(
        _ kind: Kind, _ name: PathBytes, in archive: PathBytes, at place: Range<Int>? = nil
    ) {
        self.kind = kind
        self.name = name
        self.archive = archive
        self.place = place
    }

    /// Reads a path as it stands in a row; nil for all that names no member.
    package init?(_ path: PathBytes) {
        guard
            let kind = Kind.allCases.first(where: {
                path.bytes.starts(with: Array($0.rawValue.utf8) + Self.mark)
            })
        else { return nil }
        let rest = path.bytes.dropFirst(kind.rawValue.utf8.count + Self.mark.count)
        // Members may have colons in their names; of archives those of an address in brackets (IPv6) stay together.
        var isBracketed = false
        var separator: Int?
        for index in rest.indices.dropFirst().dropLast(2).reversed() {
            if rest[index] == UInt8(ascii: "]") { isBracketed = true }
            if rest[index] == UInt8(ascii: "[") { isBracketed = false }
            if !isBracketed, rest[index...].starts(with: Self.separator) {
                separator = index
                break
            }
        }
        guard let separator else { return nil }
        let named = PathBytes(bytes: rest[(separator + 2)...])
        let range = ByteRange(named)
        self.kind = kind
        name = PathBytes(bytes: rest[..<separator])
        if let range, let length = range.length {
            archive = range.file
            place = range.offset..<range.offset + length
        } else {
            archive = named
            place = nil
        }
    }

    /// As it stands in rows.
    package var path: PathBytes {
        let end = place.map { ":\($0.lowerBound):\($0.count)" } ?? ""
        return PathBytes(
            bytes: Array(kind.rawValue.utf8) + Self.mark + name.bytes + Self.separator
                + archive.bytes + end.utf8)
    }

    /// Whether a path names the archive whole in what ``path`` says of it.
    package static func canName(_ archive: PathBytes) -> Bool {
        ArchiveMember(ArchiveMember(.tar, "a", in: archive).path)?.archive == archive
    }
}
