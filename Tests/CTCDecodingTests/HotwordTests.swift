import CTCDecoding
import Foundation
import SpeechTypes
import Testing

@Suite("Hotwords") struct HotwordTests {
    private let vocabulary = Vocabulary(
        symbols: ["_", "a", "b", "c", "|"], blank: 0, wordDelimiter: 4)

    /// Frames that spell each letter of `text`, with the other classes far less probable.
    private func frames(_ text: String) -> LogProbabilities {
        var values: [Float] = []
        for letter in text {
            let index = vocabulary.symbols.firstIndex(of: String(letter)) ?? 0
            values += (0..<5).map { $0 == index ? log(0.96) : log(0.01) }
            values += [log(0.96), log(0.01), log(0.01), log(0.01), log(0.01)]
        }
        return LogProbabilities(frames: 2 * text.count, classes: 5, values: values)
    }

    /// What hotwords add to the reading of `text`.
    private func boost(_ text: String, _ hotwords: [Hotword], compatible: Bool = false) throws
        -> Double
    {
        var settings = BeamSettings()
        settings.isCompatible = compatible
        let found = try DecodingFixtures.transcript(
            frames(text), vocabulary, settings, DecoderArtefacts(hotwords: hotwords))
        #expect(found.text == text.replacing("|", with: " "))
        return try #require(found.languageModelScore)
    }

    @Test(
        "a phrase counts once whatever its length, and only whole",
        arguments: [
            ("ab|ca", 3.0), ("ab|ca|ab", 3.0), ("ab|ca|ab|ca", 6.0), ("ab", 0), ("ab|cab", 0),
            ("cab|ca", 0), ("ab|c", 0), ("b|ab|ca|b", 3.0),
        ])
    func once(text: String, expected: Double) throws {
        let found = try boost(text, [Hotword(phrase: "ab ca", weight: 3)])
        #expect(abs(found - expected) < 1e-9)
    }

    @Test(
        "of phrases that begin alike the longest counts",
        arguments: [("ab", 2.0), ("ab|ca", 5.0), ("ab|cb", 2.0), ("ca", 1.0), ("ab|ca|ca", 6.0)])
    func longest(text: String, expected: Double) throws {
        let hotwords = [
            Hotword(phrase: "ab", weight: 2), Hotword(phrase: "ab ca", weight: 5),
            Hotword(phrase: "ca", weight: 1),
        ]
        #expect(abs(try boost(text, hotwords) - expected) < 1e-9)
    }

    @Test("each word of a phrase counts where pyctcdecode is followed")
    func compatible() throws {
        let hotwords = [Hotword(phrase: "ab ca", weight: 3)]
        #expect(abs(try boost("ab|ca", hotwords, compatible: true) - 6) < 1e-9)
        #expect(abs(try boost("ca|ca", hotwords, compatible: true) - 6) < 1e-9)
    }

    @Test("a phrase that a row names wins over sounds that are nearly it")
    func rows() throws {
        var values = frames("ab").values
        // The last letter is a little more like c.
        values.replaceSubrange(10..<15, with: [0.01, 0.01, 0.42, 0.55, 0.01].map { log($0) })
        let heard = LogProbabilities(frames: 4, classes: 5, values: values)
        let settings = BeamSettings()
        #expect(try DecodingFixtures.transcript(heard, vocabulary, settings).text == "ac")
        let found = try DecodingFixtures.transcript(
            heard, vocabulary, settings, rowHotwords: [Hotword(phrase: "ab")])
        #expect(found.text == "ab")
        let rarer = try DecodingFixtures.transcript(
            heard, vocabulary, settings, rowHotwords: [Hotword(phrase: "ac", weight: -10)])
        #expect(rarer.text == "ab")
    }

    @Test("no hotwords, and those without any text, give the same bytes")
    func none() throws {
        let heard = frames("ab|ca")
        let without = try DecodingFixtures.transcript(heard, vocabulary, BeamSettings())
        let empty = DecoderArtefacts(hotwords: [Hotword(phrase: " ")])
        #expect(
            try DecodingFixtures.transcript(heard, vocabulary, BeamSettings(), empty) == without)
    }

    @Test("where words have no delimiter, phrases are found anywhere")
    func anywhere() throws {
        let kana = Vocabulary(symbols: ["_", "さ", "く", "ら"], blank: 0, wordDelimiter: nil)
        var values: [Float] = []
        for index in [3, 1, 2, 3] {
            values += (0..<4).map { $0 == index ? log(0.97) : log(0.01) }
        }
        let found = try DecodingFixtures.transcript(
            LogProbabilities(frames: 4, classes: 4, values: values), kana, BeamSettings(),
            DecoderArtefacts(hotwords: [Hotword(phrase: "さくら", weight: 4)]))
        #expect(found.text == "らさくら")
        #expect(abs((found.languageModelScore ?? 0) - 4) < 1e-9)
    }
}
