/// The boxes of an MP4 file that describe its first track of sound (ISO 14496-12, and QuickTime).
///
/// Only the heads of boxes and a few short ones are read, however large their tables are.
package struct MP4Header: Hashable, Sendable {
    package var sampleRate: Int?
    /// As the sample entry has it, which many writers set to 2 whatever the sound is.
    package var channelCount: Int?
    /// Seconds that the track's media header states; nil if it says 0, as files in fragments do.
    package var seconds: Double?
    /// The sample entry is one of encrypted sound.
    package var isEncrypted = false
    var hasSound = false
    /// The file goes on with another one, which no demuxer reads.
    package var isJoined = false

    /// Sample entries of Apple's and Audible's protection, and of common encryption.
    private static let encryptedEntries: Set = ["drms", "enca", "aavd", "adrm"]

    package static func read(_ file: AudioFile) throws(AudioError) -> AudioHeader? {
        let found = try Self(reading: file)
        guard found.hasSound else { return nil }
        return AudioHeader(
            sampleRate: found.sampleRate, channelCount: found.channelCount,
            statedSeconds: found.seconds)
    }

    package init(reading file: AudioFile) throws(AudioError) {
        let whole = MP4Box(type: "", content: 0..<file.byteCount)
        let boxes = try whole.children(in: file)
        isJoined = boxes.count { $0.type == "moov" } > 1
        guard let movie = boxes.first(where: { $0.type == "moov" }) else { return }
        for track in try movie.children(in: file) where track.type == "trak" {
            guard let media = try track.first("mdia", in: file),
                let handler = try media.first("hdlr", in: file),
                try handler.bytes(of: file, count: 12).suffix(4).elementsEqual("soun".utf8)
            else { continue }
            try read(media, file)
            return
        }
    }

    private mutating func read(_ media: MP4Box, _ file: AudioFile) throws(AudioError) {
        hasSound = true
        if let time = try media.first("mdhd", in: file)?.bytes(of: file, count: 32), !time.isEmpty {
            let skip = time[0] == 1 ? 20 : 12
            let scale = MP4Box.big(time, skip, 4)
            let count = MP4Box.big(time, skip + 4, time[0] == 1 ? 8 : 4)
            if let scale, let count, scale > 0, count > 0, count < 1 << 48, count != 0xFFFF_FFFF {
                seconds = Double(count) / Double(scale)
            }
        }
        guard
            let table = try media.first("minf", in: file)?.first("stbl", in: file),
            let entries = try table.first("stsd", in: file)
        else { return }
        // Version, flags and a count; then the first entry: size, type, six reserved bytes, an index,
        // version, revision and vendor of QuickTime, and the sound's description.
        let bytes = try entries.bytes(of: file, count: 64)
        guard bytes.count >= 16 else { return }
        isEncrypted = Self.encryptedEntries.contains(
            String(decoding: bytes[12..<16], as: UTF8.self))
        if let count = MP4Box.big(bytes, 32, 2), count > 0 { channelCount = count }
        if let rate = MP4Box.big(bytes, 40, 2), rate > 0 { sampleRate = rate }
    }
}

/// A box: its four-letter type and where what it holds lies.
struct MP4Box {
    let type: String
    let content: Range<Int>

    private static let boxesMax = 10_000

    /// The boxes directly within this one, up to the first that does not fit.
    func children(in file: AudioFile) throws(AudioError) -> [MP4Box] {
        var boxes: [MP4Box] = []
        var offset = content.lowerBound
        while boxes.count < Self.boxesMax, offset + 8 <= content.upperBound {
            let head = try file.bytes(at: offset, count: 16)
            guard let small = Self.big(head, 0, 4), head.count >= 8 else { break }
            let left = content.upperBound - offset
            let isLong = small == 1
            // Zero: to the end of what there is.
            let size = isLong ? Self.big(head, 8, 8) ?? 0 : small == 0 ? left : small
            guard size >= (isLong ? 16 : 8) else { break }
            let end = offset + min(size, left)
            boxes.append(
                MP4Box(
                    type: String(decoding: head[4..<8], as: UTF8.self),
                    content: min(offset + (isLong ? 16 : 8), end)..<end))
            offset = end
        }
        return boxes
    }

    func first(_ type: String, in file: AudioFile) throws(AudioError) -> MP4Box? {
        try children(in: file).first { $0.type == type }
    }

    func bytes(of file: AudioFile, count: Int) throws(AudioError) -> [UInt8] {
        try file.bytes(at: content.lowerBound, count: min(count, content.count))
    }

    /// Nil if the bytes do not reach that far, or the number does not fit.
    static func big(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int? {
        guard bytes.count >= offset + count else { return nil }
        let value = bytes[offset..<offset + count].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(exactly: value)
    }
}
