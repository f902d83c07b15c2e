internal import TranscriptRows

/// Praat's TextGrid in its long form: for each channel a tier of rows, one of stretches of speech where
/// records list them, and one of words.
struct TextGridFormat: RecordingFileFormat, SegmentListFormat {
    let name = "textgrid"
    let summary = "Praat's tiers of rows, segments and words"
    let layout = ExportLayout.fileForEachRecording
    let fields: Set<TranscriptField> = [.channel, .span, .text, .words]
    let fileExtension = "TextGrid"

    private struct Interval {
        var start: MediaTime
        var end: MediaTime
        var label: String
    }

    func contents(
        of recording: TranscribedRecording, _ context: ExportContext
    ) throws(ExportError) -> [UInt8] {
        let channels = recording.channels
        var tiers: [(name: String, intervals: [Interval])] = []
        for channel in channels {
            let suffix = channels.count > 1 ? channel.map { " \($0)" } ?? " mix" : ""
            let segments = recording.segments.filter { $0.channel == channel }
            tiers.append(
                (
                    "utterances" + suffix,
                    segments.filter { !FlatText.isBlank($0.text) }.map {
                        Interval(start: $0.start, end: $0.end, label: FlatText.flat($0.text))
                    }
                ))
            if segments.contains(where: { $0.segments != nil }) {
                let speech = segments.flatMap { segment in
                    (segment.segments ?? []).map {
                        Interval(
                            start: segment.start(of: $0), end: segment.end(of: $0),
                            label: FlatText.flat($0.text))
                    }
                }
                tiers.append(("segments" + suffix, speech))
            }
            // Rows without word times still have their own tier.
            guard segments.contains(where: { $0.words != nil }) else { continue }
            let words = segments.flatMap { segment in
                (segment.words ?? []).map {
                    Interval(
                        start: segment.start(of: $0), end: segment.end(of: $0),
                        label: FlatText.flat($0.text))
                }
            }
            tiers.append(("words" + suffix, words))
        }
        let last = tiers.flatMap { $0.intervals.map(\.end) }.max() ?? .zero
        let length = context.recordings.facts(of: recording.audio)?.duration ?? recording.end
        // Praat has no empty grid.
        return Self.grid(tiers, end: max(length, last, MediaTime(milliseconds: 1)))
    }

    private static func grid(
        _ tiers: [(name: String, intervals: [Interval])], end: MediaTime
    ) -> [UInt8] {
        var bytes = Array("File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n".utf8)
        appendLimits(.zero, end, indent: "", to: &bytes)
        bytes.append("tiers? <exists> \nsize = ")
        bytes.appendDecimal(tiers.count)
        bytes.append(" \nitem []: \n")
        for (index, tier) in tiers.enumerated() {
            bytes.append("    item [")
            bytes.appendDecimal(index + 1)
            bytes.append("]:\n        class = \"IntervalTier\" \n        name = ")
            appendQuoted(tier.name, to: &bytes)
            bytes.append(" \n")
            appendLimits(.zero, end, indent: "        ", to: &bytes)
            let intervals = filled(tier.intervals, end: end)
            bytes.append("        intervals: size = ")
            bytes.appendDecimal(intervals.count)
            bytes.append(" \n")
            for (number, interval) in intervals.enumerated() {
                bytes.append("        intervals [")
                bytes.appendDecimal(number + 1)
                bytes.append("]:\n")
                appendLimits(interval.start, interval.end, indent: "            ", to: &bytes)
                bytes.append("            text = ")
                appendQuoted(interval.label, to: &bytes)
                bytes.append(" \n")
            }
        }
        return bytes
    }

    /// Intervals that cover all of the time: empty ones between, and none over another.
    ///
    /// What begins before the previous one ends begins there; what has no time left then is said with
    /// the previous one, so that no word is lost.
    private static func filled(_ intervals: [Interval], end: MediaTime) -> [Interval] {
        var filled: [Interval] = []
        var edge = MediaTime.zero
        let order = intervals.indices.sorted {
            (intervals[$0].start, $0) < (intervals[$1].start, $1)
        }
        for index in order {
            var interval = intervals[index]
            interval.start = max(interval.start, edge)
            interval.end = min(interval.end, end)
            guard interval.end > interval.start else {
                if let last = filled.indices.last {
                    let label = filled[last].label
                    filled[last].label =
                        label.isEmpty ? interval.label : label + " " + interval.label
                }
                continue
            }
            if interval.start > edge {
                filled.append(Interval(start: edge, end: interval.start, label: ""))
            }
            filled.append(interval)
            edge = interval.end
        }
        if edge < end { filled.append(Interval(start: edge, end: end, label: "")) }
        return filled
    }

    private static func appendLimits(
        _ start: MediaTime, _ end: MediaTime, indent: StaticString, to bytes: inout [UInt8]
    ) {
        for (name, time) in [("xmin", start), ("xmax", end)] {
            bytes.append(indent)
            bytes.append(name)
            bytes.append(" = ")
            bytes.appendExactSeconds(time)
            bytes.append(" \n")
        }
    }

    /// In quotes, which are doubled inside.
    private static func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
