internal import TranscriptRows

/// NIST's transcripts: the text, and the id in parentheses.
struct TRNFormat: RecordingLinesFormat {
    let name = "trn"
    let summary = "NIST's transcripts with ids, for sclite"
    let layout = ExportLayout.oneFile
    let fields: Set<TranscriptField> = [.id, .text]
    let needsUniqueIDs = true

    func append(
        _ recording: TranscribedRecording, to bytes: inout [UInt8]
    ) throws(ExportError) {
        for segment in recording.segments {
            let text = FlatText.flat(segment.text)
            if !text.isEmpty {
                bytes.append(text)
                bytes.append(" ")
            }
            bytes.append("(")
            bytes.append(FlatText.token(segment.id, besides: "()"))
            bytes.append(")\n")
        }
    }
}
