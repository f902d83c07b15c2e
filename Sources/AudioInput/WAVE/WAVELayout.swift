internal import SpeechTypes

/// How a WAV file is to be read, given what its chunks are.
struct WAVELayout {
    let chunks: WAVEChunks

    init(reading file: AudioFile, at offset: Int) throws(AudioError) {
        chunks = try WAVEChunks(reading: file, at: offset)
    }

    /// What the container states and what is wrong with it.
    var findings: FileFindings {
        var findings = FileFindings()
        let seconds = chunks.segments.map { segment in
            segment.statedBytes.flatMap { segment.format.seconds(ofBytes: $0) }
        }
        if !seconds.contains(nil), !seconds.isEmpty {
            findings.statedSeconds = seconds.reduce(0) { $0 + ($1 ?? 0) }
        }
        // Codecs in blocks state a rate that is rounded.
        let isPlain = chunks.segments.allSatisfy(\.format.isPlain)
        findings.slackSeconds = isPlain ? 0.001 : 0.25 + 0.005 * (findings.statedSeconds ?? 0)
        if !isPlain, !chunks.isCutShort, !chunks.isWrapped {
            // Their bytes are all read, or the decoder says so; their seconds are known by decoding.
            findings.statedSeconds = nil
        }
        if let segment = chunks.segments.last, chunks.isCutShort {
            findings.sentences.append(
                "cut short: the header declares \(segment.statedBytes ?? 0) bytes of samples, "
                    + "the file has \(segment.byteCount)")
        }
        if let unread = chunks.unread, let last = chunks.segments.last {
            findings.noteUnread(
                unread.count, seconds: last.format.seconds(ofBytes: unread.count))
        }
        return findings
    }

    /// The header's description; nil without a format or samples.
    var header: AudioHeader? {
        guard let first = chunks.segments.first else { return nil }
        var header = AudioHeader(
            sampleRate: first.format.sampleRate, channelCount: first.format.channelCount)
        let read = chunks.segments.reduce(0.0) { sum, segment in
            sum + (segment.format.seconds(ofBytes: segment.byteCount) ?? 0)
        }
        header.statedSeconds = findings.statedSeconds
        header.estimatedSeconds = read
        return header
    }

    /// What libsndfile is to see of a segment: one chunk of samples with its true size.
    static func view(of segment: WAVEChunks.Segment, in file: AudioFile) -> FileView {
        let isBig = segment.format.isBigEndian
        func integer(_ value: Int, _ count: Int) -> [UInt8] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return isBig ? bytes.reversed() : bytes
        }
        let data = segment.byteCount
        let format =
            Array("fmt ".utf8) + integer(segment.format.bytes.count, 4) + segment.format.bytes
            + (segment.format.bytes.count % 2 == 0 ? [] : [0])
        let isLong = data > 0xFFFF_0000 && !isBig
        var head: [UInt8] = []
        if isLong {
            let total = 4 + 36 + format.count + 8 + data
            head = Array("RF64".utf8) + integer(0xFFFF_FFFF, 4) + Array("WAVE".utf8)
            head += Array("ds64".utf8) + integer(28, 4) + integer(total, 8) + integer(data, 8)
            head += integer(segment.format.blockBytes > 0 ? data / segment.format.blockBytes : 0, 8)
            head += integer(0, 4) + format + Array("data".utf8) + integer(0xFFFF_FFFF, 4)
        } else {
            head = Array((isBig ? "RIFX" : "RIFF").utf8)
            head += integer(4 + format.count + 8 + data, 4) + Array("WAVE".utf8)
            head += format + Array("data".utf8) + integer(min(data, 0xFFFF_FFFF), 4)
        }
        return FileView(file, [.bytes(head)] + segment.ranges.map { .range($0) })
    }
}
