import Foundation
import Testing

@Suite("Manifests that are not as they should be")
struct ManifestFaultTests {
    private let scratch: Scratch
    private var out: String { scratch.path("out.jsonl") }
    private let clip: String

    init() throws {
        scratch = try Scratch()
        clip = "\(Examples.folder)/\(try Record.parseInputs(Examples.manifest)[0].audioPath ?? "")"
        try FileManager.default.copyItem(atPath: clip, toPath: scratch.path("a.wav"))
    }

    private func transcribe(_ rows: [UInt8], _ options: String...) throws -> Program.Result {
        let path = scratch.path("rows.jsonl")
        try Data(rows).write(to: URL(filePath: path))
        return try Program.run(
            ["transcribe", path, "--model", Examples.model, "-o", out, "--quiet"] + options)
    }

    @Test("the report says of each row that cannot be used where and why")
    func details() throws {
        let rows = [
            #"{"audio_filepath": ["a.wav", "b.wav"]}"#, "\u{FEFF}{\"audio_filepath\": \"a.wav\"}",
            "",
            #"{"audio_filepath": "caf\udce9.wav"}"#, #"{"audio_filepath": "a.wav", "text": NaN}"#,
            #"{"audio_filepath": "a.wav", "duration": -1}"#,
            #"{"audio_filepath": "a.wav", "audio_filepath_bytes": "?"}"#,
            #"{"audio_filepath": "https://example.org/a.wav"}"#,
            #"{"audio_filepath": "none.wav"}"#,
        ]
        #expect(try transcribe(Array(rows.joined(separator: "\n").utf8)).status == 3)
        let data = try Data(contentsOf: URL(filePath: "\(out).report.json"))
        let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let failures = try #require(report["failures"] as? [[String: Any]])
        let expected = [
            ("manifest.missing_field", "line 1, audio_filepath is [\"a.wav\""),
            ("manifest.invalid_json", "line 2, column 1: not a JSON value; a byte order mark"),
            ("manifest.invalid_json", "line 4, column 24, key \"audio_filepath\": half of"),
            ("manifest.invalid_json", "line 5, column 37, key \"text\": not a JSON value: NaN"),
            ("manifest.bad_span", "line 6, duration is -1"),
            ("manifest.bad_path", "line 7, audio_filepath_bytes is \"?\""),
            ("audio.unsupported_location", "https://example.org/a.wav is an address (https)"),
            ("audio.not_found", "\(scratch.url.path)/none.wav: No such file"),
        ]
        #expect(failures.count == expected.count)
        for (failure, (code, detail)) in zip(failures, expected) {
            #expect(failure["code"] as? String == code)
            let found = failure["detail"] as? String ?? ""
            #expect(found.hasPrefix(detail), "\(found)")
        }
    }

    @Test("a manifest in UTF-16 is refused in one sentence, by whoever reads it")
    func encoding() throws {
        let data = try #require("{\"audio_filepath\":\"a.wav\"}\n".data(using: .utf16LittleEndian))
        let refused = try transcribe(Array(data))
        #expect(refused.status == 65)
        #expect(refused.errors.contains("encoded in UTF-16LE"))
        #expect(try Program.run(["evaluate", scratch.path("rows.jsonl")]).status == 65)
    }

    @Test("hours are of audio, not of what a tool writes that does not know them")
    func placeholder() throws {
        let row = #"{"audio_filepath": "a.wav", "duration": 100000, "text": "ZERO"}"#
        #expect(try transcribe(Array(row.utf8)).status == 0)
        #expect(try seconds() == 0.298)
        // Without the job, and thus without knowing better.
        try FileManager.default.removeItem(atPath: "\(out).job")
        #expect(try seconds() == 0)
        let text = try Program.run(["evaluate", out]).output
        #expect(text.contains("1 rows of unknown length count no hours"))
        let dry = try transcribe(Array(row.utf8), "--dry-run")
        #expect(dry.output.contains("audio       0:00"), "\(dry.output)")
        #expect(dry.output.contains("disk        output about 0."), "\(dry.output)")
    }

    private func seconds() throws -> Double? {
        let data = Data(try Program.run(["evaluate", out, "--json"]).output.utf8)
        let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return (json?["all"] as? [String: Any])?["audio_seconds"] as? Double
    }
}
