internal import TranscriptRows

/// NIST's rich transcription time marks: who speaks when, a line for each stretch of speech.
///
/// `SPEAKER file channel start length <NA> <NA> speaker <NA> <NA>`, channels counted from 1. Where rows name
/// no speaker, that is the channel's letter in recordings with several, and `speech` in others.
struct RTTMFormat: RecordingLinesFormat, BoundaryFormat {
    let name = "rttm"
    let summary = "NIST's time marks of who speaks, for diarisers"
    let layout = ExportLayout.oneFile
    let fields: Set<TranscriptField> = [.speaker, .channel, .span]
    let needsUniqueIDs = false

    func append(
        _ recording: TranscribedRecording, to bytes: inout [UInt8]
    ) throws(ExportError) {
        let file = FlatText.token(recording.id)
        let hasChannels = recording.channels.contains { $0 ?? 0 > 0 }
        for segment in recording.segments {
            let milliseconds = segment.end.milliseconds - segment.start.milliseconds
            // Readers take a stretch without a length for a fault.
            guard milliseconds > 0 else { continue }
            let letter = hasChannels ? segment.channel.map(ChannelLetter.text) : nil
            bytes.append("SPEAKER ")
            bytes.append(file)
            bytes.append(" ")
            bytes.appendDecimal((segment.channel ?? 0) + 1)
            bytes.append(" ")
            bytes.appendSeconds(segment.start)
            bytes.append(" ")
            bytes.appendSeconds(ms: milliseconds)
            bytes.append(" <NA> <NA> ")
            bytes.append(segment.speaker.map { FlatText.token($0) } ?? letter ?? "speech")
            bytes.append(" <NA> <NA>\n")
        }
    }
}
