internal import AudioDecoding
internal import AudioFormats
internal import SpeechTypes

extension RecordingOpener {
    /// A WAV file, whatever its sizes say.
    func openWAVE(
        _ file: AudioFile, _ recognition: AudioRecognition
    ) throws(AudioError) -> OpenedRecording {
        let layout = try WAVELayout(reading: file, at: recognition.offset)
        let chunks = layout.chunks
        guard let first = chunks.segments.first else {
            guard chunks.hasData else {
                return try openByTable(file, recognition.format)
            }
            throw AudioError(.audioEmpty, file.path, "the header is followed by no samples")
        }
        if first.format.channelCount == 0 {
            throw AudioError(.audioDamaged, file.path, "the header says 0 channels")
        }
        guard limits.sampleRates.contains(first.format.sampleRate) else {
            throw limits.sampleRateError(file.path, first.format.sampleRate)
        }
        var findings = layout.findings
        guard first.format.isOfLibrary else {
            let opened = try openForeign(file, recognition.format, strict: false)
            if chunks.segments.count > 1 || first.ranges.count > 1 {
                findings.sentences.append(
                    "the file holds several runs of samples; which ffmpeg decodes is its choice")
                findings.code = .unreadBytes
            }
            return OpenedRecording(opened.source, findings)
        }
        guard chunks.isIrregular || recognition.offset > 0 else {
            let opened = try openByTable(file, recognition.format)
            return OpenedRecording(opened.source, findings)
        }
        guard let source = try part(first, file, recognition.format) else {
            let opened = try openForeign(file, recognition.format, strict: false)
            return OpenedRecording(opened.source, findings)
        }
        guard chunks.segments.count > 1 else { return OpenedRecording(source, findings) }
        var rest = chunks.segments.dropFirst()
        func next() throws(AudioError) -> (any FrameSource)? {
            guard let segment = rest.popFirst() else { return nil }
            guard segment.format.isOfLibrary,
                let source = try part(segment, file, recognition.format)
            else {
                throw AudioError(
                    .audioUnsupported, file.path,
                    "a WAV file that was joined to the first one has a codec that cannot be decoded; "
                        + "split them")
            }
            return source
        }
        return OpenedRecording(JoinedSource(source, next), findings)
    }

    private func part(
        _ segment: WAVEChunks.Segment, _ file: AudioFile, _ format: AudioFormat
    ) throws(AudioError) -> SoundFile? {
        try SoundFile(
            file, view: WAVELayout.view(of: segment, in: file), format: format, flac: nil)
    }
}

extension WAVELayout {
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
