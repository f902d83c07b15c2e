internal import SubtitleCues
internal import TranscriptRows

/// SubRip: numbered subtitles, with a comma before the milliseconds.
struct SRTFormat: SubtitleFormat {
    let name = "srt"
    let summary = "SubRip subtitles"
    let layout = ExportLayout.fileForEachRecording
    let fields: Set<TranscriptField> = [.span, .text]
    let fileExtension = "srt"

    func contents(
        of recording: TranscribedRecording, _ context: ExportContext
    ) throws(ExportError) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, cue) in cues(of: recording, context).enumerated() {
            bytes.appendDecimal(index + 1)
            bytes.append(UInt8(ascii: "\n"))
            bytes.appendClock(ms: cue.startMilliseconds, point: UInt8(ascii: ","))
            bytes.append(" --> ")
            bytes.appendClock(ms: cue.endMilliseconds, point: UInt8(ascii: ","))
            bytes.append(UInt8(ascii: "\n"))
            for line in cue.lines {
                // SubRip has no escapes, and readers take an arrow for a line of times.
                bytes.append(line.replacing("-->", with: "->"))
                bytes.append(UInt8(ascii: "\n"))
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}
