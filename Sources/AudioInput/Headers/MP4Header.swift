/// The boxes of an MP4 file that describe its first track of sound (ISO 14496-12, and QuickTime).
struct MP4Header: Hashable, Sendable {
    var sampleRate: Int?
    var channelCount: Int?
    /// Seconds that the track's media header states; nil if it says 0, as files in fragments do.
    var seconds: Double?
    /// The sample entry is one of encrypted sound.
    var isEncrypted = false
    var hasSound = false

    /// `moov` boxes larger than this are of films, not of recordings; the rest is not looked at.
    private static let moovBytesMax = 1 << 26
    private static let boxesMax = 10_000

    static func read(_ file: AudioFile) throws(AudioError) -> AudioHeader? {
        try Self(reading: file).header
    }

    var header: AudioHeader? {
        hasSound
            ? AudioHeader(
                sampleRate: sampleRate, channelCount: channelCount, statedSeconds: seconds)
            : nil
    }

    init(reading file: AudioFile) throws(AudioError) {
        var offset = 0
        for _ in 0..<Self.boxesMax {
            let head = try file.bytes(at: offset, count: 16)
            guard let box = Box(head[...], fileLeft: file.byteCount - offset) else { return }
            if box.type == "moov" {
                guard box.byteCount <= Self.moovBytesMax else { return }
                let moov = try file.bytes(at: offset, count: box.byteCount)
                for track in Box.children(of: moov[...].dropFirst(box.headerBytes))
                where track.type == "trak" {
                    read(track: track.content)
                    if hasSound { return }
                }
                return
            }
            offset += box.byteCount
        }
    }

    private mutating func read(track: ArraySlice<UInt8>) {
        guard let media = Box.first("mdia", in: track),
            let handler = Box.first("hdlr", in: media), handler.count >= 12,
            handler.dropFirst(8).prefix(4).elementsEqual("soun".utf8)
        else { return }
        hasSound = true
        if let time = Box.first("mdhd", in: media), let version = time.first {
            let skip = version == 1 ? 20 : 12
            let scale = Box.big(time, skip, 4)
            let count = Box.big(time, skip + 4, version == 1 ? 8 : 4)
            if let scale, let count, scale > 0, count > 0, count < 1 << 48,
                version == 1 || count != 0xFFFF_FFFF
            {
                seconds = Double(count) / Double(scale)
            }
        }
        guard let table = Box.first("minf", in: media).flatMap({ Box.first("stbl", in: $0) }),
            let entries = Box.first("stsd", in: table),
            let entry = Box.children(of: entries.dropFirst(8)).first
        else { return }
        isEncrypted = ["drms", "enca", "aavd", "adrm"].contains(entry.type)
        // Six reserved bytes and an index; version, revision, vendor; then the sound's description.
        if let count = Box.big(entry.content, 16, 2), count > 0 { channelCount = count }
        if let rate = Box.big(entry.content, 24, 2), rate > 0 { sampleRate = rate }
    }

    /// A box: its four-letter type and what it holds.
    private struct Box {
        let type: String
        let headerBytes: Int
        let byteCount: Int
        var content: ArraySlice<UInt8> = []

        init?(_ bytes: ArraySlice<UInt8>, fileLeft: Int) {
            guard let size = Self.big(bytes, 0, 4), bytes.count >= 8 else { return nil }
            type = String(decoding: bytes.dropFirst(4).prefix(4), as: UTF8.self)
            switch size {
            case 0:
                headerBytes = 8
                byteCount = fileLeft
            case 1:
                guard let large = Self.big(bytes, 8, 8), large >= 16 else { return nil }
                headerBytes = 16
                byteCount = min(large, fileLeft)
            default:
                headerBytes = 8
                byteCount = min(size, fileLeft)
            }
            guard byteCount >= headerBytes else { return nil }
        }

        static func children(of bytes: ArraySlice<UInt8>) -> [Box] {
            var boxes: [Box] = []
            var rest = bytes
            while boxes.count < boxesMax, var box = Box(rest, fileLeft: rest.count) {
                box.content = rest.prefix(box.byteCount).dropFirst(box.headerBytes)
                boxes.append(box)
                rest = rest.dropFirst(box.byteCount)
            }
            return boxes
        }

        static func first(_ type: String, in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
            children(of: bytes).first { $0.type == type }?.content
        }

        /// Nil if the bytes do not reach that far, or the number does not fit.
        static func big(_ bytes: ArraySlice<UInt8>, _ offset: Int, _ count: Int) -> Int? {
            guard bytes.count >= offset + count else { return nil }
            let start = bytes.startIndex + offset
            let value = bytes[start..<start + count].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int(exactly: value)
        }
    }
}
