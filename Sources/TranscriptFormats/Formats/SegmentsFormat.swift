internal import TranscriptRows

/// Kaldi's `segments`: utterance, recording, start and end of each stretch of speech.
///
/// Utterances are called as in the data folder that `kaldi` writes, so that its other files go with this.
struct SegmentsFormat: SortedLinesFormat, BoundaryFormat {
    let name = "segments"
    let summary = "Kaldi's segments: where speech is"
    let layout = ExportLayout.oneFile
    let fields: Set<TranscriptField> = [.id, .speaker, .channel, .span]

    func lines(of recording: TranscribedRecording) throws(ExportError) -> [SortedLine] {
        let name = FlatText.token(recording.id)
        let isParted = recording.channels.contains { $0 ?? 0 > 0 }
        return try recording.segments.map { segment throws(ExportError) in
            var rest = Array(name.utf8)
            if isParted { rest.append("-" + (segment.channel.map(ChannelLetter.text) ?? "mix")) }
            rest.append(UInt8(ascii: " "))
            rest.appendSeconds(segment.start)
            rest.append(UInt8(ascii: " "))
            rest.appendSeconds(segment.end)
            return SortedLine(
                id: try KaldiUtterance(segment).id, rest: rest, lineNumber: segment.lineNumber)
        }
    }
}
