import JobLaunch
import Logging
import StrictJSON
import Testing

@Suite("Notices on standard error") struct LogLineTests {
    private func json(_ line: LogLine) throws -> JSONObject {
        let text = line.rendered(as: .json)
        #expect(text.hasSuffix("}\n"))
        #expect(text.utf8.filter { $0 == 0x0A }.count == 1)
        #expect(!text.utf8.dropLast().contains { $0 < 0x20 || $0 == 0x7F })
        return try #require(try JSONParser.parse(Array(text.utf8.dropLast())).object)
    }

    @Test("for people a notice is its sentence, and what a worker says is told as its own")
    func text() {
        let line = LogLine(at: (0, 0), .notice, "listening", ["endpoint": "tcp://10.0.0.5:7100"])
        #expect(line.rendered(as: .text) == "scriptorium: listening\n")
        let worker = LogLine(at: (0, 0), .warning, "killed by signal 9", ["worker": "ab/0"])
        #expect(worker.rendered(as: .text) == "scriptorium: worker ab/0: killed by signal 9\n")
    }

    @Test(
        "times are of the calendar, in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.007Z"), (951_782_399, "2000-02-28T23:59:59.007Z"),
            (951_782_400, "2000-02-29T00:00:00.007Z"), (1_709_251_199, "2024-02-29T23:59:59.007Z"),
            (1_709_251_200, "2024-03-01T00:00:00.007Z"),
            (4_107_542_400, "2100-03-01T00:00:00.007Z"),
            (1_798_761_599, "2026-12-31T23:59:59.007Z"),
        ])
    func times(seconds: Int, text: String) throws {
        let line = LogLine(at: (seconds, 7_999_999), .info, "x")
        #expect(try json(line)["time"]?.string == text)
    }

    @Test("a line is one object with time, level, message and fields; numbers are numbers")
    func object() throws {
        let object = try json(
            LogLine(
                at: (1, 0), .warning, "killed", ["worker": "ab/0", "status": "137", "row": "-7"]))
        #expect(object["level"]?.string == "warning")
        #expect(object["message"]?.string == "killed")
        #expect(object["worker"]?.string == "ab/0")
        #expect(object["status"]?.int == 137)
        #expect(object["row"]?.int == -7)
    }

    @Test("a field cannot stand for time, level or message")
    func reserved() throws {
        let object = try json(
            LogLine(at: (1, 0), .info, "true", ["message": "false", "level": "x", "time": "y"]))
        #expect(object["message"]?.string == "true")
        #expect(object["level"]?.string == "info")
    }

    @Test("control characters, whoever sent them, neither end a line nor reach a terminal")
    func controls() throws {
        let hostile = "a\nb\r\t\u{1B}[2Jc\u{7F}\u{9B}31m\u{2028}\u{0}"
        let object = try json(LogLine(at: (1, 0), .info, hostile, ["peer": "\(hostile)"]))
        let shown = "a\nb\r\t\u{1B}[2Jc\u{FFFD}\u{FFFD}31m\u{FFFD}\u{0}"
        #expect(object["message"]?.string == shown)
        #expect(object["peer"]?.string == shown)
    }

    @Test("a line has a bounded length, cut between characters")
    func bounds() throws {
        let long = String(repeating: "ä", count: 100_000)
        let fields = Logger.Metadata(
            uniqueKeysWithValues: (0..<100).map { ("field\($0)", "\(long)") })
        let line = LogLine(at: (1, 0), .info, long, fields)
        let object = try json(line)
        #expect(
            object["message"]?.string
                == String(repeating: "ä", count: LogLine.messageBytesMax / 2) + "…")
        #expect(
            object["field0"]?.string
                == String(repeating: "ä", count: LogLine.valueBytesMax / 2) + "…")
        let bytesMax = LogLine.messageBytesMax + LogLine.fieldsMax * (LogLine.valueBytesMax + 40)
        #expect(line.rendered(as: .json).utf8.count < bytesMax + 200)
    }
}
