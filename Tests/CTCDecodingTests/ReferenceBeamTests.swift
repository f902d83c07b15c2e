import CTCDecoding
import Foundation
import LanguageModels
import SpeechTypes
import Testing

/// An n-best list of pyctcdecode, or of flashlight.
private struct Reference: Decodable {
    struct Settings: Decodable {
        var lm: String?
        var unigrams: String?
        var alpha: Double?
        var beta: Double?
        var unkScoreOffset: Double?
        var lmScoreBoundary: Bool?
        var beamWidth: Int?
        var beamPruneLogp: Double?
        var tokenMinLogp: Double?
        var pruneHistory: Bool?
        var hotwords: [String]?
        var hotwordWeight: Double?
        var beamSize: Int?
        var beamThreshold: Double?
        var lmWeight: Double?
        var wordScore: Double?
        var logAdd: Bool?
    }

    struct Beam: Decodable {
        var text: String
        var acoustic: Double
        var combined: Double
        var frames: [[Int]]

        init(from decoder: any Decoder) throws {
            var fields = try decoder.unkeyedContainer()
            text = try fields.decode(String.self)
            acoustic = try fields.decode(Double.self)
            combined = try fields.decode(Double.self)
            frames = try fields.decode([[Int]].self)
        }
    }

    struct Best: Decodable {
        var words: [String]?
        var letters: String
        var score: Double
    }

    /// What came out when the classes had another order, too.
    struct OrderFree: Decodable {
        var topScores: Bool
        var topFrames: Bool
    }

    struct Row: Decodable {
        var id: String
        var beams: [Beam]?
        var orderFree: OrderFree?
        var best: [Best]?
    }

    var settings: Settings
    var rows: [Row]
}

@Suite("Beam searches as other programs do them") struct ReferenceBeamTests {
    @Test(
        "scores, texts and times are pyctcdecode's",
        arguments: try DecodingFixtures.names("pyctcdecode"))
    func pyctcdecode(name: String) throws {
        let reference = try DecodingFixtures.read(Reference.self, "pyctcdecode/" + name)
        let set = String(name.prefix { $0 != "/" })
        let posteriors = try DecodingFixtures.posteriors(set, unknown: "⁇")
        let asked = reference.settings
        var settings = BeamSettings()
        settings.isCompatible = true
        settings.readings = 10
        settings.width = try #require(asked.beamWidth)
        settings.pruneLog = asked.beamPruneLogp
        settings.tokenMinLog = asked.tokenMinLogp
        settings.prunesHistory = asked.pruneHistory ?? false
        var artefacts = DecoderArtefacts()
        if let lm = asked.lm?.split(separator: "/").last {
            let file = lm.hasSuffix(".arpa") && !lm.hasPrefix("digits2") ? lm + ".gz" : lm + ""
            artefacts.languageModel = try DecodingFixtures.model(String(file))
            settings.alpha = try #require(asked.alpha)
            settings.beta = try #require(asked.beta)
            settings.unknownOffset = try #require(asked.unkScoreOffset)
            settings.scoresBoundary = try #require(asked.lmScoreBoundary as Bool?)
            settings.unigrams = asked.unigrams == "none" ? .none : .auto
        }
        artefacts.hotwords = (asked.hotwords ?? []).map {
            Hotword(phrase: $0, weight: asked.hotwordWeight ?? 10)
        }
        for row in reference.rows where row.orderFree?.topScores != false {
            let frames = try #require(posteriors.rows[row.id])
            let found = try DecodingFixtures.transcript(
                frames, posteriors.vocabulary, settings, artefacts)
            let beams = try #require(row.beams)
            let best = beams[0]
            #expect(abs(found.score - best.combined) < 1e-3, "\(name) \(row.id)")
            #expect(abs((found.acousticScore ?? 0) - best.acoustic) < 1e-3, "\(name) \(row.id)")
            let equal = beams.filter { $0.combined > best.combined - 1e-3 }.map(\.text)
            #expect(equal.contains(found.text), "\(name) \(row.id)")
            guard found.text == best.text, row.orderFree?.topFrames != false else { continue }
            let frameRanges = found.words.map { found.frames(of: $0) }
            #expect(
                frameRanges.map { [$0.lowerBound, $0.upperBound] } == best.frames,
                "\(name) \(row.id)")
        }
    }

    @Test(
        "words and scores are flashlight's", arguments: try DecodingFixtures.names("flashlight"))
    func flashlight(name: String) throws {
        let reference = try DecodingFixtures.read(Reference.self, "flashlight/" + name)
        let set = String(name.prefix { $0 != "." })
        let posteriors = try DecodingFixtures.posteriors(set)
        let asked = reference.settings
        var settings = BeamSettings()
        settings.isCompatible = true
        settings.width = try #require(asked.beamSize)
        settings.pruneLog = try -#require(asked.beamThreshold)
        settings.tokenMinLog = nil
        // Its scores stay logarithms to base 10.
        settings.alpha = (asked.lmWeight ?? 0) / 2.302_585_092_994_046
        settings.beta = asked.wordScore ?? 0
        settings.unknownOffset = 0
        settings.addsWays = try #require(asked.logAdd as Bool?)
        var artefacts = DecoderArtefacts()
        if let lm = asked.lm?.split(separator: "/").last {
            artefacts.languageModel = try DecodingFixtures.model(lm + ".gz")
        }
        if name.contains(".lex_") {
            let words = try DecodingFixtures.words(
                set.hasPrefix("digits") ? "digits.train.txt" : "libri.train.txt")
            let known = Set(posteriors.vocabulary.symbols)
            artefacts.lexicon = Lexicon(
                words.filter { $0.allSatisfy { known.contains(String($0)) } }.map {
                    .init(word: $0, symbols: $0.map(String.init) + ["|"])
                })
        } else {
            settings.unit = .symbol
        }
        for row in reference.rows where set != "edges" || !["uniform", "ties"].contains(row.id) {
            let frames = try #require(posteriors.rows[row.id])
            let found = try DecodingFixtures.transcript(
                frames, posteriors.vocabulary, settings, artefacts)
            guard let best = row.best?.first else { continue }
            let bar = settings.addsWays ? 0.01 : 1e-3
            #expect(abs(found.score - best.score) < bar, "\(name) \(row.id)")
            // Without a language model readings of the same frames are equal.
            guard artefacts.languageModel != nil || best.words == nil else { continue }
            let wanted = best.words?.joined(separator: " ") ?? best.letters
            #expect(found.text == wanted, "\(name) \(row.id)")
        }
    }
}
