internal import AudioFormats
internal import Decompression
internal import Files
internal import SpeechTypes
internal import SystemErrors

/// A file of a zip archive, as it is when it is unpacked.
struct ZipMember {
    private let member: ArchiveMember
    private let entry: ZipDirectory.Entry
    private let source: any ArchiveSource

    private static let headerBytes = 30
    /// Room for what stands behind the name in a header, so that header and data are one request.
    private static let extraBytes = 128
    private static let (stored, deflated): (UInt16, UInt16) = (0, 8)
    private static let blockBytes = 1 << 18

    /// - Throws: for what cannot be unpacked.
    init(
        _ member: ArchiveMember, _ entry: ZipDirectory.Entry, in source: any ArchiveSource
    ) throws(AudioError) {
        self.member = member
        self.entry = entry
        self.source = source
        if entry.isEncrypted {
            throw AudioError(
                .audioEncrypted, member.path.text,
                "\(source.name) holds it with a password; unpack it once")
        }
        guard [Self.stored, Self.deflated].contains(entry.method) else {
            throw AudioError(
                .audioUnsupported, member.path.text,
                "\(source.name) holds it packed by method \(entry.method); only stored and deflated members "
                    + "are read: unpack the archive once")
        }
        guard entry.byteCount <= SpooledFile.bytesMax, entry.packedBytes <= SpooledFile.bytesMax
        else {
            throw AudioError(
                .audioUnsupported, member.path.text,
                "it has more than \(SpooledFile.bytesMax >> 30) GiB; take it out of the archive")
        }
    }

    var isStored: Bool { entry.method == Self.stored }

    /// The bytes of the member as they stand in the archive.
    func packed() throws(AudioError) -> AudioFile {
        let name = member.path.text
        let byteCount = try source.byteCount()
        let head = Self.headerBytes + entry.nameBytes
        guard entry.headerOffset <= byteCount - head - entry.packedBytes else {
            throw .cut(name, source.name, byteCount)
        }
        let end = min(byteCount, entry.headerOffset + head + Self.extraBytes + entry.packedBytes)
        let part = try source.part(entry.headerOffset..<end, named: name, asKnown: true)
        var fields = ByteFields(try part.bytes(at: 0, count: Self.headerBytes))
        guard fields.number(4) == 0x0403_4B50, fields.left == Self.headerBytes - 4 else {
            throw .damaged(
                source.name, at: entry.headerOffset, "no header of \(member.name) stands there")
        }
        fields.skip(22)
        let data = Self.headerBytes + (fields.number(2) ?? 0) + (fields.number(2) ?? 0)
        if data + entry.packedBytes <= part.byteCount {
            return try AudioFile(data..<data + entry.packedBytes, of: part, path: name)
        }
        let start = entry.headerOffset + data
        return try source.part(
            start..<start + entry.packedBytes, named: name, asKnown: true)
    }

    /// The member unpacked, in a file without a name.
    ///
    /// - Parameter progress: is told of every step.
    /// - Throws: `audio.damaged` if it does not unpack to what the archive says of it.
    func unpacked(progress: EngineProgress?) throws(AudioError) -> SpooledFile {
        let packed = try packed()
        let spool = try mapError({ storageError("\($0)") }) { () throws(FileError) in
            try SpooledFile(member.path.text)
        }
        var offset = 0
        var checksum = ArchiveChecksum()
        var count = 0
        let inflated: ExpandedBytes<AudioError>
        do throws(DecompressionFault) {
            inflated = try ExpandedBytes(deflated: { buffer throws(AudioError) in
                let wanted = min(buffer.count, packed.byteCount - offset)
                let bytes = try packed.bytes(at: offset, count: wanted)
                buffer.copyBytes(from: bytes)
                offset += bytes.count
                return bytes.count
            })
        } catch {
            throw storageError("\(error)")
        }
        var block = [UInt8](repeating: 0, count: Self.blockBytes)
        while true {
            let result = block.withUnsafeMutableBytes { buffer in
                Result { () throws(ExpandedBytes<AudioError>.Failure) in
                    try inflated.read(into: buffer)
                }
            }
            let got: Int
            switch result {
            case .success(let bytes): got = bytes
            case .failure(.source(let error)): throw error
            case .failure(.compressed(let fault)): throw damaged("\(fault)")
            }
            if got == 0 { break }
            progress?.step()
            count += got
            guard count <= entry.byteCount else { throw damaged("it is longer than it says") }
            let bytes = Array(block[..<got])
            checksum.add(bytes)
            try mapError({ storageError("\($0)") }) { () throws(SystemError) in
                try spool.write(bytes)
            }
        }
        guard count == entry.byteCount, checksum.value == entry.checksum else {
            throw damaged("\(count) bytes that are not the \(entry.byteCount) which were packed")
        }
        return spool
    }

    private func damaged(_ finding: String) -> AudioError {
        AudioError(
            .audioDamaged, member.path.text,
            "\(source.name) is damaged where it holds \(member.name): \(finding)")
    }

    private func storageError(_ reason: String) -> AudioError {
        AudioError(
            .quarantinedSource, member.path.text, "it cannot be unpacked: \(reason); see TMPDIR",
            class: .source)
    }
}
