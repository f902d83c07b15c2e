internal import SpeechTypes
internal import TranscriptRows

/// A row as a picture that needs nothing else: its waveform, the speech in it, what is computed of it,
/// and its words, in lines from left to right like text.
///
/// The same values give the same bytes. The picture of a day has less than two megabytes.
package struct RecordingPicture {
    private let timeline: RecordingTimeline
    private let scale: PictureScale
    private let lanes: [LanePicture]

    /// Lanes that a picture has room for.
    package static let lanesMax = 8

    private static let left = 44
    private static let right = 40
    private static let top = 92
    private static let axisHeight = 26

    /// - Precondition: there are 1 to ``lanesMax`` lanes.
    package init(_ timeline: RecordingTimeline) {
        precondition((1...Self.lanesMax).contains(timeline.lanes.count), "lanes fit the picture")
        self.timeline = timeline
        let scale = PictureScale(
            timeline.shown, offset: timeline.offset, lanes: timeline.lanes.count)
        self.scale = scale
        lanes = timeline.lanes.map { LanePicture($0, scale) }
    }

    /// The whole picture.
    package var svg: String {
        let lineHeight = lanes.reduce(Self.axisHeight) { $0 + $1.height }
        let lines = scale.lines
        let width = Self.left + PictureScale.width + Self.right
        let height = Self.top + lines.count * lineHeight + 6
        var picture = SVGBuilder()
        picture.put(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
                + "viewBox=\"0 0 \(width) \(height)\" font-family=\"system-ui, sans-serif\" "
                + "fill=\"none\" role=\"img\">")
        picture.put("<title>\(SVGBuilder.escaped(timeline.title))</title>")
        picture.put("<desc>\(SVGBuilder.escaped(facts.joined(separator: "; ")))</desc>")
        picture.put(PictureStyle.sheet)
        picture.put("<rect class=\"page\" width=\"\(width)\" height=\"\(height)\"/>")
        let title = SVGBuilder.shortened(timeline.title, columns: 110)
        picture.label(title, x: 160, y: 26, "title")
        for (index, fact) in facts.enumerated() {
            picture.label(fact, x: 160, y: 44 + 15 * index, "faint")
        }
        drawLegend(&picture)
        for (index, line) in lines.enumerated() {
            draw(line, at: Self.top + index * lineHeight, &picture)
        }
        picture.put("</svg>")
        return picture.text
    }

    private func draw(_ line: Range<Int>, at top: Int, _ picture: inout SVGBuilder) {
        let bottom = top + lanes.reduce(0) { $0 + $1.height }
        var grid = ""
        for tick in scale.ticks(of: line) {
            let x = Self.left * 10 + tick.place
            grid += "M\(SVGBuilder.points(x)) \(top)V\(bottom + 2)"
            picture.label(tick.text, x: x, y: bottom + 12, "faint", anchor: "middle")
        }
        picture.put("<path class=\"grid\" d=\"\(grid)\"/>")
        var y = top
        for lane in lanes {
            if let channel = lane.lane.channel, lanes.count > 1 {
                picture.label(
                    ChannelLetter.text(channel), x: (Self.left - 12) * 10, y: y + 26, "faint",
                    anchor: "end")
            }
            lane.draw(line, x: Self.left, y: y, in: &picture)
            y += lane.height
        }
    }

    // MARK: Words about it

    /// A line for the whole, and one for what became of its time.
    private var facts: [String] {
        let length = Self.seconds(timeline.samples)
        var whole = ["\(length) long"]
        if timeline.offset > .zero {
            let start = PictureScale.clock(timeline.offset.nanoseconds / 1_000_000, tenths: true)
            whole.append("from \(start) of the recording")
        }
        let words = timeline.lanes.reduce(0) { $0 + $1.words.count }
        let windows = timeline.lanes.reduce(0) { $0 + $1.windows.count }
        whole.append(words == 1 ? "1 word" : "\(words) words")
        let kind =
            switch timeline.chunking {
            case .grid: "of the grid"
            case .off: "without cuts"
            case .speech: "around speech"
            }
        whole.append("\(windows) \(windows == 1 ? "window" : "windows") \(kind)")
        return [whole.joined(separator: ", "), spent]
    }

    private var spent: String {
        let all = max(1, timeline.samples * timeline.lanes.count)
        func part(_ samples: Int) -> String {
            let tenths = (samples * 1_000 + all / 2) / all
            return "\(Self.seconds(samples)) (\(tenths / 10).\(tenths % 10) %)"
        }
        let coverage = timeline.lanes.compactMap(\.coverage)
        guard coverage.count == timeline.lanes.count else {
            let speech = timeline.lanes.reduce(0) { sum, lane in
                lane.speech.reduce(sum) { $0 + $1.count }
            }
            return "speech found in \(part(speech)); all of it computed"
        }
        return "speech \(part(coverage.reduce(0) { $0 + $1.speech })), computed besides "
            + "\(part(coverage.reduce(0) { $0 + $1.silence })), skipped "
            + "\(part(coverage.reduce(0) { $0 + $1.skipped }))"
    }

    private static func seconds(_ samples: Int) -> String {
        let milliseconds = samples * 1_000 / FrameClock.sampleRate
        guard milliseconds < 60_000 else { return PictureScale.clock(milliseconds, tenths: true) }
        return "\(milliseconds / 1_000).\(milliseconds / 100 % 10) s"
    }

    private func drawLegend(_ picture: inout SVGBuilder) {
        let isSpeech = timeline.chunking == .speech
        let entries: [(kind: String, text: String, columns: Int)] =
            [("wave", "computed", 10)] + (isSpeech ? [("skipped", "skipped", 9)] : [])
            + [
                ("speech", "speech found", 14), ("core", "window", 8), ("context", "context", 9),
                ("sure", "word", 6), ("doubtful", "below 0.8", 11), ("poor", "below 0.5", 11),
            ]
        var x = 16
        for entry in entries {
            let upright = entry.kind == "wave" || entry.kind == "skipped"
            let sample = upright ? "M0 -4v8m3 -11v14m3 -12v10m3 -6v4m3 -7v10" : "M0 0h14"
            picture.put(
                "<path class=\"\(entry.kind)\" transform=\"translate(\(x) 76)\" d=\"\(sample)\"/>")
            picture.label(entry.text, x: (x + 19) * 10, y: 80, "faint")
            x += 24 + entry.columns * 7
        }
    }
}
