package import AudioFormats
package import SpeechTypes

/// Members of an archive that belong together, as WebDataset has it: their paths are the same up to the first dot in
/// the name, and they stand one after another.
package struct ArchiveSample: Sendable {
    /// The path up to the dot.
    package let key: PathBytes
    package var members: [ArchiveMember] = []

    /// What follows the dot in a member's name, in lower case.
    package func suffix(of member: ArchiveMember) -> String {
        String(decoding: member.name.bytes.dropFirst(key.bytes.count + 1), as: UTF8.self)
            .lowercased()
    }

    /// Calls `body` with each sample of an archive, in its order.
    ///
    /// Hidden members are left out.
    ///
    /// - Parameter path: the archive as rows name it.
    /// - Throws: if the archive cannot be read to its end, or what `body` throws.
    package static func forEach(
        in source: any ArchiveSource, _ kind: ArchiveMember.Kind, at path: PathBytes,
        _ body: (ArchiveSample) throws(AudioError) -> Void
    ) throws(AudioError) {
        var sample: ArchiveSample?
        func take(_ member: ArchiveMember) throws(AudioError) {
            let name = member.name.name
            guard let first = name.first, first != UInt8(ascii: ".") else { return }
            let dot = name.firstIndex(of: UInt8(ascii: ".")) ?? name.endIndex
            let key = PathBytes(bytes: member.name.bytes[..<dot])
            if let whole = sample, whole.key != key {
                try body(whole)
                sample = nil
            }
            sample = sample ?? ArchiveSample(key: key)
            sample?.members.append(member)
        }
        switch kind {
        case .tar:
            var walk = try TarWalk(source)
            while let entry = try walk.entry() {
                guard case .file(let name, let place) = entry else { continue }
                try take(ArchiveMember(.tar, name, in: path, at: place))
            }
        case .zip:
            _ = try ZipDirectory(of: source) { name throws(AudioError) in
                try take(ArchiveMember(.zip, name, in: path))
            }
        }
        if let sample { try body(sample) }
    }
}
