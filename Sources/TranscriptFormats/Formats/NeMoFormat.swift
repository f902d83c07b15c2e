internal import SpeechTypes
internal import TranscriptRows

/// NeMo's manifest, whose `text` is the transcript.
///
/// Its programs have looked for word times under several names over the years, so all stand there.
struct NeMoFormat: RowLinesFormat, WordListFormat {
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
        guard segment.audio.isText else {
            throw ExportError(
                .unspeakable,
                "line \(segment.lineNumber): the name of \(segment.audio) is not UTF-8, which "
                    + "NeMo cannot read; rename the file")
        }
        // Most of a large output, written once and then copied.
        let items = segment.wordList ?? segment.words?.nemoItems
        let path = segment.audio.text
        var texts = path.utf8.count + 2 * segment.text.utf8.count
        for text in [segment.rowID, segment.speaker, segment.language, segment.parent?.id] {
            texts += text?.utf8.count ?? 0
        }
        let listBytes = (items?.count ?? 0) + 32
        bytes.append(atMost: 512 + 6 * texts + Self.wordTimesNames.count * listBytes) { line in
            line.append("{\"audio_filepath\":")
            line.appendQuoted(path)
            Self.append(",\"offset\":", segment.start, to: &line)
            Self.append(",\"duration\":", segment.duration, to: &line)
            line.append(",\"text\":")
            line.appendQuoted(segment.text)
            line.append(",\"pred_text\":")
            line.appendQuoted(segment.text)
            Self.append(",\"id\":", segment.rowID, to: &line)
            Self.append(",\"speaker\":", segment.speaker, to: &line)
            if let channel = segment.channel {
                line.append(",\"channel\":")
                line.appendDecimal(channel)
            }
            Self.append(",\"lang\":", segment.language, to: &line)
            if let parent = segment.parent {
                line.append(",\"parent_row\":")
                line.appendDecimal(parent.row)
                Self.append(",\"parent_id\":", parent.id, to: &line)
            }
            if let items {
                for name in Self.wordTimesNames {
                    line.append(",\"")
                    line.append(name)
                    line.append("\":")
                    line.append(items)
                }
            }
            line.append("}\n")
        }
    }

    private static func append(
        _ key: StaticString, _ text: String?, to line: inout PreparedBytes
    ) {
        guard let text else { return }
        line.append(key)
        line.appendQuoted(text)
    }

    private static func append(
        _ key: StaticString, _ time: MediaTime, to line: inout PreparedBytes
    ) {
        line.append(key)
        var text: [UInt8] = []
        text.appendExactSeconds(time)
        line.append(text)
    }
}
