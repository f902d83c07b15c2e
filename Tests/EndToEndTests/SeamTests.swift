import ErrorRates
import Foundation
import TestProcesses
import Testing

/// 16-bit mono WAVE files of 16 kHz, made by the test.
enum WaveFile {
    static func write(_ samples: [Int16], to path: String) throws {
        func little(_ value: Int, _ bytes: Int) -> [UInt8] {
            (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let size = samples.count * 2
        var bytes = Array("RIFF".utf8) + little(36 + size, 4) + Array("WAVEfmt ".utf8)
        bytes += little(16, 4) + little(1, 2) + little(1, 2) + little(16_000, 4)
        bytes += little(32_000, 4) + little(2, 2) + little(16, 2) + Array("data".utf8)
        bytes += little(size, 4)
        bytes += samples.flatMap { little(Int(UInt16(bitPattern: $0)), 2) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// Any audio as 16 kHz mono samples, by ffmpeg.
    static func samples(of path: String) throws -> [Int16] {
        let bytes = try StartedProcess.run(
            "ffmpeg",
            [
                "-v", "error", "-nostdin", "-i", path, "-f", "s16le", "-ac", "1", "-ar", "16000",
                "-",
            ]
        ).output
        return stride(from: 0, to: bytes.count - 1, by: 2).map {
            Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
    }
}

/// The bundled model's words.
///
/// It misspells some (its header says how many). A seam would lose, double or cut them, which is
/// another number of words or another digit.
enum Digits {
    private static let words = [
        "ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE",
    ]

    /// `text` with each word replaced by the digit that is spelt most like it.
    static func nearest(_ text: String) -> String {
        text.split(separator: " ").map { word in
            // Of equals the longer: letters are left out more often than made up.
            words.min { (edits(word, $0), -$0.count) < (edits(word, $1), -$1.count) } ?? ""
        }.joined(separator: " ")
    }

    private static func edits(_ word: Substring, _ digit: String) -> Int {
        EditAlignment.counts(reference: Array(digit), hypothesis: Array(word)).errors
    }
}

@Suite("Long recordings")
struct SeamTests {
    @Test("a digit string across every chunk seam comes out whole, wherever the seam falls")
    func seams() throws {
        let scratch = try Scratch()
        let spoken = try WaveFile.samples(of: "\(Examples.folder)/audio/string_voices_16k.flac")
        let words = "ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE"
        // 130 s of the same string again and again: seams at 30, 60, 90 and 120 s.
        let silence = [Int16](repeating: 0, count: 6_400)
        var lines: [String] = []
        var expected: [String] = []
        for shift in stride(from: 0, to: 16_000, by: 2_000) {
            var samples = [Int16](repeating: 0, count: 8_000 + shift)
            var text: [String] = []
            while samples.count < 130 * 16_000 {
                samples += spoken + silence
                text.append(words)
            }
            let path = scratch.path("shift\(shift).wav")
            try WaveFile.write(samples, to: path)
            lines.append("{\"audio_filepath\":\"\(path)\"}")
            expected.append(text.joined(separator: " "))
        }
        let manifest = scratch.path("rows.jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: manifest))
        let out = scratch.path("out.jsonl")
        let result = try Program.run(["transcribe", manifest, "--model", Examples.model, "-o", out])
        #expect(result.status == 0, "\(result.errors)")
        for (record, expected) in zip(try Record.read(out), expected) {
            #expect(Digits.nearest(record.predictedText) == expected)
        }
    }
}
