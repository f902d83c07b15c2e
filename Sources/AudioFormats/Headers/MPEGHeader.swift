/// The length of a stream of MPEG audio by its first frame.
enum MPEGHeader {
    private static let headBytes = 1 << 15

    static func read(_ file: AudioFile, at offset: Int) throws(AudioError) -> AudioHeader? {
        let head = try file.bytes(at: offset, count: headBytes)
        return head.withUnsafeBytes { bytes -> AudioHeader? in
            guard let first = MPEGFrameHeader(bytes, at: 0) else { return nil }
            var header = AudioHeader(
                sampleRate: first.sampleRate, channelCount: first.channelCount)
            let audioBytes = file.byteCount - offset
            if let information = MPEGInformation(bytes, at: 0, first) {
                if let frames = information.frameCount {
                    let samples =
                        frames * first.samplesPerFrame
                        - information.startPadding - information.endPadding
                    header.statedSeconds = Double(max(0, samples)) / Double(first.sampleRate)
                    return header
                }
            }
            var frames = 0
            var position = 0
            while frames < 200, let frame = MPEGFrameHeader(bytes, at: position) {
                position += frame.byteCount
                frames += 1
            }
            let bytesPerFrame = Double(position) / Double(frames)
            header.estimatedSeconds =
                Double(audioBytes) / bytesPerFrame * Double(first.samplesPerFrame)
                / Double(first.sampleRate)
            return header
        }
    }
}

/// The same for AAC in ADTS, which never states its length.
enum ADTSHeader {
    private static let headBytes = 1 << 16

    static func read(_ file: AudioFile, at offset: Int) throws(AudioError) -> AudioHeader? {
        let head = try file.bytes(at: offset, count: headBytes)
        return head.withUnsafeBytes { bytes -> AudioHeader? in
            guard let first = ADTSFrameHeader(bytes, at: 0) else { return nil }
            var position = 0
            var samples = 0
            while let frame = ADTSFrameHeader(bytes, at: position) {
                position += frame.byteCount
                samples += frame.samplesPerFrame
            }
            let seconds = Double(samples) / Double(first.sampleRate)
            return AudioHeader(
                sampleRate: first.sampleRate, channelCount: first.channelCount,
                estimatedSeconds: seconds * Double(file.byteCount - offset) / Double(position))
        }
    }
}

/// The same for AMR: 20 ms a frame, whose first byte says how long it is.
enum AMRHeader {
    private static let headBytes = 1 << 13
    private static let narrowBytes = [13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1]
    private static let wideBytes = [18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1]

    static func read(_ file: AudioFile) throws(AudioError) -> AudioHeader? {
        let head = try file.bytes(at: 0, count: headBytes)
        let isWide = head.starts(with: Array("#!AMR-WB\n".utf8))
        guard isWide || head.starts(with: Array("#!AMR\n".utf8)) else { return nil }
        let start = isWide ? 9 : 6
        var position = start
        var frames = 0
        while position < head.count {
            position += (isWide ? wideBytes : narrowBytes)[Int(head[position] >> 3 & 0xF)]
            frames += 1
        }
        guard frames > 0 else { return nil }
        let bytesPerFrame = Double(position - start) / Double(frames)
        return AudioHeader(
            sampleRate: isWide ? 16_000 : 8_000, channelCount: 1,
            estimatedSeconds: Double(file.byteCount - start) / bytesPerFrame * 0.02)
    }
}
