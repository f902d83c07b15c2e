/// Lists of words as bytes, for the formats that are little else.
extension TimedWords {
    /// Appends NIST's time-marked words: recording, channel, start, length, word, confidence.
    ///
    /// - Parameters:
    ///   - offset: where the words' span begins in the recording.
    ///   - recording: its name; one token.
    ///   - channel: its letter.
    package func appendCTM(
        _ offset: MediaTime, _ recording: [UInt8], _ channel: [UInt8], to bytes: inout [UInt8]
    ) {
        let lineBytesMax = recording.count + channel.count + 3 * PreparedBytes.decimalBytesMax + 24
        bytes.append(atMost: count * lineBytesMax + texts.count + count) { line in
            forEach { entry, text in
                let start = (offset + entry.start).milliseconds
                line.append(recording)
                line.append(UInt8(ascii: " "))
                line.append(channel)
                line.append(UInt8(ascii: " "))
                line.appendSeconds(ms: start)
                line.append(UInt8(ascii: " "))
                line.appendSeconds(ms: (offset + entry.end).milliseconds - start)
                line.append(UInt8(ascii: " "))
                if FlatText.isToken(text) {
                    line.append(text)
                } else {
                    // A token is never longer than its text, but for one underscore in place of none.
                    line.append(Array(FlatText.token(String(decoding: text, as: UTF8.self)).utf8))
                }
                if entry.confidence >= 0 {
                    line.append(UInt8(ascii: " "))
                    line.appendConfidence(Int(entry.confidence))
                }
                line.append(UInt8(ascii: "\n"))
            }
        }
    }

    /// NeMo's list of words, which is that of the records.
    package var nemoItems: [UInt8] {
        // Names of members and punctuation; a byte of text takes six if it is escaped.
        let speakerBytesMax = speakers.map { 16 + 6 * $0.utf8.count }.max() ?? 0
        let itemBytesMax = 96 + 6 * PreparedBytes.decimalBytesMax + speakerBytesMax
        var bytes: [UInt8] = []
        bytes.append(atMost: 2 + count * itemBytesMax + 6 * texts.count) { list in
            list.append(UInt8(ascii: "["))
            var isFirst = true
            forEach { entry, text in
                list.append(isFirst ? "{\"word\":" : ",{\"word\":")
                isFirst = false
                list.appendQuoted(text)
                if entry.startFrame >= 0 {
                    list.append(",\"start_offset\":")
                    list.appendDecimal(entry.startFrame)
                }
                if entry.endFrame >= 0 {
                    list.append(",\"end_offset\":")
                    list.appendDecimal(entry.endFrame)
                }
                list.append(",\"start\":")
                list.appendSeconds(ms: entry.start.milliseconds)
                list.append(",\"end\":")
                list.appendSeconds(ms: entry.end.milliseconds)
                if entry.confidence >= 0 {
                    list.append(",\"confidence\":")
                    list.appendConfidence(Int(entry.confidence))
                }
                if entry.speaker >= 0 {
                    list.append(",\"speaker\":")
                    list.appendQuoted(speakers[Int(entry.speaker)])
                }
                list.append(UInt8(ascii: "}"))
            }
            list.append(UInt8(ascii: "]"))
        }
        return bytes
    }
}
