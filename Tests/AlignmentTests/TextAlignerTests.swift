import Alignment
import CTCDecoding
import SpeechTypes
import StrictJSON
import Testing

/// From a text and log-probabilities, in pieces, to what a record says.
struct TextAlignerTests {
    private let english = Vocabulary(
        symbols: AlignmentFixtures.labels, blank: 0, wordDelimiter: 4, specials: [0, 1, 2, 3])

    private func align(
        _ text: String, _ posteriors: LogProbabilities, _ matching: TextMatching = .auto,
        isOfFile: Bool = false, framesOfPiece: Int = 250
    ) throws -> Transcript {
        let spelled = try SpelledText(text, vocabulary: english)
        var aligner = TextAligner(
            spelled, vocabulary: english, matching: matching, isOfFile: isOfFile)
        let classes = posteriors.classes
        for start in stride(from: 0, to: posteriors.frames, by: framesOfPiece) {
            let end = min(start + framesOfPiece, posteriors.frames)
            aligner.append(
                LogProbabilities(
                    frames: end - start, classes: classes,
                    values: Array(posteriors.values[start * classes..<end * classes])))
        }
        return try aligner.finish()
    }

    @Test func wordsAreWhereTheReferenceHasThem() throws {
        var compared = 0
        for row in try AlignmentFixtures.rows("forced_align.json") {
            guard let words = row["words"]?.array?.compactMap(\.array), row["note"] == nil,
                let margin = row["margin"]?.double, margin > 0.01,
                let name = row["posteriors"]?.string, let text = row["text"]?.string
            else { continue }
            let found = try align(text, try AlignmentFixtures.posteriors(name))
            #expect(found.text == text)
            #expect(found.words.count == words.count)
            for (word, expected) in zip(found.words, words) {
                #expect(String(found.text(of: word)) == expected[0].string)
                #expect(found.frames(of: word).lowerBound == expected[1].double.map { Int($0) })
                #expect(found.frames(of: word).upperBound == expected[2].double.map { Int($0) })
                compared += 1
            }
        }
        #expect(compared > 200)
    }

    @Test func piecesGiveWhatTheWholeGives() throws {
        let posteriors = try AlignmentFixtures.posteriors("digits/st00.npy")
        let text = "Five, eight. Seven zero six; eight three!"
        let whole = try align(text, posteriors, framesOfPiece: 10_000)
        for frames in [1, 7, 100] {
            #expect(try align(text, posteriors, framesOfPiece: frames) == whole)
        }
        let alignment = try #require(whole.alignment)
        #expect(alignment.items.map(\.state) == [.aligned])
        #expect(alignment.items.first?.text == text)
        #expect(alignment.segments.map(\.text) == ["Five, eight.", "Seven zero six; eight three!"])
        #expect(
            alignment.segments.map(\.alignedText) == ["FIVE EIGHT", "SEVEN ZERO SIX EIGHT THREE"])
        #expect(alignment.segments.map(\.isWhole) == [true, true])
        #expect(alignment.originals.count == 7)
        #expect(alignment.originals.first == "Five,")
    }

    @Test func aBookSaysWhatIsMissingAndWhatIsExtra() throws {
        let names = [0, 2, 3, 6].map { "digits/st0\($0).npy" }
        let posteriors = try AlignmentFixtures.joined(names)
        let text = """
            Five eight seven zero six eight three.
            Nine nine nine nine nine!
            Five six six six six.
            Zero zero four two.

            """
        let found = try align(text, posteriors, isOfFile: true)
        let alignment = try #require(found.alignment)
        #expect(alignment.items.map(\.state) == [.aligned, .missing, .aligned, .extra, .aligned])
        #expect(alignment.items[1].text == "Nine nine nine nine nine!")
        #expect(alignment.items[3].text == "EIGHT THREE ONE TWO")
        #expect(
            found.text
                == "FIVE EIGHT SEVEN ZERO SIX EIGHT THREE FIVE SIX SIX SIX SIX ZERO ZERO FOUR TWO")
        #expect(alignment.segments.count == 3)
        let starts = alignment.items.map(\.frames.lowerBound)
        #expect(starts == starts.sorted())
        // A segment has none of the audio that is extra.
        let extra = alignment.items[3].frames
        #expect(alignment.segments.allSatisfy { !$0.frames.overlaps(extra) })
    }

    @Test func linesAreCutAsCTCSegmentationCutsThem() throws {
        let row = try #require(
            try AlignmentFixtures.rows("ctc_segmentation.json").first {
                $0["name"]?.string == "missing_in_text"
            })
        let posteriors = try AlignmentFixtures.joined(
            try #require(row["joined"]?.array).compactMap(\.string))
        let texts = try #require(row["texts"]?.array).compactMap(\.string)
        let found = try align(texts.joined(separator: "\n"), posteriors, .lines)
        #expect(found.text == texts.joined(separator: " "))
        let segments = try #require(found.alignment?.segments)
        #expect(segments.map(\.text) == texts)
        for (segment, expected) in zip(segments, try #require(row["segments"]?.array)) {
            let numbers = try #require(expected.array).compactMap(\.double)
            guard numbers[2] > -2 else { continue }
            #expect(abs(Double(segment.frames.lowerBound) * 0.02 - numbers[0]) <= 0.1)
            #expect(abs(Double(segment.frames.upperBound) * 0.02 - numbers[1]) <= 0.1)
            #expect(abs(segment.leastMeanLogProbability - numbers[2]) < 0.02)
        }
        #expect(try align("", posteriors, .lines).text == "")
    }

    @Test func anEmptyTextIsAllBlankAndALongOneIsRefused() throws {
        let posteriors = try AlignmentFixtures.posteriors("digits/ex00.npy")
        let empty = try align("  \n", posteriors)
        #expect(empty.text == "")
        #expect(empty.symbols == [])
        let error = #expect(throws: DecoderError.self) {
            try align("Zero zero zero zero zero zero zero.", posteriors)
        }
        #expect(error?.code == .textTooLong)
    }

    @Test func longSentencesAreDividedAtTheirPauses() throws {
        let names = (0..<24).map { "digits/st\($0 < 10 ? "0" : "")\($0).npy" }
        let rows = try AlignmentFixtures.rows("ctc_segmentation.json")
        let texts = try #require(rows.first?["texts"]?.array).compactMap(\.string)
        let found = try align(texts.joined(separator: " "), try AlignmentFixtures.joined(names))
        let segments = try #require(found.alignment?.segments)
        #expect(segments.count > 2)
        #expect(segments.allSatisfy { $0.frames.count <= 1_560 })
        #expect(segments.map(\.text).joined(separator: " ") == texts.joined(separator: " "))
    }
}
