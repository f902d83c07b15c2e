internal import StrictJSON
internal import TranscriptRows

/// The `verbose_json` of OpenAI's transcription interface.
///
/// Readers of it want numbers of Whisper's decoder in each segment, which this engine does not have;
/// they stand with the values that no reader takes for a fault.
struct JSONFormat: RecordingFileFormat {
    let name = "json"
    let summary = "OpenAI's verbose_json: text, segments, words"
    let layout = ExportLayout.fileForEachRecording
    let fields: Set<TranscriptField> = [.language, .span, .text, .words, .confidence]
    let fileExtension = "json"

    func contents(
        of recording: TranscribedRecording, _ context: ExportContext
    ) throws(ExportError) -> [UInt8] {
        let segments = recording.segments.filter { !FlatText.isBlank($0.text) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("task", "transcribe")
        writer.member(
            "language",
            recording.segments.lazy.compactMap(\.language).first ?? context.language ?? "unknown")
        writer.key("duration")
        var duration: [UInt8] = []
        duration.appendExactSeconds(
            context.recordings.facts(of: recording.audio)?.duration ?? recording.end)
        writer.raw(duration)
        writer.member("text", segments.map { FlatText.flat($0.text) }.joined(separator: " "))
        writer.key("segments")
        writer.beginArray()
        for (index, segment) in segments.enumerated() { Self.write(segment, index, to: &writer) }
        writer.endArray()
        if segments.allSatisfy({ $0.words != nil }) {
            writer.key("words")
            writer.beginArray()
            for segment in segments {
                for word in segment.words ?? [] { Self.write(word, of: segment, to: &writer) }
            }
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func write(
        _ segment: TranscriptSegment, _ index: Int, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.member("id", index)
        writer.member("seek", 0)
        write("start", segment.start, to: &writer)
        write("end", segment.end, to: &writer)
        writer.member("text", " " + FlatText.flat(segment.text))
        writer.key("tokens")
        writer.beginArray()
        writer.endArray()
        writer.member("temperature", 0.0)
        writer.member("avg_logprob", 0.0)
        writer.member("compression_ratio", 1.0)
        writer.member("no_speech_prob", 0.0)
        writer.endObject()
    }

    private static func write(
        _ word: TimedWord, of segment: TranscriptSegment, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.member("word", word.text)
        write("start", segment.start(of: word), to: &writer)
        write("end", segment.end(of: word), to: &writer)
        if let confidence = word.confidence {
            // As Whisper's own word times have it.
            writer.key("probability")
            var bytes: [UInt8] = []
            bytes.appendConfidence(confidence)
            writer.raw(bytes)
        }
        writer.endObject()
    }

    private static func write(_ key: String, _ time: MediaTime, to writer: inout JSONWriter) {
        writer.key(key)
        var bytes: [UInt8] = []
        bytes.appendSeconds(time)
        writer.raw(bytes)
    }
}
