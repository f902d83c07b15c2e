import Foundation
import Testing
import TranscriptRows
import TranscriptViews

@Suite("Looking at an output")
struct RecordViewTests {
    private let path: String

    private static let lines = [
        #"{"audio_filepath":"talks/a.flac","offset":3600,"duration":4,"id":"first","pred_text":"HELLO BIG WORLD","#
            + #""word_timestamps":[{"word":"HELLO","start":0.2,"end":0.5,"confidence":0.95},"#
            + #"{"word":"BIG","start":0.6,"end":0.8,"confidence":0.79},"#
            + #"{"word":"WORLD","start":2.0,"end":2.5,"confidence":0.2}],"confidence":0.2,"#
            + #""status":"transcribed"}"#,
        #"{"audio_filepath":"b.wav","pred_text":"","status":"rejected","#
            + #""error":{"code":"audio.not_found","message":"the audio file does not exist"}}"#,
        #"{"audio_filepath":"call.wav","duration":9,"pred_text":"HI YES","channels":["#
            + #"{"channel":0,"pred_text":"HI","#
            + #""word_timestamps":[{"word":"HI","start":1,"end":2,"confidence":0.9}]},"#
            + #"{"channel":1,"pred_text":"YES","#
            + #""word_timestamps":[{"word":"YES","start":0.5,"end":0.9,"confidence":0.4}]}],"#
            + #""status":"transcribed"}"#,
        #"{"audio_filepath":"e\u001b[31m.wav","duration":1,"pred_text":"A\u001b[2J\u009b1m\u202eB\nC","#
            + #""status":"transcribed"}"#,
        #"{"audio_filepath":"c.wav","duration":2,"#
            + #""pred_text":"今日は天気がいいので散歩に行きましょう","status":"transcribed"}"#,
    ]

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try Data((Self.lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
    }

    private func view(_ style: ConfidenceMarks.Style = .plain, width: Int = 60) -> RecordView {
        RecordView(
            width: width, marks: ConfidenceMarks(style: style),
            pause: MediaTime(milliseconds: 500))
    }

    private func show(
        _ choice: OutputListing.Choice, channels: Set<Int>? = nil, _ view: RecordView
    ) throws -> [String] {
        var lines: [String] = []
        _ = try OutputListing(path).show(choice, channels: channels, view) {
            lines += $0
            return true
        }
        return lines
    }

    /// Columns of a terminal, where all wide characters lie above the same place.
    private func columns(_ line: String) -> Int {
        line.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x3000 && $1.value < 0xFF00 ? 2 : 1) }
    }

    @Test("a row's text is broken at pauses, with times in the recording and marks without colour")
    func text() throws {
        let lines = try show(.ordinal(0), view())
        #expect(lines.contains("1:00:00.2  HELLO [BIG]"))
        #expect(lines.contains("1:00:02.0  [[WORLD]]"))
        #expect(lines.contains("[word] confidence below 0.80, [[word]] below 0.50"))
        #expect(lines.contains("2 of 3 words are marked"))
        #expect(!lines.joined().utf8.contains(0x1B))
        for name in ["first", "talks/a.flac", "a.flac", "a"] {
            #expect(try show(.name(name), view()) == lines)
        }
        #expect(try show(.name("nobody"), view()).isEmpty)
    }

    @Test("with colour, doubtful words are underlined too")
    func colour() throws {
        let text = try show(.ordinal(0), view(.colour)).joined(separator: "\n")
        #expect(text.contains("HELLO \u{1B}[4;33mBIG\u{1B}[0m"))
        #expect(text.contains("\u{1B}[1;4;31mWORLD\u{1B}[0m"))
    }

    @Test("channels come as a conversation, or only those that are asked for")
    func channels() throws {
        let lines = try show(.ordinal(2), view())
        let yes = try #require(lines.firstIndex(of: "0:00.5  B  [[YES]]"))
        #expect(lines[yes + 1] == "0:01.0  A  HI")
        let one = try show(.ordinal(2), channels: [0], view()).joined()
        #expect(one.contains("HI") && !one.contains("YES"))
    }

    @Test("a row without a transcript says why and what to do")
    func failure() throws {
        let text = try show(.ordinal(1), view()).joined(separator: "\n")
        #expect(text.contains("audio.not_found: the audio file does not exist"))
        #expect(text.contains("what to do: see in the report"))
    }

    @Test(
        "nothing in a record reaches the terminal but text",
        arguments: [ConfidenceMarks.Style.plain, .colour])
    func controls(style: ConfidenceMarks.Style) throws {
        var text = try show(.ordinal(3), view(style)).joined(separator: "\n")
        let summary = SummaryView(width: 100, marks: ConfidenceMarks(style: style))
        _ = try OutputListing(path).list(from: 3, count: 1, .init(), summary) {
            text += "\n" + $0
            return true
        }
        #expect(text.contains("A\u{FFFD}[2J\u{FFFD}1m\u{FFFD}B C"))
        for sequence in ["\u{1B}[2J", "\u{1B}[31m.", "\u{9B}", "\u{202E}"] {
            #expect(!text.contains(sequence))
        }
    }

    @Test("no line is wider than the terminal, with wide characters too")
    func width() throws {
        let lines = try show(.ordinal(4), view(width: 30))
        let text = lines.filter { $0.contains("今") || $0.contains("行") || $0.hasPrefix("    ") }
        #expect(text.count >= 2)
        for line in text { #expect(columns(line) <= 30, "\(line)") }
        let summary = SummaryView(width: 80, marks: ConfidenceMarks(style: .plain))
        _ = try OutputListing(path).list(from: 0, count: 9, .init(), summary) { line in
            #expect(columns(line) <= 80, "\(line)")
            return true
        }
    }

    @Test("a list goes on where it ended, and takes only the rows that are asked for")
    func list() throws {
        let view = SummaryView(width: 100, marks: ConfidenceMarks(style: .plain))
        var lines: [String] = []
        func list(from: Int, count: Int, _ filter: OutputListing.Filter = .init()) throws -> Int? {
            lines = []
            return try OutputListing(path).list(from: from, count: count, filter, view) {
                lines.append($0)
                return true
            }
        }
        #expect(try list(from: 0, count: 2) == 2)
        #expect(lines.count == 2 && lines[0].contains("[[0.20]]  a.flac @1:00:00.0"))
        #expect(try list(from: 2, count: 9) == nil)
        #expect(lines.count == 3)
        var failed = OutputListing.Filter()
        failed.isFailedOnly = true
        #expect(try list(from: 0, count: 9, failed) == nil)
        #expect(lines.count == 1 && lines[0].contains("rejected"))
        var unsure = OutputListing.Filter()
        unsure.confidenceBelow = 5_000
        #expect(try list(from: 0, count: 9, unsure) == nil)
        #expect(lines.count == 1 && lines[0].contains("a.flac"))
    }

    @Test("the lines of a snapshot have the numbers of their rows")
    func snapshot() throws {
        let snapshot = path + ".now.jsonl"
        try Data((Self.lines[0] + "\n" + Self.lines[1] + "\n").utf8)
            .write(to: URL(filePath: snapshot))
        try Data("4\n17\n".utf8).write(to: URL(filePath: path + ".now.rows"))
        var lines: [String] = []
        _ = try OutputListing(snapshot).show(.ordinal(17), channels: nil, view()) {
            lines = $0
            return true
        }
        #expect(lines.first == "row 17  b.wav")
        try Data("4\n".utf8).write(to: URL(filePath: path + ".now.rows"))
        #expect(throws: ExportError.self) {
            _ = try OutputListing(snapshot).show(.ordinal(17), channels: nil, view()) { _ in true }
        }
    }
}
