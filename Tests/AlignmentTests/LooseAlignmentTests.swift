import Alignment
import CTCDecoding
import SpeechTypes
import StrictJSON
import Testing

/// Texts that are not quite what is said.
struct LooseAlignmentTests {
    /// Strings of digits of which the model hears every word.
    private let heard = [0, 2, 3, 6, 13]

    private var strings: [String] { heard.map { "digits/st\($0 < 10 ? "0" : "")\($0).npy" } }

    private func words(_ text: String) -> [[Int]] {
        text.split(separator: " ").map { word in
            word.map { AlignmentFixtures.labels.firstIndex(of: String($0)) ?? 0 }
        }
    }

    private func texts() throws -> [String] {
        let rows = try AlignmentFixtures.rows("ctc_segmentation.json")
        let texts = try #require(rows.first?["texts"]?.array).compactMap(\.string)
        return heard.map { texts[$0] }
    }

    private func align(
        _ text: [String], _ names: [String], cellsOfStretch: Int = LooseAlignment.cellsOfStretch
    ) throws -> LooseAlignment {
        LooseAlignment.align(
            words(text.joined(separator: " ")), blank: 0, delimiter: 4,
            in: Emissions(of: try AlignmentFixtures.joined(names)), cellsOfStretch: cellsOfStretch)
    }

    @Test func aTextThatIsSaidIsAlignedWhole() throws {
        let found = try align(try texts(), strings)
        #expect(found.missing == [])
        let extra = found.path.count { $0 == .extra }
        #expect(extra == 0)
    }

    @Test func wordsWithoutAudioAreMissingAndTheOthersStayWhereTheyAre() throws {
        var text = try texts()
        let whole = try align(text, strings)
        text.insert("NINE NINE NINE NINE NINE", at: 3)
        let found = try align(text, strings)
        let before = text.prefix(3).joined(separator: " ").split(separator: " ").count
        #expect(found.missing == Array(before..<before + 5))
        let moved = found.path.map { frame -> LooseAlignment.Frame in
            guard case .letter(let word, let position) = frame, word > before else { return frame }
            return .letter(word: word - 5, position: position)
        }
        let isSame = moved == whole.path
        #expect(isSame)
    }

    @Test func audioWithoutTextIsExtra() throws {
        var text = try texts()
        text.remove(at: 2)
        let found = try align(text, strings)
        #expect(found.missing == [])
        let frames = try strings.map { try AlignmentFixtures.posteriors($0).frames }
        let start = frames[0] + frames[1]
        let extra = found.path.indices.filter { found.path[$0] == .extra }
        let first = try #require(extra.first)
        let last = try #require(extra.last)
        let isThere = first >= start - 15 && last < start + frames[2] + 15
        #expect(isThere)
        #expect(extra.count > frames[2] / 8)
    }

    @Test func audioBeforeAndAfterTheTextIsExtra() throws {
        let found = try align(Array(try texts()[1..<4]), strings)
        #expect(found.missing == [])
        let letters = found.path.indices.filter {
            if case .letter = found.path[$0] { true } else { false }
        }
        let first = try #require(letters.first)
        let start = try AlignmentFixtures.posteriors(strings[0]).frames
        #expect((start - 2..<start + 30).contains(first))
        let isExtraAround =
            found.path.prefix(first).contains(.extra) && found.path.suffix(150).contains(.extra)
        #expect(isExtraAround)
    }

    @Test func cuttingAtAnchorsChangesNothingWhereTextAndAudioAgree() throws {
        let rows = try AlignmentFixtures.rows("forced_align.json").filter {
            $0["posteriors"]?.string?.hasPrefix("synth32/") == true
        }
        let names = rows.compactMap { $0["posteriors"]?.string }
        let text = rows.compactMap { $0["text"]?.string }
        let whole = try align(text, names)
        let parts = try align(text, names, cellsOfStretch: 50_000)
        #expect(whole.missing == parts.missing)
        let same = zip(whole.path, parts.path).count { $0 == $1 }
        #expect(Double(same) > 0.99 * Double(whole.path.count))
    }

    @Test func noAudioLeavesAllWordsMissing() throws {
        let found = LooseAlignment.align(
            words("ONE TWO"), blank: 0, delimiter: 4, in: Emissions(classes: Array(0..<32)))
        #expect(found.missing == [0, 1])
        #expect(found.path.isEmpty)
    }

    @Test func noTextLeavesSpeechExtra() throws {
        let found = try align([], ["digits/st00.npy"])
        #expect(found.missing == [])
        #expect(found.path.contains(.extra))
    }
}
