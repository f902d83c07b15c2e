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
        let name = Array(FlatText.token(recording.id).utf8)
        for channel in recording.channels {
            let letter = Array(ChannelLetter.text(channel ?? 0).utf8)
            let segments = recording.segments.filter { $0.channel == channel }
            let words = try segments.map { segment throws(ExportError) in
                try segment.requiredWords(for: self.name)
            }
            if Self.isInOrder(segments, words) {
                for (segment, words) in zip(segments, words) {
                    words.appendCTM(segment.start, name, letter, to: &bytes)
                }
                continue
            }
            // Rows may overlap; scorers want the order of time.
            var lines: [(start: MediaTime, line: [UInt8])] = []
            for (segment, words) in zip(segments, words) {
                for word in words {
                    var line: [UInt8] = []
                    TimedWords([word]).appendCTM(segment.start, name, letter, to: &line)
                    lines.append((segment.start(of: word), line))
                }
            }
            let order = lines.indices.sorted { (lines[$0].start, $0) < (lines[$1].start, $1) }
            for index in order { bytes += lines[index].line }
        }
    }

    private static func isInOrder(_ segments: [TranscriptSegment], _ words: [TimedWords]) -> Bool {
        var last = MediaTime.zero
        for (segment, words) in zip(segments, words) {
            for index in words.indices {
                let start = segment.start + words.start(of: index)
                if start < last { return false }
                last = start
            }
        }
        return true
    }
}
