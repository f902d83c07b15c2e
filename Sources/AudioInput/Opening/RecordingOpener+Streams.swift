internal import AudioDecoding
internal import AudioFormats
internal import SpeechTypes

extension RecordingOpener {
    /// FLAC: without the tags that libFLAC takes for damage, and with the files that were joined to it.
    func openFLAC(
        _ file: AudioFile, _ recognition: AudioRecognition, fromStart: Bool
    ) throws(AudioError) -> OpenedRecording {
        let end = try FLACTail.start(in: file)
        func part(at offset: Int) throws(AudioError) -> SoundFile? {
            let flac = FLACStreamInfo(try file.bytes(at: offset, count: 42))
            let view =
                end == file.byteCount && offset == recognition.offset
                ? nil : FileView(file, [.range(offset..<end)])
            return try SoundFile(file, view: view, format: .flac, flac: flac)
        }
        guard let source = try part(at: recognition.offset) else {
            // ffmpeg would find frames further on and conceal what is wrong.
            throw AudioError(.audioDamaged, file.path, "the FLAC header cannot be read")
        }
        guard fromStart else { return OpenedRecording(source) }
        var last: (source: SoundFile, offset: Int)? = (source, recognition.offset)
        /// The next file, if libFLAC has met bytes that are none of the frames of the last one.
        func next() throws(AudioError) -> (any FrameSource)? {
            guard let (source, offset) = last, source.hasBytesBehind else { return nil }
            last = nil
            guard let start = try FLACTail.nextFile(in: file, after: offset + 42),
                let joined = try part(at: start)
            else { return nil }
            source.isFollowed = true
            last = (joined, start)
            return joined
        }
        return OpenedRecording(FollowedSource(source, next))
    }

    /// Ogg: libsndfile for one whole stream of sound, ffmpeg for everything else.
    func openOgg(_ file: AudioFile) throws(AudioError) -> OpenedRecording {
        let pages = try facts.oggPages.fact(of: file) { (file) throws(AudioError) in
            try OggPages(checking: file)
        }
        let strict = !pages.isBroken
        // libsndfile would decode the first stream of a chain and call that all.
        if pages.isChained || pages.isBroken || pages.isMultiplexed {
            let opened = try openForeign(file, .ogg, strict: strict)
            return OpenedRecording(opened.source, pages.findings)
        }
        let opened = try openByTable(file, .ogg, strict: strict)
        return OpenedRecording(opened.source, pages.findings)
    }
}
