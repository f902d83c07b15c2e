package import AudioFormats
internal import AudioInput
internal import Files
package import SpeechTypes

/// Members of archives, for all threads of a job: what is known of an archive is found out once.
package final class ArchiveShelf: Sendable, Hashable {
    private struct Key: Hashable {
        let archive: String
        let version: String
    }

    private struct MemberKey: Hashable {
        let archive: Key
        let member: PathBytes
    }

    private let folder: TarIndexFolder?
    private let indexes = SharedRecordings<Key, TarIndex>(keptMax: indexesMax)
    private let directories = SharedRecordings<Key, ZipDirectory>(keptMax: indexesMax)
    private let unpacked = SharedRecordings<MemberKey, SpooledFile>(keptMax: 4)

    /// Archives that are remembered, each kind: with 10,000 members for each, 64 MB.
    private static let indexesMax = 256

    /// - Parameter folder: keeps indexes for later runs; nil to keep none.
    package init(folder: TarIndexFolder? = nil) { self.folder = folder }

    /// The recording that a member is.
    ///
    /// - Parameter progress: is told of every step.
    /// - Throws: `audio.not_found` if the archive has no such file, `audio.damaged`, `audio.unsupported` or
    ///   `audio.encrypted` for what cannot be taken out, or why the archive cannot be read.
    package func file(
        of member: ArchiveMember, in source: any ArchiveSource, progress: EngineProgress?
    ) throws(AudioError) -> AudioFile {
        switch member.kind {
        case .tar:
            if let file = try placedFile(of: member, in: source) { return file }
            let index = try index(of: source, progress: progress)
            guard let place = index.place(of: member.name) else { throw index.missing(member) }
            return try source.part(place, named: member.path.text, asKnown: true)
        case .zip:
            let key = Key(archive: source.name, version: try source.version())
            let directory = try directories.recording(key, progress: progress) {
                () throws(AudioError) in try ZipDirectory(of: source)
            }
            guard let entry = directory.entry(of: member.name) else {
                throw directory.missing(member)
            }
            let packed = try ZipMember(member, entry, in: source)
            if packed.isStored { return try packed.packed() }
            return try unpacked.recording(
                MemberKey(archive: key, member: member.name), progress: progress
            ) { () throws(AudioError) in try packed.unpacked(progress: progress) }
            .file(progress: progress)
        }
    }

    /// Where the members of a tar archive stand: as it was kept, or by all its headers, once.
    ///
    /// - Parameter progress: is told of every header.
    /// - Throws: as ``TarIndex/init(of:progress:)``.
    package func index(
        of source: any ArchiveSource, progress: EngineProgress? = nil
    ) throws(AudioError) -> TarIndex {
        let key = Key(archive: source.name, version: try source.version())
        return try indexes.recording(key, progress: progress) { () throws(AudioError) in
            if let kept = folder?.index(of: key.archive, version: key.version) { return kept }
            let index = try TarIndex(of: source, progress: progress)
            folder?.keep(index, of: key.archive, version: key.version)
            return index
        }
    }

    /// What is read of an archive for a member of a tar archive whose row says where it stands: its header, by which it is
    /// judged, and its bytes; nil for all others.
    package static func window(ofPlaced member: ArchiveMember) -> Range<Int>? {
        guard member.kind == .tar, let place = member.place,
            place.lowerBound >= TarHeader.byteCount
        else { return nil }
        return place.lowerBound - TarHeader.byteCount..<place.upperBound
    }

    /// The member where its row says that it stands; nil where something else stands there.
    ///
    /// Its header is read with it, which is one request of a server.
    private func placedFile(
        of member: ArchiveMember, in source: any ArchiveSource
    ) throws(AudioError) -> AudioFile? {
        guard let place = member.place, let window = Self.window(ofPlaced: member) else {
            return nil
        }
        let part: AudioFile
        do throws(AudioError) {
            // What is there is judged by its header.
            part = try source.part(window, named: member.path.text, asKnown: false)
        } catch {
            guard error.failureClass == .input else { throw error }
            // The archive is shorter now, or was never so long.
            return nil
        }
        guard let header = TarHeader(try part.bytes(at: 0, count: TarHeader.byteCount)),
            header.kind == .file, header.size == place.count, Self.isCalled(member.name, header)
        else { return nil }
        return try AudioFile(
            TarHeader.byteCount..<part.byteCount, of: part, path: member.path.text)
    }

    /// Names that are long or not plain stand in front of the header, where it has a substitute.
    private static func isCalled(_ name: PathBytes, _ header: TarHeader) -> Bool {
        TarWalk.normal(header.name) == TarWalk.normal(name.bytes) || name.bytes.count > 99
            || name.bytes.contains { $0 >= 0x80 }
    }

    package static func == (left: ArchiveShelf, right: ArchiveShelf) -> Bool { left === right }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
