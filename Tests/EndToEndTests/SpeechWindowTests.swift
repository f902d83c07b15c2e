import Foundation
import Testing

@Suite("Windows around speech")
struct SpeechWindowTests {
    private struct Coverage: Decodable {
        let speech: Double
        let silence: Double
        let skipped: Double

        var total: Double { speech + silence + skipped }
    }

    private struct Segment: Decodable {
        let segment: String
        let start: Double
        let end: Double
    }

    private struct SegmentRow: Decodable {
        let text: String
    }

    private struct Report: Decodable {
        let coverage: Coverage?
    }

    /// The report has the sums of what the rows say.
    private func checkTotals(of output: String, _ rows: [Coverage]) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(output).report.json"))
        let totals = try #require(try JSONDecoder().decode(Report.self, from: bytes).coverage)
        for part in [\Coverage.speech, \.silence, \.skipped] {
            #expect(abs(totals[keyPath: part] - rows.reduce(0) { $0 + $1[keyPath: part] }) < 1e-6)
        }
    }

    /// Each segment is a row of a manifest, and a line of boundaries.
    private func checkExports(
        of output: String, _ segments: [Segment], in scratch: Scratch
    ) throws {
        let rows = scratch.path("segments.jsonl")
        let exported = try Program.run([
            "export", output, "--format", "nemo", "--rows", "segments", "-o", rows,
        ])
        #expect(exported.status == 0, "\(exported.errors)")
        #expect(
            exported.output.hasPrefix(
                "\(segments.count) segments of 2 rows exported as nemo in"))
        #expect(exported.output.contains("; 1 without speech left out"))
        let texts = try String(contentsOfFile: rows, encoding: .utf8).split(separator: "\n")
            .map { try JSONDecoder().decode(SegmentRow.self, from: Data($0.utf8)).text }
        #expect(texts == segments.map(\.segment))
        let marks = scratch.path("speech.rttm")
        #expect(
            try Program.run(["export", output, "--format", "rttm", "-o", marks]).status == 0)
        let starts = try String(contentsOfFile: marks, encoding: .utf8).split(separator: "\n")
            .map { Double($0.split(separator: " ")[3]) ?? -1 }
        #expect(starts == segments.map(\.start))
    }

    private struct Words: Decodable {
        let coverage: Coverage
        let segments: [Segment]
        let duration: Double

        private enum CodingKeys: String, CodingKey {
            case coverage, duration
            case segments = "segment_timestamps"
        }
    }

    @Test("silence is skipped, every second is accounted for, and no word is lost or doubled")
    func skipsSilence() throws {
        let scratch = try Scratch()
        let spoken = try WaveFile.samples(of: "\(Examples.folder)/audio/string_voices_16k.flac")
        let digits = "ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE"
        func silence(_ seconds: Double) -> [Int16] {
            [Int16](repeating: 0, count: Int(seconds * 16_000))
        }
        // Twice alone, then for more than a window can hold.
        var samples = silence(40) + spoken + silence(25.3) + spoken + silence(12)
        let dense = samples.count
        var strings = 2
        while samples.count < dense + 80 * 16_000 {
            samples += spoken + silence(0.4)
            strings += 1
        }
        samples += silence(50)
        let path = scratch.path("archive.wav")
        try WaveFile.write(samples, to: path)
        try WaveFile.write(silence(70), to: scratch.path("silence.wav"))
        let manifest = scratch.path("rows.jsonl")
        try Data(
            "{\"audio_filepath\":\"archive.wav\"}\n{\"audio_filepath\":\"silence.wav\"}\n".utf8
        ).write(to: URL(fileURLWithPath: manifest))

        let outputs = try [1, 2].map { workers in
            let out = scratch.path("out\(workers).jsonl")
            let result = try Program.run([
                "transcribe", manifest, "--model", Examples.model, "--chunk", "speech",
                "--workers", "\(workers)", "-o", out,
            ])
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.errors.contains("; speech "), "\(result.errors)")
            return out
        }
        let bytes = try outputs.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
        #expect(bytes[0] == bytes[1])

        let records = try Record.read(outputs[0])
        try #require(records.count == 2)
        #expect(
            Digits.nearest(records[0].predictedText)
                == Array(repeating: digits, count: strings).joined(separator: " "))
        #expect(records[1].predictedText.isEmpty)
        let found = try bytes[0].split(separator: 0x0A).map {
            try JSONDecoder().decode(Words.self, from: Data($0))
        }
        for (row, length) in zip(found, [samples.count, 70 * 16_000]) {
            #expect(abs(row.coverage.total - Double(length) / 16_000) < 1e-6)
            #expect(abs(row.duration - Double(length) / 16_000) < 1e-6)
        }
        #expect(found[0].coverage.skipped > 120)
        #expect(found[1].coverage.skipped == 70)
        #expect(found[1].segments.isEmpty)
        // Two strings alone, and three windows of those that follow each other.
        #expect(found[0].segments.count == 5)
        #expect(
            found[0].segments.map(\.segment).joined(separator: " ") == records[0].predictedText)
        #expect(
            zip(found[0].segments, found[0].segments.dropFirst()).allSatisfy { $0.end <= $1.start })

        try checkTotals(of: outputs[0], found.map(\.coverage))
        try checkExports(of: outputs[0], found[0].segments, in: scratch)

        let verified = try Program.run([
            "verify", outputs[0], "--model", Examples.model, "--sample", "2",
        ])
        #expect(verified.status == 0, "\(verified.output) \(verified.errors)")
    }
}
