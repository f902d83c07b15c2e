internal import SubtitleCues
internal import TranscriptRows

/// WebVTT, as browsers show it (W3C, WebVTT: The Web Video Text Tracks Format).
struct VTTFormat: SubtitleFormat, SpeakerFormat {
    let name = "vtt"
    let summary = "WebVTT subtitles, with the speaker as voice"
    let layout = ExportLayout.fileForEachRecording
    let fields: Set<TranscriptField> = [.speaker, .span, .text]
    let fileExtension = "vtt"

    func contents(
        of recording: TranscribedRecording, _ context: ExportContext
    ) throws(ExportError) -> [UInt8] {
        var bytes = Array("WEBVTT\n".utf8)
        for cue in cues(of: recording, context) {
            bytes.append(UInt8(ascii: "\n"))
            bytes.appendClock(ms: cue.startMilliseconds, point: UInt8(ascii: "."))
            bytes.append(" --> ")
            bytes.appendClock(ms: cue.endMilliseconds, point: UInt8(ascii: "."))
            bytes.append(UInt8(ascii: "\n"))
            if let speaker = recording.segments[cue.utterance].speaker {
                // A voice lasts to the end of its cue.
                bytes.append("<v ")
                Self.append(FlatText.flat(speaker), to: &bytes)
                bytes.append(">")
            }
            for line in cue.lines {
                Self.append(line, to: &bytes)
                bytes.append(UInt8(ascii: "\n"))
            }
        }
        return bytes
    }

    /// With the three characters escaped that mean something in a cue; so no arrow is left either.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes.append("&amp;")
            case UInt8(ascii: "<"): bytes.append("&lt;")
            case UInt8(ascii: ">"): bytes.append("&gt;")
            default: bytes.append(byte)
            }
        }
    }
}
