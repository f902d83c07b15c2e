import Foundation

/// Recordings made of the bundled single digits, at 8 kHz.
enum SpokenDigits {
    static let bytesASecond = 16_000

    /// Samples of 16 bits of each clip, with its word, in the order of the files' names.
    static func clips() throws -> [(word: String, samples: Data)] {
        let words = [
            "ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE",
        ]
        let folder = Examples.folder + "/audio"
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".wav") && $0.first?.isNumber == true }.sorted()
            .map { name in
                let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
                return (words[name.first?.wholeNumberValue ?? 0], Data(bytes.dropFirst(44)))
            }
    }

    /// What stands before samples of 16 bits at 8 kHz in a file.
    static func header(sampleBytes: Int) -> Data {
        func little(_ value: Int, _ bytes: Int) -> Data {
            Data((0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
        }
        var header = Data("RIFF".utf8) + little(36 + sampleBytes, 4) + Data("WAVEfmt ".utf8)
        header += little(16, 4) + little(1, 2) + little(1, 2) + little(8_000, 4)
        header += little(bytesASecond, 4) + little(2, 2) + little(16, 2) + Data("data".utf8)
        return header + little(sampleBytes, 4)
    }

    /// Phrases of six digits a third of a second apart, with 1.3 s of silence between them.
    ///
    /// - Returns: the words, in the order in which they are said.
    static func writePhrases(_ count: Int, to path: String) throws -> [String] {
        let clips = try clips()
        var (samples, words) = (Data(), [String]())
        for phrase in 0..<count {
            for place in 0..<6 {
                let clip = clips[(phrase * 7 + place * 11) % clips.count]
                samples += clip.samples + Data(count: bytesASecond / 6 * 2)
                words.append(clip.word)
            }
            samples += Data(count: bytesASecond * 13 / 10)
        }
        try (header(sampleBytes: samples.count) + samples).write(to: URL(fileURLWithPath: path))
        return words
    }
}
