import Foundation
import Testing

/// The bundled model, said to be for 8 kHz: speech that is played at half its speed is what it knows.
@Suite("Models for 8 kHz")
struct ModelRateTests {
    private struct Row: Decodable {
        struct Word: Decodable {
            let word: String
            let startOffset: Int
            let endOffset: Int
            let start: Double

            private enum CodingKeys: String, CodingKey {
                case word, start
                case startOffset = "start_offset"
                case endOffset = "end_offset"
            }
        }

        let text: String
        let duration: Double
        let words: [Word]

        private enum CodingKeys: String, CodingKey {
            case text = "pred_text"
            case words = "word_timestamps"
            case duration
        }
    }

    private func model(in scratch: Scratch, rate: Int) throws -> String {
        let folder = scratch.path("model-\(rate)")
        try FileManager.default.copyItem(atPath: Examples.model, toPath: folder)
        let path = "\(folder)/preprocessor_config.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let changed = text.replacing("16000", with: "\(rate)")
        #expect(changed != text)
        try Data(changed.utf8).write(to: URL(fileURLWithPath: path))
        return folder
    }

    /// The same samples at another rate.
    private func slowed(_ path: String, to other: String) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for (place, rate) in [(24, 8_000), (28, 16_000)] {
            for index in 0..<4 {
                bytes[place + index] = UInt8(truncatingIfNeeded: rate >> (8 * index))
            }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: other))
    }

    private func transcribe(_ path: String, _ model: String, _ out: String) throws -> Row {
        let result = try Program.run(["transcribe", path, "--model", model, "-o", out, "--quiet"])
        #expect(result.status == 0, "\(result.errors)")
        return try JSONDecoder().decode(Row.self, from: Data(contentsOf: URL(fileURLWithPath: out)))
    }

    @Test("the same frames come out, at twice the seconds; chunks are of seconds, too")
    func frames() throws {
        let scratch = try Scratch()
        let slow = try model(in: scratch, rate: 8_000)
        let spoken = try WaveFile.samples(of: "\(Examples.folder)/audio/string_voices_16k.flac")
        for (name, times) in [("short", 1), ("long", 7)] {
            let path = scratch.path("\(name).wav")
            let samples = (0..<times).flatMap { _ in spoken }
            try WaveFile.write(samples, to: path)
            let slowPath = scratch.path("\(name)-slow.wav")
            try slowed(path, to: slowPath)
            let out = scratch.path("\(name).jsonl")
            let row = try transcribe(path, Examples.model, out)
            let slowOut = scratch.path("\(name)-slow.jsonl")
            let slowRow = try transcribe(slowPath, slow, slowOut)
            #expect(slowRow.duration == 2 * row.duration)
            #expect(row.words.count == 10 * times)
            // Windows that are cut elsewhere are normalised otherwise: a space may be read or not.
            #expect(slowRow.text.replacing(" ", with: "") == row.text.replacing(" ", with: ""))
            for word in slowRow.words {
                #expect(abs(word.start - 0.04 * Double(word.startOffset)) < 1e-9)
            }
            let first = Array(zip(row.words, slowRow.words).prefix(20))
            #expect(first.count == min(20, 10 * times))
            for (word, slowWord) in first {
                #expect(slowWord.word == word.word)
                #expect(abs(slowWord.start - 2 * word.start) <= (times == 1 ? 0.0011 : 0.081))
                guard times == 1 else { continue }
                #expect(slowWord.startOffset == word.startOffset)
                #expect(slowWord.endOffset == word.endOffset)
            }
            let verified = try Program.run([
                "verify", slowOut, "--audio", "--sample", "1", "--model", slow,
            ])
            #expect(verified.status == 0, "\(verified.output) \(verified.errors)")
        }
        let inspected = try Program.run(["inspect", slow, "--json"])
        #expect(inspected.output.contains("\"sample_rate\":8000"))
        #expect(inspected.output.contains("\"frame_seconds\":0.04"))
    }

    @Test("another rate is refused, with those that there are")
    func otherRate() throws {
        let scratch = try Scratch()
        let result = try Program.run(["inspect", try model(in: scratch, rate: 11_025)])
        #expect(result.status != 0)
        #expect(result.errors.contains("11025") && result.errors.contains("8000"))
    }
}
