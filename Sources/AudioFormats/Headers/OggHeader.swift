/// The identification header that begins an Ogg stream, and the position that its last page states.
enum OggHeader {
    /// More than the longest page, so that one lies whole in the end of the file.
    private static let endBytes = 1 << 17

    static func read(_ file: AudioFile, at offset: Int) throws(AudioError) -> AudioHeader? {
        let head = try file.bytes(at: offset, count: 512)
        guard head.count > 28 else { return nil }
        let packet = head.dropFirst(27 + Int(head[26]))
        guard let codec = OggCodec(Array(packet)) else { return nil }
        let endStart = max(offset, file.byteCount - endBytes)
        let end = try file.bytes(at: endStart, count: endBytes)
        let seconds = lastPosition(in: end, serial: Array(head[14..<18])).map { position in
            Double(max(0, position - codec.preSkip)) / Double(codec.positionRate)
        }
        return AudioHeader(
            sampleRate: codec.sampleRate, channelCount: codec.channelCount, statedSeconds: seconds)
    }

    /// The position that the last page of the stream states.
    private static func lastPosition(in bytes: [UInt8], serial: [UInt8]) -> Int? {
        guard bytes.count >= 27 else { return nil }
        let marker = OggPage.marker + [0]
        for index in stride(from: bytes.count - 27, through: 0, by: -1)
        where bytes[index] == marker[0] && bytes[index..<index + 5].elementsEqual(marker)
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
}
