package import AudioFormats
internal import Digests
package import SpeechTypes

/// Where the members of a tar archive stand, by their names: 24 bytes for each.
package struct TarIndex: Sendable {
    /// One member: eight bytes of its name's SHA-256, and its place.
    ///
    /// Two of a million members have the same eight bytes in one of 30 million archives.
    struct Entry: Hashable, Sendable {
        var name: UInt64
        var offset: UInt64
        var byteCount: UInt64

        static let byteCount = 24

        fileprivate var place: Range<Int> {
            let start = Int(truncatingIfNeeded: offset)
            return start..<start + Int(truncatingIfNeeded: byteCount)
        }
    }

    /// By name, and members of one name in the archive's order.
    let entries: [Entry]
    /// The archive's name, for messages.
    private let archive: String
    /// Where the archive is damaged, so that more may have been in it; nil where it is not.
    let damage: Int?

    /// Members of one archive; more would be 240 MB of index.
    private static let membersMax = 10_000_000

    init(entries: [Entry], archive: String, damage: Int?) {
        self.entries = entries
        self.archive = archive
        self.damage = damage
    }

    /// Looks at every header of an archive.
    ///
    /// - Parameter progress: is told of every header.
    /// - Throws: if the archive cannot be read, is compressed or has too many members. Damage is no error: what
    ///   stands before it can be read.
    package init(of source: any ArchiveSource, progress: EngineProgress? = nil) throws(AudioError) {
        archive = source.name
        var found: [Entry] = []
        var links: [(name: UInt64, target: UInt64)] = []
        var damage: Int?
        var walk = try TarWalk(source)
        do throws(AudioError) {
            while let entry = try walk.entry() {
                progress?.step()
                switch entry {
                case .file(let name, let place):
                    found.append(
                        Entry(
                            name: Self.hash(name), offset: UInt64(place.lowerBound),
                            byteCount: UInt64(place.count)))
                case .link(let name, let target):
                    links.append((Self.hash(name), Self.hash(target)))
                }
                guard found.count + links.count <= Self.membersMax else {
                    throw AudioError(
                        .audioUnsupported, source.name,
                        "\(source.name) has more than \(Self.membersMax) members; split it")
                }
            }
        } catch {
            guard error.code == .audioDamaged else { throw error }
            damage = walk.position
        }
        self.damage = damage
        Self.sort(&found)
        let files = TarIndex(entries: found, archive: archive, damage: nil)
        for link in links {
            if let target = files.last(link.target) {
                found.append(
                    Entry(name: link.name, offset: target.offset, byteCount: target.byteCount))
            }
        }
        if found.count > files.entries.count { Self.sort(&found) }
        entries = found
    }

    /// Where the bytes of a member stand, of several with one name the last: that is what unpacking leaves.
    package func place(of member: PathBytes) -> Range<Int>? {
        last(Self.hash(TarWalk.normal(member.bytes)))?.place
    }

    /// The error for a member that is not there.
    package func missing(_ member: ArchiveMember) -> AudioError {
        if let damage {
            return AudioError(
                .audioDamaged, member.path.text,
                "\(archive) is damaged at byte \(damage), and \(member.name) does not stand before; fetch "
                    + "or write it again")
        }
        return AudioError(
            .audioNotFound, member.path.text,
            "\(archive) has no file \(member.name) among its \(entries.count)")
    }

    private func last(_ name: UInt64) -> Entry? {
        // The first entry behind all of this name.
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].name <= name { low = middle + 1 } else { high = middle }
        }
        return low > 0 && entries[low - 1].name == name ? entries[low - 1] : nil
    }

    private static func sort(_ entries: inout [Entry]) {
        entries.sort { ($0.name, $0.offset) < ($1.name, $1.offset) }
    }

    static func hash(_ name: PathBytes) -> UInt64 {
        SHA256Hasher.digest(of: name.bytes).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
