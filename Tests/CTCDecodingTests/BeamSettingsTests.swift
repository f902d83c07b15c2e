import CTCDecoding
import Foundation
import LanguageModels
import SpeechTypes
import Testing

@Suite("Settings of the beam search") struct BeamSettingsTests {
    @Test("a choice names only what differs from the defaults, in one spelling")
    func canonical() throws {
        #expect(BeamSettings().choice.text == "beam")
        let settings = try BeamSettings([
            "alpha": "1.0", "beam": "100", "beam_prune_logp": "off", "token_min_logp": "-7.50",
            "lm_score_boundary": "off", "unigrams": "none", "beta": "1.5", "nbest": "3",
        ])
        #expect(
            settings.choice.text
                == "beam:alpha=1,beam_prune_logp=off,lm_score_boundary=off,nbest=3,"
                + "token_min_logp=-7.5,unigrams=none")
        let again = try #require(DecoderChoice(settings.choice.text))
        #expect(try BeamSettings(again.settings) == settings)
    }

    @Test(
        "a setting that is unknown or out of range is refused by name",
        arguments: [
            ("width", "5"), ("beam", "0"), ("beam", "1e9"), ("alpha", "nan"), ("alpha", "-1"),
            ("token_min_logp", "1"), ("compatible", "yes"), ("unigrams", "some"), ("nbest", ""),
        ])
    func refused(name: String, value: String) {
        let error = #expect(throws: DecoderError.self) { _ = try BeamSettings([name: value]) }
        #expect(error?.description.contains(name) == true)
    }

    @Test("a list that is asked for must be there")
    func list() throws {
        var settings = BeamSettings()
        settings.unigrams = .list
        let making = try DecoderList.configure(settings.choice)
        let vocabulary = Vocabulary(symbols: ["_", "a"], blank: 0, wordDelimiter: nil)
        #expect(throws: DecoderError.self) {
            _ = try making(
                vocabulary,
                DecoderArtefacts(languageModel: try DecodingFixtures.model("digits2.arpa")))
        }
    }
}

@Suite("Lexica") struct LexiconTests {
    private let vocabulary = Vocabulary(
        symbols: ["_", "h", "e", "l", "o", "|"], blank: 0, wordDelimiter: 5)

    private func frames(_ classes: [Int]) -> LogProbabilities {
        LogProbabilities(
            frames: classes.count, classes: 6,
            values: classes.flatMap { best in (0..<6).map { $0 == best ? log(0.9) : log(0.02) } })
    }

    @Test("lines are words and symbols; one without symbols is refused with its number")
    func read() throws {
        let lexicon = try Lexicon(Array("HELLO\th e l l o |\r\n\nEEL  e e l\n".utf8), name: "l.txt")
        #expect(lexicon.entries.map(\.word) == ["HELLO", "EEL"])
        #expect(lexicon.entries[0].symbols == ["h", "e", "l", "l", "o", "|"])
        let error = #expect(throws: DecoderError.self) {
            _ = try Lexicon(Array("HELLO\th\nEEL\n".utf8), name: "l.txt")
        }
        #expect(error?.description.contains("l.txt, line 2") == true)
        #expect(throws: DecoderError.self) { _ = try Lexicon([], name: "l.txt") }
    }

    @Test("only words of the lexicon come out, as it writes them, with their frames")
    func words() throws {
        let lexicon = try Lexicon(Array("Hello\th e l o |\nOle\to l e |\n".utf8), name: "l.txt")
        // "hel o" is heard; the lexicon has no such words.
        let found = try DecodingFixtures.transcript(
            frames([1, 1, 2, 3, 0, 4, 5, 0, 4, 3, 2, 5]), vocabulary, BeamSettings(),
            DecoderArtefacts(lexicon: lexicon))
        #expect(found.text == "Hello Ole")
        #expect(found.words.map(found.frames(of:)) == [0..<6, 8..<11])
    }

    @Test("a word's last symbol may last, and words need no delimiter")
    func withoutDelimiter() throws {
        let lexicon = try Lexicon(Array("Lo\tl o\nHe\th e\n".utf8), name: "l.txt")
        let found = try DecodingFixtures.transcript(
            frames([3, 4, 4, 1, 2, 2]), vocabulary, BeamSettings(),
            DecoderArtefacts(lexicon: lexicon))
        #expect(found.text == "Lo He")
    }

    @Test("a symbol that the alphabet does not have is refused with the word")
    func unknownSymbol() throws {
        let making = try DecoderList.configure(BeamSettings().choice)
        let lexicon = Lexicon([.init(word: "ZOO", symbols: ["z", "o", "o"])])
        let error = #expect(throws: DecoderError.self) {
            _ = try making(vocabulary, DecoderArtefacts(lexicon: lexicon))
        }
        #expect(error?.description.contains("ZOO") == true)
    }
}
