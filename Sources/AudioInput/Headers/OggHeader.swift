/// The identification header that begins an Ogg stream, and the position that its last page states.
enum OggHeader {
    /// More than the longest page, so that one lies whole in the end of the file.
    private static let endBytes = 1 << 17

    static func read(_ file: AudioFile, at offset: Int) throws(AudioError) -> AudioHeader? {
        let head = try file.bytes(at: offset, count: 512)
        guard head.count > 28 else { return nil }
        let start = 27 + Int(head[26])
        let packet = head.dropFirst(start)
        guard var codec = Codec(Array(packet)) else { return nil }
        codec.serial = Array(head[14..<18])
        let endStart = max(offset, file.byteCount - endBytes)
        let end = try file.bytes(at: endStart, count: endBytes)
        let seconds = codec.lastPosition(in: end).map { position in
            Double(max(0, position - codec.preSkip)) / Double(codec.positionRate)
        }
        return AudioHeader(
            sampleRate: codec.sampleRate, channelCount: codec.channelCount, statedSeconds: seconds)
    }

    private struct Codec {
        var sampleRate: Int
        var channelCount: Int
        /// Positions count frames at this rate.
        var positionRate: Int
        var preSkip = 0
        var serial: [UInt8] = []

        init?(_ packet: [UInt8]) {
            func little(_ at: Int, _ count: Int) -> Int {
                (0..<count).reduce(0) { $0 | Int(packet[at + $1]) << (8 * $1) }
            }
            if packet.starts(with: Array("OpusHead".utf8)), packet.count >= 19 {
                channelCount = Int(packet[9])
                preSkip = little(10, 2)
                sampleRate = 48_000
            } else if packet.starts(with: [1] + Array("vorbis".utf8)), packet.count >= 16 {
                channelCount = Int(packet[11])
                sampleRate = little(12, 4)
            } else if packet.starts(with: Array("Speex   ".utf8)), packet.count >= 52 {
                sampleRate = little(36, 4)
                channelCount = little(48, 4)
            } else if packet.starts(with: [0x7F] + Array("FLAC".utf8)), packet.count >= 51,
                let info = FLACStreamInfo(Array(packet[9...]))
            {
                sampleRate = info.sampleRate
                channelCount = info.channelCount
            } else {
                return nil
            }
            guard sampleRate > 0, channelCount > 0 else { return nil }
            positionRate = sampleRate
        }

        /// The position that the last page of this stream states.
        func lastPosition(in bytes: [UInt8]) -> Int? {
            guard bytes.count >= 27 else { return nil }
            for index in stride(from: bytes.count - 27, through: 0, by: -1)
            where bytes[index] == 0x4F && bytes[index..<index + 5].elementsEqual(marker)
                && bytes[index + 14..<index + 18].elementsEqual(serial)
            {
                let position = (0..<8).reduce(UInt64(0)) {
                    $0 | UInt64(bytes[index + 6 + $1]) << UInt64(8 * $1)
                }
                // All ones: no packet ends on this page.
                if position < 1 << 62 { return Int(position) }
            }
            return nil
        }

        private var marker: [UInt8] { Array("OggS".utf8) + [0] }
    }
}
