import CTCDecoding
import Foundation
import SpeechTypes
import Testing

@Suite("Confidence") struct ConfidenceTests {
    /// The formula as it is written down, in double precision.
    private func expected(_ probabilities: [Double]) -> Double {
        let classes = Double(probabilities.count)
        let sum = probabilities.reduce(0) { $0 + pow($1, 1.0 / 3) }
        let greatest = pow(classes, 2.0 / 3)
        return (greatest - sum) / (greatest - 1)
    }

    private func confidence(_ probabilities: [Double]) -> Float {
        let logarithms = probabilities.map { Float(log($0)) }
        let frame = FrameConfidence(classes: logarithms.count)
        return logarithms.withUnsafeBufferPointer { frame($0) }
    }

    @Test("it is 0 where all classes have the same probability, and 1 where one has all")
    func ends() {
        for classes in [2, 3, 29, 32, 33, 1_000] {
            let even = [Double](repeating: 1 / Double(classes), count: classes)
            #expect(confidence(even) < 1e-5)
            var sure = [Double](repeating: 0, count: classes)
            sure[classes / 2] = 1
            #expect(confidence(sure) > 1 - 1e-6)
        }
        #expect(confidence([1]) == 1)
    }

    @Test("it is one less the normalised Tsallis entropy of order 1/3")
    func formula() {
        var chance = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let classes = Int.random(in: 2...70, using: &chance)
            let sharpness = Double.random(in: 0...12, using: &chance)
            let weights = (0..<classes).map { _ in
                exp(sharpness * Double.random(in: -1...1, using: &chance))
            }
            let total = weights.reduce(0, +)
            let probabilities = weights.map { $0 / total }
            #expect(abs(Double(confidence(probabilities)) - expected(probabilities)) < 2e-6)
        }
    }

    @Test(
        "a symbol has the least confidence of its frames, a word that of its symbols, a row that of its words"
    )
    func aggregation() {
        let vocabulary = Vocabulary(symbols: ["_", "a", "b", "|"], blank: 0, wordDelimiter: 3)
        func frame(_ best: Int, _ probability: Double) -> [Double] {
            (0..<4).map { $0 == best ? probability : (1 - probability) / 3 }
        }
        // "aab ab": one frame of the second word is less sure than all others; blank and delimiter are
        // less sure still, and do not count.
        let frames = [
            frame(1, 0.9), frame(1, 0.8), frame(0, 0.4), frame(2, 0.95), frame(3, 0.4),
            frame(1, 0.99), frame(2, 0.6),
        ]
        let transcript = GreedyDecoder.transcript(
            of: LogProbabilities(
                frames: frames.count, classes: 4, values: frames.joined().map { Float(log($0)) }),
            vocabulary: vocabulary)
        #expect(transcript.text == "ab ab")
        let known = [0.8, 0.95, 0.4, 0.99, 0.6].map { confidence(frame(1, $0)) }
        for (symbol, value) in zip(transcript.symbols, known) {
            #expect(abs(symbol.confidence - value) < 1e-6)
        }
        let words = transcript.words.map { transcript.confidence(of: $0) }
        #expect(words == [transcript.symbols[0].confidence, transcript.symbols[4].confidence])
        #expect(transcript.confidence == words[1])
        let silent = GreedyDecoder.transcript(
            of: LogProbabilities(frames: 1, classes: 4, values: [0, -9, -9, -9]),
            vocabulary: vocabulary)
        #expect(silent.confidence == nil)
    }
}
