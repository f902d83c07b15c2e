import AudioDecoding
import AudioInput
import Foundation
import SpeechTypes
import Testing

@Suite("Audio for models of 8 kHz") struct ModelRateTests {
    private static func samples(_ count: Int) -> [Float] {
        (0..<count).map { index in
            let time = Float(index) / 8_000
            return 0.4 * sin(2 * .pi * 440 * time) + 0.2 * sin(2 * .pi * 1_900 * time)
        }
    }

    /// One channel of 16-bit samples.
    private func wave(_ samples: [Float], rate: Int) throws -> String {
        func number(_ value: Int, _ bytes: Int) -> [UInt8] {
            (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let body = samples.flatMap { number(Int(($0 * 32_767).rounded()), 2) }
        let header =
            Array("RIFF".utf8) + number(36 + body.count, 4) + Array("WAVEfmt ".utf8)
            + number(16, 4) + number(1, 2) + number(1, 2) + number(rate, 4) + number(2 * rate, 4)
            + number(2, 2) + number(16, 2) + Array("data".utf8) + number(body.count, 4)
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("\(UUID().uuidString).wav").path
        try Data(header + body).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func read(_ path: String, modelRate: Int, piece: Int = 1 << 16) throws -> [Float] {
        let stream = try AudioReader(modelRate: modelRate).open(
            AudioSource(path: path), channels: .mix)
        var lanes: [[Float]] = [[]]
        while try stream.read(piece, into: &lanes) > 0 {}
        return lanes[0]
    }

    @Test(
        "every second sample is the file's own, bit for bit, and those between are the same audio")
    func ownSamples() throws {
        let path = try wave(Self.samples(8_000), rate: 8_000)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let plain = try read(path, modelRate: 8_000)
        #expect(plain.count == 16_000)
        let even = stride(from: 0, to: plain.count, by: 2).map { plain[$0] }
        #expect(even == Self.samples(8_000).map { Float(Int(($0 * 32_767).rounded())) / 32_768 })
        // What lies between, away from the ends, is what resampling to 16 kHz gives there.
        let usual = try read(path, modelRate: 16_000)
        #expect(usual.count == 16_000)
        let worst = (200..<15_800).map { abs(usual[$0] - plain[$0]) }.max() ?? 1
        #expect(worst < 0.01, "\(worst)")
        for piece in [1, 77, 4_096] {
            #expect(try read(path, modelRate: 8_000, piece: piece) == plain)
        }
    }

    @Test("of other rates it is what the resampler gives at 8 kHz")
    func resampled() throws {
        let path = try wave(Self.samples(22_050), rate: 22_050)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let plain = try read(path, modelRate: 8_000)
        let resampler = Resampler(from: 22_050, to: 8_000)
        var expected: [Float] = []
        resampler.process(
            Self.samples(22_050).map { Float(Int(($0 * 32_767).rounded())) / 32_768 },
            into: &expected)
        resampler.finish(into: &expected)
        #expect(stride(from: 0, to: plain.count, by: 2).map { plain[$0] } == expected)
    }
}
