internal import SpeechTypes
internal import StrictJSON
internal import TranscriptRows

/// Hugging Face's audiofolder: the audio and a `metadata.jsonl` that names it.
struct AudioFolderFormat: FolderFormat {
    let name = "audiofolder"
    let summary = "Hugging Face's audiofolder, with the audio"
    let layout = ExportLayout.folder
    let fields: Set<TranscriptField> = [
        .id, .speaker, .channel, .language, .span, .text, .words, .confidence,
    ]

    func makeWriter(
        in folder: String, _ context: ExportContext
    ) throws(ExportError) -> any FolderWriter {
        try AudioFolderWriter(in: folder, context)
    }
}

private final class AudioFolderWriter: FolderWriter {
    private let folder: String
    private let context: ExportContext
    private let metadata: OutputFile
    private let ids: UniqueIDs

    init(in folder: String, _ context: ExportContext) throws(ExportError) {
        self.folder = folder
        self.context = context
        metadata = try OutputFile("\(folder)/metadata.jsonl")
        ids = UniqueIDs(in: folder, format: "audiofolder")
    }

    func write(_ recording: TranscribedRecording) throws(ExportError) {
        var isCopied = false
        for segment in recording.segments {
            try ids.add(segment.id, lineNumber: segment.lineNumber)
            let audio = try SampleAudio(of: segment, context)
            let path: String
            switch audio {
            case .file:
                path = "recordings/\(recording.outputPath).\(audio.fileExtension)"
                if !isCopied { try audio.write(to: "\(folder)/\(path)") }
                isCopied = true
            case .wave:
                let name = SampleAudio.fileName(for: segment.id, lineNumber: segment.lineNumber)
                path = "segments/\(name).wav"
                try audio.write(to: "\(folder)/\(path)")
            }
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("file_name", path)
            writer.member("transcription", segment.text)
            SampleMetadata.write(segment, to: &writer)
            writer.endObject()
            try metadata.append(writer.bytes + [UInt8(ascii: "\n")])
        }
    }

    func finish() throws(ExportError) {
        try ids.check()
        try metadata.commit()
    }
}

/// What data sets say of a sample beside its text.
enum SampleMetadata {
    static func write(_ segment: TranscriptSegment, to writer: inout JSONWriter) {
        writer.member("id", segment.id)
        if let speaker = segment.speaker { writer.member("speaker", speaker) }
        if let channel = segment.channel { writer.member("channel", channel) }
        if let language = segment.language { writer.member("language", language) }
        if let parent = segment.parent {
            writer.member("parent_row", parent.row)
            if let id = parent.id { writer.member("parent_id", id) }
        }
        write("start", segment.start, to: &writer)
        write("end", segment.end, to: &writer)
        guard let words = segment.words else { return }
        // From the beginning of the sample's own audio.
        writer.key("words")
        writer.beginArray()
        for word in words {
            writer.beginObject()
            writer.member("word", word.text)
            write("start", word.start, to: &writer)
            write("end", word.end, to: &writer)
            if let confidence = word.confidence {
                writer.key("confidence")
                var text: [UInt8] = []
                text.appendConfidence(confidence)
                writer.raw(text)
            }
            writer.endObject()
        }
        writer.endArray()
    }

    private static func write(_ key: String, _ time: MediaTime, to writer: inout JSONWriter) {
        writer.key(key)
        var text: [UInt8] = []
        text.appendSeconds(time)
        writer.raw(text)
    }
}
