/// The content of a `fmt ` chunk.
package struct WAVEFormat: Hashable {
    package let bytes: [UInt8]
    package let isBigEndian: Bool
    /// Which codec; that of the extension where there is one.
    let tag: Int
    package let channelCount: Int
    package let sampleRate: Int
    /// Bytes a second, as stated.
    let byteRate: Int
    package let blockBytes: Int

    init?(_ bytes: [UInt8], isBigEndian: Bool) {
        guard bytes.count >= 14 else { return nil }
        func integer(_ offset: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) {
                $0 | Int(bytes[offset + $1]) << (8 * (isBigEndian ? count - 1 - $1 : $1))
            }
        }
        self.bytes = bytes
        self.isBigEndian = isBigEndian
        let plain = integer(0, 2)
        tag = plain == 0xFFFE && bytes.count >= 26 ? integer(24, 2) : plain
        channelCount = integer(2, 2)
        sampleRate = integer(4, 4)
        byteRate = integer(8, 4)
        blockBytes = integer(12, 2)
    }

    /// Each block is a frame: PCM, float, A-law, mu-law.
    package var isPlain: Bool { [1, 3, 6, 7].contains(tag) }

    /// Libsndfile decodes it: also MS and IMA ADPCM, GSM 6.10, NMS ADPCM, G.721.
    package var isOfLibrary: Bool { isPlain || [2, 0x11, 0x31, 0x38, 0x40].contains(tag) }

    /// Seconds that so many bytes last; nil if the header does not tell.
    func seconds(ofBytes count: Int) -> Double? {
        if isPlain, blockBytes > 0, sampleRate > 0 {
            return Double(count / blockBytes) / Double(sampleRate)
        }
        return byteRate > 0 ? Double(count) / Double(byteRate) : nil
    }
}
