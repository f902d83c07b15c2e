import Foundation
import StrictJSON
import TemporaryFolders
import Testing
import TraceEvents

@Suite("Traces for Chrome and Perfetto")
struct TraceFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func events(_ path: String) throws -> [JSONObject] {
        var text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix("[\n") && text.hasSuffix(",\n"))
        text = String(text.dropLast(2)) + "]"
        return try #require(try JSONParser.parse(Array(text.utf8)).array).compactMap(\.object)
    }

    @Test("each span is an event with its place in time, and several processes share a file")
    func spans() throws {
        let path = folder.file("trace.json")
        do {
            let trace = try TraceFile(path, process: "coordinator \"x\"", joins: false)
            let other = try TraceFile(path, process: "worker", joins: true)
            trace.add("turn", from: 1_000_000, to: 3_500_000)
            trace.add("too short", from: 1, to: 2)
            other.add("compute", from: 2_000_000, to: 9_000_000)
        }
        let events = try events(path)
        #expect(
            events.map { $0["name"]?.string }.sorted { $0 ?? "" < $1 ?? "" }
                == ["compute", "process_name", "process_name", "turn"])
        let names = events.compactMap { $0["args"]?.object?["name"]?.string }
        #expect(Set(names) == ["coordinator \"x\"", "worker"])
        let turn = events.first { $0["name"]?.string == "turn" }
        #expect(turn?["ph"]?.string == "X" && turn?["ts"]?.double == 1_000)
        #expect(turn?["dur"]?.double == 2_500)
        #expect(turn?["pid"]?.int == Int(getpid()))
    }

    @Test("a trace has an end, and says so")
    func bound() throws {
        let path = folder.file("trace.json")
        do {
            let trace = try TraceFile(path, process: "p", joins: false)
            for _ in 0..<(TraceFile.eventsMax + 10) {
                trace.add("n", from: 0, to: TraceFile.nanosecondsMin)
            }
        }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == TraceFile.eventsMax + 1)
        #expect(lines.last?.contains("the trace is full") == true)
    }

    @Test("an older trace is replaced, another file never")
    func otherFile() throws {
        let path = try folder.write("out.jsonl", "{\"a\":1}\n")
        #expect(throws: TraceFile.Fault.otherFile) {
            try TraceFile(path, process: "p", joins: false)
        }
        #expect(try folder.data("out.jsonl") == Data("{\"a\":1}\n".utf8))
        let old = try folder.write("old.json", "[\n{\"name\":\"old\"},\n")
        _ = try TraceFile(old, process: "p", joins: false)
        #expect(try events(old).count == 1)
        #expect(throws: TraceFile.Fault.self) {
            try TraceFile(folder.file("none/trace.json"), process: "p", joins: false)
        }
    }
}
