internal import SpeechTypes

/// How a WAV file is to be read, given what its chunks are.
package struct WAVELayout {
    package let chunks: WAVEChunks

    package init(reading file: AudioFile, at offset: Int) throws(AudioError) {
        chunks = try WAVEChunks(reading: file, at: offset)
    }

    /// What the container states and what is wrong with it.
    package var findings: FileFindings {
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
    package var header: AudioHeader? {
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
}
