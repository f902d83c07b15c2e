import CTCDecoding
import Foundation
import SpeechTypes
import Testing

/// Paths that transformers gave times for, Tests/Fixtures/greedy-offsets.
private struct OffsetsFixture: Decodable {
    struct Labels: Decodable {
        var labels: [String]
        var blank: Int
        var wordDelimiter: String?

        enum CodingKeys: String, CodingKey {
            case labels, blank
            case wordDelimiter = "word_delimiter"
        }
    }

    struct Piece: Decodable, Hashable {
        var text: String
        var start: Int
        var end: Int

        init(_ text: String, _ frames: Range<Int>) {
            self.text = text
            start = frames.lowerBound
            end = frames.upperBound
        }

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            text = try values.decode(String.self)
            start = try values.decode(Int.self)
            end = try values.decode(Int.self)
        }
    }

    struct Row: Decodable {
        var set: String
        var id: String
        var path: [Int]
        var chars: [Piece]
        var words: [Piece]
    }

    var sets: [String: Labels]
    var rows: [Row]
}

@Suite("Times of greedy decoding") struct GreedyOffsetsTests {
    private func fixture() throws -> OffsetsFixture {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/greedy-offsets/offsets.json")
        return try JSONDecoder().decode(OffsetsFixture.self, from: Data(contentsOf: url))
    }

    @Test("characters and words have the frames that transformers gives them")
    func transformers() throws {
        let fixture = try fixture()
        #expect(fixture.rows.count == 126)
        for row in fixture.rows {
            let set = try #require(fixture.sets[row.set])
            let delimiter = set.wordDelimiter.flatMap { set.labels.firstIndex(of: $0) }
            let vocabulary = Vocabulary(
                symbols: set.labels, blank: set.blank, wordDelimiter: delimiter)
            let values = row.path.flatMap { best in
                set.labels.indices.map { $0 == best ? Float(-0.01) : Float(-9) }
            }
            let transcript = GreedyDecoder.transcript(
                of: LogProbabilities(
                    frames: row.path.count, classes: set.labels.count, values: values),
                vocabulary: vocabulary)
            let characters = transcript.symbols.map { symbol in
                OffsetsFixture.Piece(
                    symbol.index == delimiter ? " " : set.labels[symbol.index], symbol.frames)
            }
            #expect(characters == row.chars, "\(row.set)/\(row.id)")
            let words = transcript.words.map {
                OffsetsFixture.Piece(String(transcript.text(of: $0)), transcript.frames(of: $0))
            }
            #expect(words == row.words, "\(row.set)/\(row.id)")
        }
    }
}
