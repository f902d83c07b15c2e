internal import Digests
internal import Files
internal import Glibc
package import Manifests
internal import SpeechTypes
internal import StrictJSON
internal import Threading

/// Finds rows that ask for the same audio: the same span of a file with the same bytes.
///
/// Files are told apart by their sizes first; only those of one size, of which the same span is asked,
/// are read. Rows whose file is not on this machine are duplicates if they name the same path.
package struct DuplicateAudioFinder {
    /// What a row asks for, as far as it can be said without decoding.
    private struct Key: Hashable {
        var content: Content
        var span: Span
    }

    private enum Content: Hashable {
        case bytes(ContentDigest)
        case path(PathBytes)
    }

    private struct Span: Hashable {
        var offset: UInt64
        var duration: UInt64?
        /// Decides whether the record gets a decoded duration.
        var statesDuration: Bool
        /// Where rows choose their channels.
        var channel: Int?
    }

    private struct File: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    /// A row with what was seen of its file.
    private struct Seen {
        var path: PathBytes
        var span: Span
        var file: (id: File, size: UInt64)?
    }

    private let manifest: IndexedManifest
    private let byChannel: Bool
    private var digests: [File: ContentDigest?] = [:]

    /// - Parameter byChannel: rows of different channels have different audio.
    package init(_ manifest: IndexedManifest, byChannel: Bool = false) {
        self.manifest = manifest
        self.byChannel = byChannel
    }

    /// Each row that has the audio of an earlier one, with the first such row.
    ///
    /// - Throws: if the manifest cannot be read; audio that cannot be read has no duplicate.
    package mutating func pairs() throws(ManifestError) -> [(first: Int, duplicate: Int)] {
        WorkMeter.shared.begin("looking at the audio files", .rows, total: manifest.rowCount)
        var cheap: [(key: UInt64, ordinal: UInt32)] = []
        cheap.reserveCapacity(manifest.rowCount)
        for ordinal in 0..<manifest.rowCount {
            WorkMeter.shared.advance(1, .rows)
            guard let seen = try look(at: ordinal) else { continue }
            cheap.append((Self.cheapKey(of: seen), UInt32(ordinal)))
        }
        cheap.sort { ($0.key, $0.ordinal) < ($1.key, $1.ordinal) }
        WorkMeter.shared.begin("comparing the audio files", .rows, total: cheap.count)
        var pairs: [(first: Int, duplicate: Int)] = []
        var start = 0
        while start < cheap.count {
            var end = start + 1
            while end < cheap.count, cheap[end].key == cheap[start].key { end += 1 }
            if end - start > 1 {
                try pair(cheap[start..<end].map { Int($0.ordinal) }, into: &pairs)
            }
            WorkMeter.shared.advance(end - start, .rows)
            start = end
        }
        return pairs.sorted { $0.duplicate < $1.duplicate }
    }

    /// Pairs rows that may be duplicates; in order.
    private mutating func pair(
        _ ordinals: [Int], into pairs: inout [(first: Int, duplicate: Int)]
    ) throws(ManifestError) {
        var seen: [(ordinal: Int, row: Seen)] = []
        for ordinal in ordinals {
            if let row = try look(at: ordinal) { seen.append((ordinal, row)) }
        }
        // One file that is named often need not be read.
        let isOneFile = Set(seen.map { $0.row.file?.id }).count == 1
        var firsts: [Key: Int] = [:]
        for (ordinal, row) in seen {
            let content: Content
            if row.file == nil || isOneFile {
                content = .path(row.file == nil ? row.path : PathBytes(""))
            } else if let digest = digest(of: row) {
                content = .bytes(digest)
            } else {
                continue
            }
            let key = Key(content: content, span: row.span)
            if let first = firsts[key] {
                pairs.append((first, ordinal))
            } else {
                firsts[key] = ordinal
            }
        }
    }

    /// Nil for rows that cannot be used, and for what is no regular file.
    private func look(at ordinal: Int) throws(ManifestError) -> Seen? {
        guard !manifest.index.isUnusable(ordinal),
            let row = try? ManifestRow.parse(raw: try manifest.raw(of: ordinal))
        else { return nil }
        let path = PathBytes(manifest.folder).joined(row.audioPath)
        let span = Span(
            offset: (row.offsetSeconds ?? 0).bitPattern,
            duration: row.durationSeconds?.bitPattern,
            statesDuration: row.object.member("duration") != nil,
            channel: byChannel ? row.channel : nil)
        guard let status = FilePath.status(path) else {
            return Seen(path: path, span: span, file: nil)
        }
        guard status.isRegularFile else { return nil }
        let id = File(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        return Seen(path: path, span: span, file: (id, UInt64(status.st_size)))
    }

    private mutating func digest(of row: Seen) -> ContentDigest? {
        guard let file = row.file?.id else { return nil }
        if let known = digests[file] { return known }
        let digest = (try? FileDigest.sha256(of: row.path)) ?? nil
        digests[file] = .some(digest)
        return digest
    }

    /// Equal for duplicates; FNV-1a, so that the order of work is the same in every run.
    private static func cheapKey(of row: Seen) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ word: UInt64) {
            for shift in stride(from: 0, to: 64, by: 8) {
                hash = (hash ^ (word >> UInt64(shift) & 0xFF)) &* 0x100_0000_01b3
            }
        }
        if let file = row.file {
            mix(file.size)
        } else {
            for byte in row.path.bytes { mix(UInt64(byte)) }
        }
        mix(row.span.offset)
        mix(row.span.duration ?? .max)
        mix(row.span.statesDuration ? 1 : 0)
        return hash
    }
}
