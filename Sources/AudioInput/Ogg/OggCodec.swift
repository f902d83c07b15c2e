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
            sampleRate = 48_000
        } else if packet.starts(with: [1] + Array("vorbis".utf8)), packet.count >= 16 {
            name = "Vorbis"
            channelCount = Int(packet[11])
            sampleRate = little(12, 4)
        } else if packet.starts(with: Array("Speex   ".utf8)), packet.count >= 52 {
            name = "Speex"
            sampleRate = little(36, 4)
            channelCount = little(48, 4)
        } else if packet.starts(with: [0x7F] + Array("FLAC".utf8)), packet.count >= 51,
            let info = FLACStreamInfo(Array(packet[9...]))
        {
            name = "FLAC"
            sampleRate = info.sampleRate
            channelCount = info.channelCount
        } else {
            return nil
        }
        guard sampleRate > 0, channelCount > 0 else { return nil }
        positionRate = sampleRate
        preSkip = skip
    }
}
