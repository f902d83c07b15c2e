/// The identification header that begins a stream in Ogg.
struct OggCodec: Equatable {
    let name: String
    let sampleRate: Int
    let channelCount: Int
    /// Positions count frames at this rate.
    let positionRate: Int
    /// Frames in front that are not to be played.
    let preSkip: Int

    /// Nil for codecs that are not known here.
    init?(_ packet: [UInt8]) {
        func little(_ at: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 | Int(packet[at + $1]) << (8 * $1) }
        }
        var skip = 0
        if packet.starts(with: Array("OpusHead".utf8)), packet.count >= 19 {
            name = "Opus"
            channelCount = Int(packet[9])
            skip = little(10, 2)
            // Decoders give the next of these that holds the rate which went in; 0 says nothing.
            let rate = little(12, 4)
            sampleRate =
                rate == 0 ? 48_000 : [8_000, 12_000, 16_000, 24_000].first { rate <= $0 } ?? 48_000
            positionRate = 48_000
        } else if packet.starts(with: [1] + Array("vorbis".utf8)), packet.count >= 16 {
            name = "Vorbis"
            positionRate = little(12, 4)
            channelCount = Int(packet[11])
            sampleRate = little(12, 4)
        } else if packet.starts(with: Array("Speex   ".utf8)), packet.count >= 52 {
            name = "Speex"
            positionRate = little(36, 4)
            sampleRate = little(36, 4)
            channelCount = little(48, 4)
        } else if packet.starts(with: [0x7F] + Array("FLAC".utf8)), packet.count >= 51,
            let info = FLACStreamInfo(Array(packet[9...]))
        {
            name = "FLAC"
            positionRate = info.sampleRate
            sampleRate = info.sampleRate
            channelCount = info.channelCount
        } else {
            return nil
        }
        guard sampleRate > 0, channelCount > 0, positionRate > 0 else { return nil }
        preSkip = skip
    }
}
