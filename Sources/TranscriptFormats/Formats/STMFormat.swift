internal import TranscriptRows

/// NIST's segments: recording, channel, speaker, start, end, text.
struct STMFormat: RecordingLinesFormat, SpeakerFormat {
    let name = "stm"
    let summary = "NIST's time-marked segments, for sclite"
    let layout = ExportLayout.oneFile
    let fields: Set<TranscriptField> = [.speaker, .channel, .span, .text]
    let needsUniqueIDs = false

    func append(
        _ recording: TranscribedRecording, to bytes: inout [UInt8]
    ) throws(ExportError) {
        let name = FlatText.token(recording.id)
        for channel in recording.channels {
            for segment in recording.segments where segment.channel == channel {
                bytes.append(name)
                bytes.append(" ")
                bytes.append(ChannelLetter.text(channel ?? 0))
                bytes.append(" ")
                bytes.append(segment.speaker.map { FlatText.token($0) } ?? "unknown")
                bytes.append(" ")
                bytes.appendSeconds(segment.start)
                bytes.append(" ")
                bytes.appendSeconds(segment.end)
                bytes.append(" ")
                bytes.append(FlatText.flat(segment.text))
                bytes.append("\n")
            }
        }
    }
}
