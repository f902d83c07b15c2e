internal import SpeechTypes
internal import TranscriptRows

/// How a stretch of time is broken into lines, and where a sample lies in one of them.
struct PictureScale {
    /// Of a line, in points.
    static let width = 1_000
    /// Lines of one lane at most: an hour each for a day.
    private static let linesMax = 24
    private static let lineSeconds = [
        10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400,
    ]
    private static let tickMilliseconds = [
        100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
        600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000,
    ]
    /// Points between two ticks at the least.
    private static let tickPointsMin = 70
    private static let samplesPerMillisecond = FrameClock.sampleRate / 1_000

    let shown: Range<Int>
    let samplesPerLine: Int
    private let offset: MediaTime

    init(_ shown: Range<Int>, offset: MediaTime, lanes: Int) {
        self.shown = shown
        self.offset = offset
        let lines = max(1, Self.linesMax / max(1, lanes))
        let second = FrameClock.sampleRate
        if shown.count <= Self.lineSeconds[0] * second {
            // One line, to its end, of at least a fifth of a second.
            samplesPerLine = max(shown.count, second / 5)
        } else {
            let fitting = Self.lineSeconds.first { $0 * second * lines >= shown.count }
            samplesPerLine = fitting.map { $0 * second } ?? (shown.count + lines - 1) / lines
        }
    }

    /// The samples of each line.
    var lines: [Range<Int>] {
        stride(from: shown.lowerBound, to: shown.upperBound, by: samplesPerLine).map {
            $0..<min($0 + samplesPerLine, shown.upperBound)
        }
    }

    /// Whether there is room for words as text.
    var hasRoomForWords: Bool { samplesPerLine <= 40 * FrameClock.sampleRate }

    /// Tenths of points from the beginning of a line.
    func place(of sample: Int, in line: Range<Int>) -> Int {
        let inside = max(line.lowerBound, min(line.upperBound, sample)) - line.lowerBound
        return inside * Self.width * 10 / samplesPerLine
    }

    /// Points of a line that has an end.
    func columns(of line: Range<Int>) -> Int {
        max(1, (line.count * Self.width + samplesPerLine - 1) / samplesPerLine)
    }

    /// The samples of one point of a line.
    func samples(ofColumn column: Int, in line: Range<Int>) -> Range<Int> {
        let first = line.lowerBound + column * samplesPerLine / Self.width
        let next = line.lowerBound + (column + 1) * samplesPerLine / Self.width
        return min(first, line.upperBound - 1)..<max(min(next, line.upperBound), first + 1)
    }

    /// Where times are written below a line, in tenths of points, and what is written there.
    func ticks(of line: Range<Int>) -> [(place: Int, text: String)] {
        let step =
            Self.tickMilliseconds.first {
                $0 * Self.samplesPerMillisecond * Self.width >= Self.tickPointsMin * samplesPerLine
            } ?? 86_400_000
        let start = offset.nanoseconds / 1_000_000 + line.lowerBound / Self.samplesPerMillisecond
        let end = offset.nanoseconds / 1_000_000 + line.upperBound / Self.samplesPerMillisecond
        return stride(from: (start + step - 1) / step * step, through: end, by: step).map { time in
            let sample = (time - offset.nanoseconds / 1_000_000) * Self.samplesPerMillisecond
            return (place(of: sample, in: line), Self.clock(time, tenths: step < 1_000))
        }
    }

    /// `0:01`, or `1:02:03` from an hour on, with tenths of a second where they are asked for.
    static func clock(_ milliseconds: Int, tenths: Bool) -> String {
        let tenth = tenths ? (milliseconds + 50) / 100 : (milliseconds + 500) / 1_000 * 10
        let (seconds, minutes, hours) = (tenth / 10 % 60, tenth / 600 % 60, tenth / 36_000)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let head = hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)"
        return "\(head):\(two(seconds))" + (tenths ? ".\(tenth % 10)" : "")
    }
}
