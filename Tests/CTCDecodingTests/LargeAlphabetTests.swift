internal import CTCDecoding
internal import Foundation
internal import SpeechTypes
internal import Testing

/// Alphabets as large as Omnilingual ASR's: 10,288 characters.
@Suite("Large alphabets") struct LargeAlphabetTests {
    private static let classes = 10_288

    private static let vocabulary = Vocabulary(
        symbols: ["<s>", "<pad>", "</s>", "<unk>", " "]
            + (5..<classes).compactMap { Unicode.Scalar(0x4E00 + $0).map { String($0) } },
        blank: 0, wordDelimiter: 4, specials: [0, 1, 2, 3],
        rules: TextRules(assembly: .pieces))

    /// Frames of which a quarter have a symbol, with four rivals each; all other classes are improbable.
    private static func frames(_ count: Int) -> LogProbabilities {
        var random: UInt64 = 42
        func next(_ bound: UInt64) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((random >> 33) % bound)
        }
        var values = (0..<classes).map { _ in -14 - Float(next(1_000)) / 250 }
        values = (0..<count).flatMap { _ in values }
        for frame in 0..<count {
            let row = frame * classes
            values[row + (frame % 8 < 2 ? next(60) + 4 : 0)] = -0.3
            for _ in 0..<4 { values[row + next(60) + 4] = -2.2 - Float(next(100)) / 50 }
        }
        return LogProbabilities(frames: count, classes: classes, values: values)
    }

    private static func decoder(_ beams: Int?) throws -> any CTCDecoder {
        let choice =
            beams.map { DecoderChoice(name: BeamDecoder.name, settings: ["beam": "\($0)"]) }
            ?? .greedy
        return try DecoderList.configure(choice)(vocabulary, DecoderArtefacts())
            .makeDecoder(hotwords: [])
    }

    /// With `SCRIPTORIUM_TIMES=1` the times are printed, for each second of audio.
    @Test("what a search holds depends on its beams and not on the classes", arguments: [nil, 50])
    func memory(beams: Int?) throws {
        let piece = Self.frames(250)
        var decoder = try Self.decoder(beams)
        var most = 0
        let clock = ContinuousClock()
        var time = Duration.zero
        let pieces = 12
        for _ in 1...pieces {
            time += try clock.measure { try decoder.append(piece) }
            most = max(most, (decoder as? BeamDecoder)?.bytesHeld ?? 0)
        }
        // A node for each class of each beam would be 20 MB a frame.
        #expect(most < 4 << 20)
        let transcript = try decoder.finish()
        #expect(transcript.symbols.count > 20 * pieces)
        #expect(transcript.symbols.allSatisfy { $0.index > 3 && $0.index < 64 })
        if ProcessInfo.processInfo.environment["SCRIPTORIUM_TIMES"] == "1" {
            let seconds = Double(pieces * 250) / 50
            print(
                "\(Self.classes) classes, \(beams.map { "\($0) beams" } ?? "greedy"): "
                    + "\(time / seconds) for a second of audio, \(most) bytes held at most")
        }
    }
}
