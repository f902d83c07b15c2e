internal import TranscriptRows

/// NIST's time-marked words: recording, channel, start, length, word, confidence.
struct CTMFormat: RecordingLinesFormat {
    let name = "ctm"
    let summary = "NIST's time-marked words, for sclite"
    let layout = ExportLayout.oneFile
    let fields: Set<TranscriptField> = [.channel, .words, .confidence]
    let needsUniqueIDs = false

    func append(
        _ recording: TranscribedRecording, to bytes: inout [UInt8]
    ) throws(ExportError) {
        let name = FlatText.token(recording.id)
        for channel in recording.channels {
            var words: [(start: MediaTime, end: MediaTime, word: TimedWord)] = []
            for segment in recording.segments where segment.channel == channel {
                for word in try segment.requiredWords(for: self.name) {
                    words.append((segment.start(of: word), segment.end(of: word), word))
                }
            }
            // Rows may overlap; scorers want the order of time.
            if zip(words, words.dropFirst()).contains(where: { $0.start > $1.start }) {
                let order = words.indices.sorted { (words[$0].start, $0) < (words[$1].start, $1) }
                words = order.map { words[$0] }
            }
            let letter = ChannelLetter.text(channel ?? 0)
            for (start, end, word) in words {
                bytes.append(name)
                bytes.append(" ")
                bytes.append(letter)
                bytes.append(" ")
                bytes.appendSeconds(start)
                bytes.append(" ")
                bytes.appendSeconds(ms: end.milliseconds - start.milliseconds)
                bytes.append(" ")
                bytes.append(FlatText.token(word.text))
                if let confidence = word.confidence {
                    bytes.append(" ")
                    bytes.appendConfidence(confidence)
                }
                bytes.append("\n")
            }
        }
    }
}
