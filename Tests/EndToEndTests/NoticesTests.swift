import Foundation
import Testing

@Suite("Notices of the real program", .timeLimit(.minutes(2)))
struct NoticesTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func objects(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map { line in
            try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                "not an object: \(line)")
        }
    }

    /// A manifest whose rows are done without a worker: none of them can be used.
    private func unusableRows() throws -> String {
        let path = scratch.path("rows.jsonl")
        try Data(String(repeating: "{nonsense\n", count: 3).utf8)
            .write(to: URL(fileURLWithPath: path))
        return path
    }

    private func transcribe(_ options: [String]) throws -> Program.Result {
        try Program.run(
            ["transcribe", unusableRows(), "--model", Examples.model, "--threads", "1"] + options)
    }

    @Test("with --log json every line on standard error is an object, the outcome with its numbers")
    func json() throws {
        let out = scratch.path("out.jsonl")
        let result = try transcribe(["-o", out, "--log", "json"])
        #expect(result.status == 3, "\(result.errors)")
        let lines = try objects(result.errors)
        for line in lines {
            #expect(line["time"] is String && line["level"] is String && line["message"] is String)
        }
        let last = try #require(lines.last)
        #expect(last["rows_rejected"] as? Int == 3)
        #expect(last["output"] as? String == out)
        #expect(last["level"] as? String == "notice")
    }

    @Test("with --log json an error is an object, too, and --log-level and --quiet do not hide it")
    func errors() throws {
        for options in [["--log-level", "error"], ["--quiet"]] {
            let result = try transcribe(
                ["-o", "/no/such/folder/out.jsonl", "--log", "json"] + options)
            #expect(result.status != 0)
            let lines = try objects(result.errors)
            #expect(lines.count == 1)
            #expect(lines.first?["level"] as? String == "error")
        }
    }

    @Test("people read sentences, and none of those that are less important than they ask for")
    func text() throws {
        let result = try transcribe(["-o", scratch.path("a.jsonl")])
        #expect(result.errors.contains("scriptorium: 0 rows transcribed, 3 rejected"))
        let silent = try transcribe(["-o", scratch.path("b.jsonl"), "--log-level", "warning"])
        #expect(silent.status == 3)
        #expect(silent.errors.isEmpty, "\(silent.errors)")
    }
}
