/// The seven bytes that begin every frame of AAC in ADTS (ISO 13818-7).
struct ADTSFrameHeader: Hashable, Sendable {
    let sampleRate: Int
    let channelCount: Int
    /// The whole frame's bytes.
    let byteCount: Int
    /// 1,024 for each raw block in the frame.
    let samplesPerFrame: Int

    private static let sampleRates = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025,
        8_000,
        7_350,
    ]

    init?(_ bytes: UnsafeRawBufferPointer, at start: Int) {
        guard start + 7 <= bytes.count, bytes[start] == 0xFF, bytes[start + 1] & 0xF6 == 0xF0
        else { return nil }
        let rateIndex = Int(bytes[start + 2] >> 2 & 0xF)
        guard rateIndex < Self.sampleRates.count else { return nil }
        sampleRate = Self.sampleRates[rateIndex]
        let configuration = Int(bytes[start + 2] & 1) << 2 | Int(bytes[start + 3] >> 6)
        channelCount = configuration == 7 ? 8 : max(1, configuration)
        byteCount =
            Int(bytes[start + 3] & 3) << 11 | Int(bytes[start + 4]) << 3
            | Int(bytes[start + 5] >> 5)
        samplesPerFrame = (Int(bytes[start + 6] & 3) + 1) * 1_024
        guard byteCount > 7 else { return nil }
    }
}
