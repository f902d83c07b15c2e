/// The four bytes that begin every frame of MPEG audio, layers I to III (ISO 11172-3, 13818-3, and
/// the quarter rates of "MPEG 2.5").
package struct MPEGFrameHeader: Hashable, Sendable {
    /// 1 to 3.
    package let layer: Int
    /// Frames of 1,152 samples (layer III of MPEG 2 and 2.5: 576; layer I: 384).
    package let samplesPerFrame: Int
    package let sampleRate: Int
    package let channelCount: Int
    /// Bits a second.
    let bitRate: Int
    /// The whole frame's bytes, these four among them.
    package let byteCount: Int
    /// Bytes of side information behind the four (and the checksum); layer III only.
    package let sideInformationBytes: Int
    package let hasChecksum: Bool

    /// No frame is longer: layer II at 384 kbit/s and 32 kHz has 1,729 bytes.
    package static let byteCountMax = 2_881

    /// Nil unless the four bytes at `start` can begin a frame; the free format, in which they do not
    /// say how long the frame is, is not taken.
    init?(_ bytes: UnsafeRawBufferPointer, at start: Int) {
        guard start >= 0, start + 4 <= bytes.count, bytes[start] == 0xFF,
            bytes[start + 1] & 0xE0 == 0xE0
        else { return nil }
        let second = bytes[start + 1]
        let third = bytes[start + 2]
        let version = Int(second >> 3 & 3)
        let layerBits = Int(second >> 1 & 3)
        let bitRateIndex = Int(third >> 4)
        let rateIndex = Int(third >> 2 & 3)
        guard version != 1, layerBits != 0, bitRateIndex != 0, bitRateIndex != 15, rateIndex != 3,
            bytes[start + 3] & 3 != 2
        else { return nil }
        let isFirstVersion = version == 3
        layer = 4 - layerBits
        sampleRate =
            [44_100, 48_000, 32_000][rateIndex] >> (isFirstVersion ? 0 : version == 2 ? 1 : 2)
        channelCount = bytes[start + 3] >> 6 == 3 ? 1 : 2
        hasChecksum = second & 1 == 0
        let kilobits = Self.kilobits[isFirstVersion ? layer - 1 : layer == 1 ? 3 : 4][bitRateIndex]
        bitRate = kilobits * 1_000
        let padding = Int(third >> 1 & 1)
        switch layer {
        case 1:
            samplesPerFrame = 384
            byteCount = (12 * bitRate / sampleRate + padding) * 4
        case 2:
            samplesPerFrame = 1_152
            byteCount = 144 * bitRate / sampleRate + padding
        default:
            samplesPerFrame = isFirstVersion ? 1_152 : 576
            byteCount = (isFirstVersion ? 144 : 72) * bitRate / sampleRate + padding
        }
        sideInformationBytes =
            layer < 3
            ? 0 : isFirstVersion ? (channelCount == 1 ? 17 : 32) : (channelCount == 1 ? 9 : 17)
        guard byteCount > 4 else { return nil }
    }

    /// Makes a frame of layer III one of silence: its side information says that it has no sound.
    ///
    /// The bytes of sound in it stay, and so does the field that says how many bytes of frames before it
    /// reaches back to (9 bits, or 8): a decoder keeps no more than that for the frames behind it. Other
    /// layers reach back to nothing and are left as they are.
    package func mute(_ frame: inout ArraySlice<UInt8>) {
        let start = frame.startIndex + 4 + (hasChecksum ? 2 : 0)
        let end = min(start + sideInformationBytes, frame.endIndex)
        guard start + 1 < end else { return }
        frame[start + 1] &= samplesPerFrame == 1_152 ? 0x80 : 0
        for index in start + 2..<end { frame[index] = 0 }
    }

    /// Whether a frame of one stream can follow the other: what an encoder never changes is equal.
    package func isOfSameStream(as other: Self) -> Bool {
        layer == other.layer && sampleRate == other.sampleRate
            && samplesPerFrame == other.samplesPerFrame && channelCount == other.channelCount
    }

    /// Kilobits a second by the index: MPEG 1 layers I, II, III; MPEG 2 layer I; MPEG 2 layers II, III.
    private static let kilobits = [
        [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ]
}
