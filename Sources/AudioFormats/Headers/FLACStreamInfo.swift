/// The STREAMINFO block that begins every FLAC file.
package struct FLACStreamInfo: Equatable {
    package let sampleRate: Int
    package let channelCount: Int
    package let bitsPerSample: Int
    /// Frames in the file; 0 where the encoder could not go back to say so.
    package let frameCount: Int
    /// MD5 over the decoded samples; nil where the encoder left it out.
    package let md5: [UInt8]?

    /// - Parameter bytes: from the `fLaC` marker on, at least 42 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= 42, bytes.starts(with: Array("fLaC".utf8)), bytes[4] & 0x7F == 0
        else { return nil }
        sampleRate = Int(bytes[18]) << 12 | Int(bytes[19]) << 4 | Int(bytes[20] >> 4)
        channelCount = Int(bytes[20] >> 1 & 7) + 1
        bitsPerSample = (Int(bytes[20] & 1) << 4 | Int(bytes[21] >> 4)) + 1
        frameCount = bytes[22..<26].reduce(Int(bytes[21] & 0x0F)) { $0 << 8 | Int($1) }
        let sum = Array(bytes[26..<42])
        md5 = sum.allSatisfy { $0 == 0 } ? nil : sum
    }

    package var header: AudioHeader {
        AudioHeader(
            sampleRate: sampleRate, channelCount: channelCount,
            statedSeconds: frameCount > 0 && sampleRate > 0
                ? Double(frameCount) / Double(sampleRate) : nil)
    }
}
