internal import TranscriptRows

/// Whisper's table: whole milliseconds and text, between tabs.
struct TSVFormat: RecordingFileFormat {
    let name = "tsv"
    let summary = "milliseconds and text, as Whisper writes them"
    let layout = ExportLayout.fileForEachRecording
    let fields: Set<TranscriptField> = [.span, .text]
    let fileExtension = "tsv"

    func contents(
        of recording: TranscribedRecording, _ context: ExportContext
    ) throws(ExportError) -> [UInt8] {
        var bytes = Array("start\tend\ttext\n".utf8)
        for segment in recording.segments {
            let text = FlatText.flat(segment.text)
            if text.isEmpty { continue }
            bytes.appendDecimal(segment.start.milliseconds)
            bytes.append(UInt8(ascii: "\t"))
            bytes.appendDecimal(segment.end.milliseconds)
            bytes.append(UInt8(ascii: "\t"))
            bytes.append(text)
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}
