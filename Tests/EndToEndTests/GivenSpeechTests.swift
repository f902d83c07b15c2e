import Foundation
import Testing

@Suite("Speech that another program found")
struct GivenSpeechTests {
    private struct Item: Decodable {
        let word: String?
        let turn: String?
        let speaker: String?
        let start: Double
        let end: Double
    }

    private struct Row: Decodable {
        let status: String
        let text: String
        let words: [Item]?
        let segments: [Item]?
        let turns: [Item]?
        let coverage: [String: Double]?

        private enum CodingKeys: String, CodingKey {
            case status, turns, coverage
            case text = "pred_text"
            case words = "word_timestamps"
            case segments = "segment_timestamps"
        }
    }

    /// Ten digits, 20 s of silence, and ten digits.
    private func recording(in scratch: Scratch) throws -> (path: String, spoken: Double) {
        let spoken = try WaveFile.samples(of: "\(Examples.folder)/audio/string_voices_16k.flac")
        let silence = [Int16](repeating: 0, count: 20 * 16_000)
        let path = scratch.path("two talks.wav")
        try WaveFile.write(spoken + silence + spoken, to: path)
        return (path, Double(spoken.count) / 16_000)
    }

    private func transcribe(_ arguments: [String], _ out: String) throws -> Program.Result {
        try Program.run(
            ["transcribe"] + arguments + [
                "--model", Examples.model, "--chunk", "speech", "-o", out,
            ])
    }

    private func rows(_ path: String) throws -> [Row] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Row.self, from: Data($0.utf8))
        }
    }

    @Test(
        "only what a diariser names is computed, and its speakers stand at words, turns and voices")
    func diarised() throws {
        let scratch = try Scratch()
        let (path, spoken) = try recording(in: scratch)
        let marks = scratch.path("marks.rttm")
        let second = spoken + 20
        try Data(
            """
            SPEAKER two_talks 1 0 \(spoken) <NA> <NA> ann <NA> <NA>
            SPEAKER two_talks 1 \(second) \(spoken) <NA> <NA> bob & co <NA> <NA>
            """.replacing("bob & co", with: "bob&co").utf8
        ).write(to: URL(fileURLWithPath: marks))
        let out = scratch.path("out.jsonl")
        let result = try transcribe([path, "--segments", marks, "--turns"], out)
        #expect(result.status == 0, "\(result.errors)")
        let row = try #require(try rows(out).first)
        let words = try #require(row.words)
        #expect(Set(words.map(\.speaker)) == ["ann", "bob&co"])
        #expect(words.allSatisfy { ($0.speaker == "ann") == ($0.start < second - 1) })
        #expect(row.segments?.map(\.speaker) == ["ann", "bob&co"])
        #expect(row.turns?.map(\.speaker) == ["ann", "bob&co"])
        #expect(row.turns?.compactMap(\.turn).joined(separator: " ") == row.text)
        #expect(abs((row.coverage?["speech"] ?? 0) - 2 * spoken) < 0.001)
        #expect((row.coverage?["skipped"] ?? 0) > 18)

        // What was given comes back, as boundaries of the same speakers.
        let again = scratch.path("again.rttm")
        #expect(
            try Program.run(["export", out, "--format", "rttm", "-o", again]).status == 0)
        let lines = try String(contentsOfFile: again, encoding: .utf8).split(separator: "\n")
        #expect(lines.map { $0.split(separator: " ")[7] } == ["ann", "bob&co"])
        let cues = scratch.path("cues")
        #expect(try Program.run(["export", out, "--format", "vtt", "-o", cues]).status == 0)
        // Folders of the rows are kept below the place.
        let place = cues + scratch.path("two talks.vtt")
        let text = try String(contentsOfFile: place, encoding: .utf8)
        #expect(text.contains("<v ann>") && text.contains("<v bob&amp;co>"))

        // The file's words are part of the input, so that a resumed job and a verified one know them.
        let verified = try Program.run(["verify", out, "--model", Examples.model, "--sample", "1"])
        #expect(verified.status == 0, "\(verified.output) \(verified.errors)")
        let resumed = try transcribe([path, "--segments", marks, "--turns"], out)
        #expect(resumed.status == 0 && resumed.errors.contains("done before"), "\(resumed.errors)")
    }

    @Test("rows may say themselves where speech is; what is not in their audio fails them alone")
    func ownMembers() throws {
        let scratch = try Scratch()
        let (_, spoken) = try recording(in: scratch)
        let manifest = scratch.path("rows.jsonl")
        let lines = [
            "\"talk\":[[0,\(spoken)]]", "\"talk\":[]", "\"talk\":[[0,1],[900,901]]",
            "\"talk\":[[3,2]]", "\"other\":1",
        ].map { "{\"audio_filepath\":\"two talks.wav\",\($0)}\n" }
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: manifest))
        let out = scratch.path("out.jsonl")
        let result = try transcribe([manifest, "--segments-field", "talk"], out)
        #expect(result.status == 3, "\(result.errors)")
        let found = try rows(out)
        #expect(
            found.map(\.status) == [
                "transcribed", "transcribed", "rejected", "rejected", "transcribed",
            ])
        #expect(found[0].text.split(separator: " ").count == 10)
        #expect(found[1].text.isEmpty)
        // Nothing is said of it, so that speech is looked for.
        #expect(found[4].text.split(separator: " ").count == 20)
        let records = try String(contentsOfFile: out, encoding: .utf8)
        #expect(records.components(separatedBy: "segments.unusable").count == 3)
        let report = try String(contentsOfFile: "\(out).report.json", encoding: .utf8)
        #expect(report.contains("talk: item 1 has no start and end"))
        #expect(report.contains("behind the end of the audio"))
    }

    @Test("a file that cannot be meant is refused with its line, before anything begins")
    func refused() throws {
        let scratch = try Scratch()
        let (path, _) = try recording(in: scratch)
        let marks = scratch.path("segments")
        try Data("u1 two_talks 0 1\nu2 others 0 1\n".utf8).write(
            to: URL(fileURLWithPath: marks))
        let out = scratch.path("out.jsonl")
        let result = try transcribe([path, "--segments", marks], out)
        #expect(result.status == 64, "\(result.status)")
        #expect(
            result.errors.contains("segments:2: no row is of a recording others"),
            "\(result.errors)")
        let grid = try Program.run([
            "transcribe", path, "--model", Examples.model, "--segments", marks, "-o", out,
        ])
        #expect(grid.status == 64)
        #expect(grid.errors.contains("--chunk speech"))
        #expect(!FileManager.default.fileExists(atPath: out))
    }
}
