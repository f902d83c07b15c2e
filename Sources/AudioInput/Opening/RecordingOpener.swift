internal import AudioDecoding
internal import AudioFormats
internal import SpeechTypes

/// Chooses and starts the decoder of a file, by ``AudioFormat/decoding`` and what is known to be wrong
/// with files of its type.
struct RecordingOpener {
    let limits: AudioLimits
    let ffmpeg: String
    var facts = FileFacts()

    /// Opens `file` at its first frame.
    ///
    /// - Parameter fromStart: it is read from there; otherwise a part of it is, and what would only be
    ///   found at its end need not be looked for.
    func open(_ file: AudioFile, fromStart: Bool) throws(AudioError) -> OpenedRecording {
        guard let recognition = try AudioRecognition.recognise(file) else {
            throw try unknown(file)
        }
        let format = recognition.format
        if let reason = try EncryptedFiles.reason(file, format) {
            throw AudioError(
                .audioEncrypted, file.path,
                "\(reason); decrypt it with the means of its owner first")
        }
        switch format {
        case .wave, .rf64, .bw64, .bigEndianWave:
            return try openWAVE(file, recognition)
        case .flac: return try openFLAC(file, recognition, fromStart: fromStart)
        case .ogg: return try openOgg(file)
        case .au: return try openAU(file)
        case .aiff, .aifc: return try openAIFF(file)
        case .caf: return try openCAF(file)
        case .wave64: return try openWave64(file)
        case .mp4:
            var opened = try openByTable(file, format)
            if try MP4Header(reading: file).isJoined {
                opened.findings.sentences.append(
                    "another MP4 file stands behind the first and was not read; split them")
                opened.findings.code = .unreadBytes
            }
            return opened
        case .mpegAudio:
            let seekPoints =
                fromStart
                ? nil
                : try facts.mpegSeekPoints.fact(of: file) { (file) throws(AudioError) in
                    try MPEGSeekPoints(walking: file, from: 0)
                }
            // From the first byte, so that what stands before the first frame is accounted for.
            guard let source = try MPEGDecoder(file, from: 0, seekPoints: seekPoints) else {
                throw AudioError(
                    .audioUnsupported, file.path, "no frame of MPEG audio is found in it")
            }
            return OpenedRecording(source)
        case .sphere:
            if let packing = try SphereHeader.packing(of: file) {
                throw AudioError(
                    .audioUnsupported, file.path,
                    "its samples are packed with \(packing); unpack it with sph2pipe (sph2pipe -f wav "
                        + "IN OUT) and name the result")
            }
        default: break
        }
        return try openByTable(file, format)
    }

    /// libsndfile or ffmpeg, as the table says, and the second if the first does not open the file.
    func openByTable(
        _ file: AudioFile, _ format: AudioFormat, view: FileView? = nil, strict: Bool = false
    ) throws(AudioError) -> OpenedRecording {
        let decoding = format.decoding
        if decoding.first == .libsndfile,
            let source = try SoundFile(file, view: view, format: format, flac: nil),
            source.declaredFrames != 0
        {
            return OpenedRecording(source)
        }
        return try openForeign(file, format, strict: strict)
    }

    func openForeign(
        _ file: AudioFile, _ format: AudioFormat, strict: Bool
    ) throws(AudioError) -> OpenedRecording {
        for decoder in [format.decoding.first, format.decoding.second] {
            if case .ffmpeg(let demuxer) = decoder {
                return OpenedRecording(
                    try FFmpegDecoder(
                        file, demuxer: demuxer, strict: strict,
                        statesLength: format.statesLengthToFFmpeg, executable: ffmpeg,
                        limits: limits))
            }
        }
        throw AudioError(
            .audioUnsupported, file.path,
            "it looks like \(format.rawValue), but no decoder opens it; convert it, or check the path"
        )
    }

    private func unknown(_ file: AudioFile) throws(AudioError) -> AudioError {
        if try file.firstNonZero(from: 0) == nil {
            return AudioError(
                .audioOnlyZeros, file.path,
                "all of its \(file.byteCount) bytes are zero, as an interrupted copy or download leaves "
                    + "them; fetch it again")
        }
        return AudioError(
            .audioUnsupported, file.path,
            "its first bytes are of no known audio type; convert it, or check the path")
    }
}

extension AudioFormat {
    /// What ffmpeg prints as the length stands in the container, instead of being guessed from its bit
    /// rate or its time stamps.
    var statesLengthToFFmpeg: Bool {
        switch self {
        case .mp4, .matroska, .asf, .avi, .flv, .wavPack, .monkeysAudio, .trueAudio, .musepack7,
            .musepack8, .tak, .caf, .aifc, .dsf, .dsdiff, .mxf, .xwma, .qcp:
            true
        default: false
        }
    }
}
