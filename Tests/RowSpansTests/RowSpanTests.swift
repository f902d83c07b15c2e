import CTCDecoding
import RowSpans
import SpeechTypes
import Testing
import VoiceActivity
import WindowCutting

/// A row's log-probabilities, drawn from a seed: runs of letters, of all lengths, between blanks.
private struct Sample {
    let vocabulary: Vocabulary
    /// Of frames × classes.
    let values: [Float]
    let frames: Int

    init(seed: UInt64, frames: Int, symbols: [String] = ["_", "a", "b", "c", "|"]) {
        vocabulary = Vocabulary(symbols: symbols, blank: 0, wordDelimiter: symbols.count - 1)
        self.frames = frames
        var state = seed &+ 0x9e37_79b9_7f4a_7c15
        func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        var values: [Float] = []
        var best = 0
        for _ in 0..<frames {
            if next() % 3 == 0 { best = next() % 2 == 0 ? 0 : Int(next() % UInt64(symbols.count)) }
            for index in symbols.indices {
                let noise = Float(next() % 1_000) / 1_000
                values.append(index == best ? -0.01 - noise / 2 : -1 - 6 * noise)
            }
        }
        self.values = values
    }

    func piece(_ range: Range<Int>) -> LogProbabilities {
        let classes = vocabulary.symbols.count
        return LogProbabilities(
            frames: range.count, classes: classes,
            values: Array(values[range.lowerBound * classes..<range.upperBound * classes]))
    }

    func reading(_ range: Range<Int>) -> GreedyReading {
        var reading = GreedyReading(vocabulary: vocabulary)
        reading.append(piece(range))
        return reading
    }

    var whole: Transcript {
        GreedyDecoder.transcript(of: piece(0..<frames), vocabulary: vocabulary)
    }

    static let ending = SpanPart.Ending(
        windows: 9, samples: samples, decodedSeconds: 12.345_678, audioDigest: Array(1...16),
        warning: "cut short: the file states 13 s",
        audioWarning: AudioWarning(.shorterThanStated, statedSeconds: 13, decodedSeconds: 12.3))

    private static let samples: SpeechCoverage = {
        var samples = SpeechCoverage()
        samples.speech = 3
        samples.silence = 1 << 40
        samples.skipped = 5
        return samples
    }()

    /// Windows of one frame each, from this one on.
    static func windows(_ first: Int, count: Int = 3) -> [Range<Int>] {
        (0..<count).map { first + 7 * $0..<first + 7 * $0 + 1 }
    }

    /// Three spans of three windows each, the row being cut at these frames.
    func parts(cutAt first: Int, _ second: Int) -> [[UInt8]] {
        [
            SpanPart(
                span: RowSpan(firstWindow: 0, endWindow: 3), windows: Self.windows(0),
                reading: reading(0..<first), ending: nil),
            SpanPart(
                span: RowSpan(firstWindow: 3, endWindow: 6), windows: Self.windows(100),
                reading: reading(first..<second), ending: nil),
            SpanPart(
                span: RowSpan(firstWindow: 6, endWindow: nil), windows: Self.windows(200),
                reading: reading(second..<frames), ending: Self.ending),
        ].map(\.bytes)
    }
}

@Suite("Spans of rows that several workers share")
struct RowSpanTests {
    @Test(
        "wherever a row is cut, its spans joined are the whole row: symbols, times, confidences and words"
    )
    func everyCut() throws {
        for seed in 0..<4 as Range<UInt64> {
            let sample = Sample(seed: seed, frames: 90)
            let whole = sample.whole
            #expect(whole.words.count > 1)
            for first in stride(from: 0, through: 90, by: 1) {
                for second in stride(from: first, through: 90, by: 13) {
                    let joined = try #require(
                        JoinedSpans(
                            sample.parts(cutAt: first, second), vocabulary: sample.vocabulary))
                    #expect(joined.frames == 90)
                    #expect(joined.ending == Sample.ending)
                    #expect(joined.coverage.samples.silence == 1 << 40)
                    #expect(
                        joined.coverage.windows
                            == [0, 100, 200].flatMap { Sample.windows($0) })
                    var transcript = try #require(
                        joined.transcript(vocabulary: sample.vocabulary) { true })
                    // The probability of the whole reading is of frames that no record tells of.
                    transcript.score = whole.score
                    #expect(transcript == whole, "seed \(seed), cut at \(first) and \(second)")
                }
            }
        }
    }

    @Test("classes with one text are one symbol across a cut too, also where it is the blank's")
    func equalTexts() throws {
        for symbols in [["_", "a", "a", "b", "|"], ["a", "a", "b", "c", "|"]] {
            let sample = Sample(seed: 5, frames: 120, symbols: symbols)
            for cut in stride(from: 1, to: 120, by: 1) {
                let joined = try #require(
                    JoinedSpans(sample.parts(cutAt: cut, cut), vocabulary: sample.vocabulary))
                var transcript = try #require(
                    joined.transcript(vocabulary: sample.vocabulary) { true })
                transcript.score = sample.whole.score
                #expect(transcript == sample.whole)
            }
        }
    }

    @Test("what a span leaves is a few bytes a frame")
    func size() {
        let sample = Sample(seed: 3, frames: 1_500)
        let part = SpanPart(
            span: RowSpan(firstWindow: 0, endWindow: 1), windows: [0..<1_500],
            reading: sample.reading(0..<1_500),
            ending: nil)
        #expect(part.bytes.count <= 1_500 * 9 + 64)
        #expect(SpanPart(part.bytes, vocabulary: sample.vocabulary) == part)
    }

    @Test("spans that are missing, in another order, of other windows or too few are not joined")
    func notOfOnePiece() {
        let sample = Sample(seed: 1, frames: 60)
        let parts = sample.parts(cutAt: 20, 40)
        let vocabulary = sample.vocabulary
        #expect(JoinedSpans(parts, vocabulary: vocabulary) != nil)
        #expect(JoinedSpans([], vocabulary: vocabulary) == nil)
        #expect(JoinedSpans(Array(parts.dropLast()), vocabulary: vocabulary) == nil)
        #expect(JoinedSpans(Array(parts.dropFirst()), vocabulary: vocabulary) == nil)
        #expect(JoinedSpans([parts[1], parts[0], parts[2]], vocabulary: vocabulary) == nil)
        #expect(JoinedSpans([parts[0], parts[0], parts[2]], vocabulary: vocabulary) == nil)
        #expect(JoinedSpans(parts + [parts[2]], vocabulary: vocabulary) == nil)
        let few = SpanPart(
            span: RowSpan(firstWindow: 3, endWindow: 6), windows: Sample.windows(100, count: 2),
            reading: sample.reading(20..<40),
            ending: nil)
        #expect(JoinedSpans([parts[0], few.bytes, parts[2]], vocabulary: vocabulary) == nil)
        let early = SpanPart(
            span: RowSpan(firstWindow: 3, endWindow: 6), windows: Sample.windows(10),
            reading: sample.reading(20..<40), ending: nil)
        #expect(JoinedSpans([parts[0], early.bytes, parts[2]], vocabulary: vocabulary) == nil)
    }

    @Test(
        "a damaged byte anywhere, a cut, or the classes of another model make bytes that are refused"
    )
    func damage() {
        let sample = Sample(seed: 2, frames: 30)
        for bytes in sample.parts(cutAt: 10, 20) {
            for place in bytes.indices {
                var damaged = bytes
                damaged[place] ^= 0x41
                #expect(SpanPart(damaged, vocabulary: sample.vocabulary) == nil)
                #expect(SpanPart(Array(bytes[..<place]), vocabulary: sample.vocabulary) == nil)
            }
        }
        let small = Vocabulary(symbols: ["_", "a"], blank: 0, wordDelimiter: nil)
        #expect(SpanPart(sample.parts(cutAt: 10, 20)[0], vocabulary: small) == nil)
    }

    @Test("a row that is over is not joined to its end")
    func givenUp() throws {
        let sample = Sample(seed: 2, frames: 30)
        let joined = try #require(
            JoinedSpans(sample.parts(cutAt: 10, 20), vocabulary: sample.vocabulary))
        #expect(joined.transcript(vocabulary: sample.vocabulary) { false } == nil)
    }
}
