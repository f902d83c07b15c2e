internal import SpeechTypes
internal import StrictJSON
internal import TranscriptRows

/// NeMo's manifest, whose `text` is the transcript.
///
/// Its programs have looked for word times under several names over the years, so all stand there.
struct NeMoFormat: RowLinesFormat {
    let name = "nemo"
    let summary = "NeMo's manifest, the transcript as text"
    let layout = ExportLayout.oneFile
    let fields: Set<TranscriptField> = [
        .path, .id, .speaker, .channel, .language, .span, .text, .words, .confidence,
    ]
    let head = ""

    /// The records' own name; of NeMo 2; of NeMo 1.
    static let wordTimesNames = ["word_timestamps", "timestamp_word", "timestamps_word"]

    func append(_ segment: TranscriptSegment, to bytes: inout [UInt8]) throws(ExportError) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("audio_filepath", segment.audio.text)
        if !segment.audio.isText {
            throw ExportError(
                .unspeakable,
                "line \(segment.lineNumber): the name of \(segment.audio) is not UTF-8, which "
                    + "NeMo cannot read; rename the file")
        }
        write("offset", segment.start, to: &writer)
        write("duration", segment.duration, to: &writer)
        writer.member("text", segment.text)
        writer.member("pred_text", segment.text)
        if let id = segment.rowID { writer.member("id", id) }
        if let speaker = segment.speaker { writer.member("speaker", speaker) }
        if let channel = segment.channel { writer.member("channel", channel) }
        if let language = segment.language { writer.member("lang", language) }
        if let words = segment.words {
            let items = Self.items(words)
            for name in Self.wordTimesNames {
                writer.key(name)
                writer.raw(items)
            }
        }
        writer.endObject()
        bytes += writer.bytes
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The list of words, written as bytes: it is the most of a large output.
    private static func items(_ words: [TimedWord]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.count * 112)
        bytes.append("[")
        for (index, word) in words.enumerated() {
            bytes.append(index == 0 ? "{\"word\":" : ",{\"word\":")
            var quoted = JSONWriter()
            quoted.value(word.text)
            bytes += quoted.bytes
            if let frame = word.startFrame {
                bytes.append(",\"start_offset\":")
                bytes.appendDecimal(frame)
            }
            if let frame = word.endFrame {
                bytes.append(",\"end_offset\":")
                bytes.appendDecimal(frame)
            }
            bytes.append(",\"start\":")
            bytes.appendSeconds(word.start)
            bytes.append(",\"end\":")
            bytes.appendSeconds(word.end)
            if let confidence = word.confidence {
                bytes.append(",\"confidence\":")
                bytes.appendConfidence(confidence)
            }
            bytes.append("}")
        }
        bytes.append("]")
        return bytes
    }

    private func write(_ key: String, _ time: MediaTime, to writer: inout JSONWriter) {
        writer.key(key)
        var text: [UInt8] = []
        text.appendExactSeconds(time)
        writer.raw(text)
    }
}
