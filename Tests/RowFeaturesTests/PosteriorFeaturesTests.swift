internal import CTCDecoding
internal import Foundation
internal import RowFeatures
internal import Testing

@Suite("Features of log-probabilities")
struct PosteriorFeaturesTests {
    /// Frames of two classes, the first of which is the blank, by the blank's probability.
    private static func frames(_ blanks: [Double]) -> LogProbabilities {
        LogProbabilities(
            frames: blanks.count, classes: 2,
            values: blanks.flatMap { [Float(log($0)), Float(log(1 - $0))] })
    }

    private static func texts(_ features: PosteriorFeatures) -> [String: String] {
        Dictionary(uniqueKeysWithValues: features.fields.map { ($0.name, $0.text) })
    }

    @Test("means and extremes are those of the definitions")
    func valuesFollowTheDefinitions() {
        var features = PosteriorFeatures(blank: 0)
        features.append(Self.frames([0.75, 0.5, 0.1]))
        let texts = Self.texts(features)
        // The highest probabilities are 0.75, 0.5 and 0.9; the margins 0.5, 0 and 0.8.
        #expect(texts["mean_posterior"] == "0.716667")
        #expect(texts["least_posterior"] == "0.500000")
        #expect(texts["mean_margin"] == "0.433333")
        #expect(texts["least_margin"] == "0.000000")
        // -p ln p - q ln q: 0.562335, 0.693147 and 0.325083.
        #expect(texts["mean_entropy"] == "0.526855")
        #expect(texts["greatest_entropy"] == "0.693147")
        // Of two equal classes greedy decoding takes the first.
        #expect(texts["blank_share"] == "0.666667")
    }

    @Test("a class without any probability adds no entropy")
    func impossibleClassesAreNothing() {
        var features = PosteriorFeatures(blank: 0)
        features.append(
            LogProbabilities(frames: 1, classes: 3, values: [0, -.infinity, -.infinity]))
        let texts = Self.texts(features)
        #expect(texts["mean_posterior"] == "1.000000")
        #expect(texts["mean_margin"] == "1.000000")
        #expect(texts["mean_entropy"] == "0.000000")
    }

    @Test("without frames there is nothing to tell")
    func nothingHasNoValues() {
        #expect(PosteriorFeatures(blank: 0).fields.allSatisfy { $0.text == "null" })
    }

    @Test("nothing depends on how frames were cut into pieces")
    func piecesDoNotMatter() {
        let probabilities = (0..<997).map { 0.02 + 0.96 * Double($0 * 7_919 % 997) / 997 }
        var whole = PosteriorFeatures(blank: 0)
        whole.append(Self.frames(probabilities))
        for step in [1, 3, 250] {
            var pieces = PosteriorFeatures(blank: 0)
            for start in stride(from: 0, to: probabilities.count, by: step) {
                pieces.append(
                    Self.frames(Array(probabilities[start...].prefix(step))))
            }
            #expect(pieces == whole)
        }
    }

    @Test("entropy over many classes is that of the standard library's functions")
    func entropyAgreesWithTheLibrary() throws {
        let weights = (0..<37).map { exp(Double($0 * 31 % 37) / 4) }
        let sum = weights.reduce(0, +)
        var features = PosteriorFeatures(blank: 0)
        features.append(
            LogProbabilities(
                frames: 1, classes: 37, values: weights.map { Float(log($0 / sum)) }))
        let expected = weights.reduce(0) { $0 - $1 / sum * log($1 / sum) }
        let found = try #require(Self.texts(features)["mean_entropy"].flatMap { Double($0) })
        #expect(abs(found - expected) < 2e-6)
    }
}
