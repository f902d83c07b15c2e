import CTCDecoding
import Foundation
import LanguageModels
import SpeechTypes
import Testing

/// Frames of made probabilities, the same for a seed.
private func frames(_ count: Int, classes: Int, seed: UInt64, sharpness: Float = 3)
    -> LogProbabilities
{
    var random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    var values: [Float] = []
    for _ in 0..<count {
        let logits = (0..<classes).map { _ -> Float in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return sharpness * Float(random >> 40) / Float(1 << 24)
        }
        let total = log(logits.reduce(0) { $0 + exp($1) })
        values += logits.map { $0 - total }
    }
    return LogProbabilities(frames: count, classes: classes, values: values)
}

private func pieces(_ whole: LogProbabilities, of size: Int) -> [LogProbabilities] {
    stride(from: 0, to: whole.frames, by: size).map { start in
        let count = min(size, whole.frames - start)
        let values = whole.values[start * whole.classes..<(start + count) * whole.classes]
        return LogProbabilities(frames: count, classes: whole.classes, values: Array(values))
    }
}

/// The log-probability of every text, over all ways through the frames.
private func everyText(_ frames: LogProbabilities, _ vocabulary: Vocabulary) -> [String: Double] {
    var ways: [(classes: [Int], log: Double)] = [([], 0)]
    for frame in 0..<frames.frames {
        ways = ways.flatMap { way in
            (0..<frames.classes).map {
                (way.classes + [$0], way.log + Double(frames.values[frame * frames.classes + $0]))
            }
        }
    }
    var texts: [String: Double] = [:]
    for way in ways {
        var symbols: [Transcript.Symbol] = []
        var last = vocabulary.blank
        for (frame, index) in way.classes.enumerated() where index != last {
            last = index
            guard index != vocabulary.blank else { continue }
            symbols.append(.init(index: index, frames: frame..<frame + 1, score: 0))
        }
        let text = TextAssembler(vocabulary: vocabulary).transcript(of: symbols).text
        texts[text, default: 0] += exp(way.log)
    }
    return texts.mapValues { log($0) }
}

@Suite("Beam search") struct BeamSearchTests {
    private let letters = Vocabulary(
        symbols: ["_", "a", "b", "|"], blank: 0, wordDelimiter: 3)

    private var wide: BeamSettings {
        var settings = BeamSettings()
        settings.width = 10_000
        settings.pruneLog = nil
        settings.tokenMinLog = nil
        settings.readings = 1_000
        return settings
    }

    /// Pieces of words, of which some have the space before them.
    private let wordPieces = Vocabulary(
        symbols: ["_", "a", " a", " b"], blank: 0, wordDelimiter: nil,
        rules: TextRules(assembly: .pieces))

    @Test(
        "a beam that is wide enough adds up all ways to each text", arguments: UInt64(1)...6,
        [false, true])
    func exhaustive(seed: UInt64, isOfPieces: Bool) throws {
        let vocabulary = isOfPieces ? wordPieces : letters
        let frames = frames(5, classes: 4, seed: seed)
        let found = try DecodingFixtures.transcript(frames, vocabulary, wide)
        var sums: [String: Double] = [:]
        for reading in [found] + found.alternatives { sums[reading.text] = reading.score }
        let every = everyText(frames, vocabulary)
        #expect(Set(sums.keys) == Set(every.keys))
        for (text, log) in every { #expect(abs((sums[text] ?? 0) - log) < 1e-4, "\(text)") }
        let posteriors = ([found] + found.alternatives).compactMap(\.posterior)
        #expect(abs(posteriors.reduce(0, +) - 1) < 1e-4)
    }

    @Test("a prefix is the same one whatever symbols spell it")
    func spellings() throws {
        let vocabulary = Vocabulary(
            symbols: ["_", "t", "h", "th"], blank: 0, wordDelimiter: nil)
        for seed in UInt64(1)...4 {
            let frames = frames(5, classes: 4, seed: seed)
            let found = try DecodingFixtures.transcript(frames, vocabulary, wide)
            let every = everyText(frames, vocabulary)
            let readings = [found] + found.alternatives
            #expect(readings.count == every.count)
            for reading in readings {
                #expect(abs(reading.score - (every[reading.text] ?? 0)) < 1e-4)
            }
        }
    }

    @Test("one beam with nothing to weigh reads as the greedy decoder does, to the bit")
    func oneBeam() throws {
        var settings = BeamSettings()
        settings.width = 1
        let classes = Vocabulary(
            symbols: ["_", "a", "b", "c", "d", "e", "f", "|"], blank: 0, wordDelimiter: 7)
        for seed in UInt64(1)...5 {
            let frames = frames(200, classes: 8, seed: seed)
            let greedy = GreedyDecoder.transcript(of: frames, vocabulary: classes)
            #expect(try DecodingFixtures.transcript(frames, classes, settings) == greedy)
            // The search itself, which one phrase that never comes keeps from being greedy.
            let searched = try DecodingFixtures.transcript(
                frames, classes, settings,
                DecoderArtefacts(hotwords: [Hotword(phrase: "zzz")]))
            #expect(searched.text == greedy.text)
            #expect(searched.symbols == greedy.symbols)
        }
    }

    @Test("how frames are cut into pieces does not matter, nor when old prefixes are forgotten")
    func piecewise() throws {
        let posteriors = try DecodingFixtures.posteriors("synth32")
        var artefacts = DecoderArtefacts(hotwords: [Hotword(phrase: "THE MISSUS")])
        artefacts.languageModel = try DecodingFixtures.model("libri4p.arpa.gz")
        var settings = BeamSettings()
        settings.readings = 5
        settings.width = 30
        let making = try DecoderList.configure(settings.choice)
        let factory = try making(posteriors.vocabulary, artefacts)
        for row in posteriors.rows.values {
            let whole = try DecodingFixtures.transcript(
                row, posteriors.vocabulary, settings, artefacts)
            for size in [1, 7] {
                var decoder = factory.makeDecoder()
                for piece in pieces(row, of: size) { try decoder.append(piece) }
                #expect(try decoder.finish() == whole)
            }
        }
    }

    @Test("of equal readings the one with the first classes wins")
    func ties() throws {
        let vocabulary = Vocabulary(
            symbols: ["_", "a", "b", "c"], blank: 0, wordDelimiter: nil)
        let equal = [Float](repeating: -log(4), count: 4)
        let frames = LogProbabilities(frames: 1, classes: 4, values: equal)
        var settings = BeamSettings()
        settings.readings = 4
        let found = try DecodingFixtures.transcript(frames, vocabulary, settings)
        #expect(([found] + found.alternatives).map(\.text) == ["", "a", "b", "c"])
    }

    @Test("classes in another order give the same readings where no scores are equal")
    func permuted() throws {
        let posteriors = try DecodingFixtures.posteriors("digits_t06")
        let classes = posteriors.vocabulary.symbols.count
        let order = Array((0..<classes).reversed())
        let vocabulary = Vocabulary(
            symbols: order.map { posteriors.vocabulary.symbols[$0] },
            blank: classes - 1 - posteriors.vocabulary.blank,
            wordDelimiter: posteriors.vocabulary.wordDelimiter.map { classes - 1 - $0 })
        let artefacts = DecoderArtefacts(languageModel: try DecodingFixtures.model("digits2.arpa"))
        for frames in posteriors.rows.values {
            let values = (0..<frames.frames).flatMap { frame in
                order.map { frames.values[frame * classes + $0] }
            }
            let one = try DecodingFixtures.transcript(
                frames, posteriors.vocabulary, BeamSettings(), artefacts)
            let other = try DecodingFixtures.transcript(
                LogProbabilities(frames: frames.frames, classes: classes, values: values),
                vocabulary, BeamSettings(), artefacts)
            #expect(one.text == other.text)
            #expect(abs(one.score - other.score) < 1e-6)
        }
    }

    @Test("words have the times of the most probable way, and a confidence")
    func times() throws {
        let posteriors = try DecodingFixtures.posteriors("digits_t06")
        for frames in posteriors.rows.values {
            let greedy = GreedyDecoder.transcript(of: frames, vocabulary: posteriors.vocabulary)
            let found = try DecodingFixtures.transcript(
                frames, posteriors.vocabulary, BeamSettings())
            guard found.text == greedy.text else { continue }
            #expect(found.words.map(found.frames(of:)) == greedy.words.map(greedy.frames(of:)))
            #expect(found.confidence == greedy.confidence)
        }
    }

    @Test("what a search holds does not grow with the recording")
    func longRecording() throws {
        let posteriors = try DecodingFixtures.posteriors("digits_t06")
        let rows = posteriors.rows.sorted { $0.key < $1.key }.map(\.value)
        let artefacts = DecoderArtefacts(
            languageModel: try DecodingFixtures.model("digits4.trie.bin"))
        var settings = BeamSettings()
        settings.width = 20
        let choice = try DecoderList.configure(settings.choice)
        let factory = try choice(posteriors.vocabulary, artefacts)
        var decoder = factory.makeDecoder()
        // Twenty minutes: a tenth of them is enough to reach the most that is ever held.
        var early = 0
        let rounds = 60_000 / rows.reduce(0) { $0 + $1.frames }
        for round in 0..<rounds {
            for row in rows { try decoder.append(row) }
            if round == rounds / 10 { early = try #require(decoder as? BeamDecoder).bytesHeld }
        }
        #expect(try #require(decoder as? BeamDecoder).bytesHeld == early)
        #expect(early < factory.bytesOfDecoder)
        #expect(try decoder.finish().words.count > 1_000)
    }
}
