internal import TranscriptRows

/// The text alone, a line for each row.
struct TXTFormat: RecordingFileFormat {
    let name = "txt"
    let summary = "the text alone, a line for each row"
    let layout = ExportLayout.fileForEachRecording
    let fields: Set<TranscriptField> = [.text]
    let fileExtension = "txt"

    func contents(
        of recording: TranscribedRecording, _ context: ExportContext
    ) throws(ExportError) -> [UInt8] {
        var bytes: [UInt8] = []
        for segment in recording.segments {
            let text = FlatText.flat(segment.text)
            if text.isEmpty { continue }
            bytes.append(text)
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}
