import Calibration
import ErrorRates
import Foundation
import OutputComparison
import TemporaryFolders
import Testing
import TextNormalizers

@Suite("Two outputs")
struct PairedOutputsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(
        _ name: String, _ texts: [String?], references: [String?] = [], seconds: [Double] = [],
        expected: [Double] = [], audio: (Int) -> String = { "a \($0).wav" }
    ) throws -> String {
        var lines = ""
        for (row, text) in texts.enumerated() {
            let reference = references.indices.contains(row) ? references[row] : nil
            let length = seconds.indices.contains(row) ? seconds[row] : 5
            lines += #"{"audio_filepath":"\#(audio(row))","offset":\#(row),"duration":\#(length)"#
            if let reference { lines += #","text":"\#(reference)""# }
            if expected.indices.contains(row) { lines += #","expected_wer":\#(expected[row])"# }
            lines += #","pred_text":"\#(text ?? "")","#
            lines += text == nil ? #""status":"rejected"}"# : #""status":"transcribed"}"#
            lines += "\n"
        }
        return try folder.write(name, lines)
    }

    private func request(_ first: String, _ second: String) -> PairedOutputs.Request {
        PairedOutputs.Request(
            first: first, second: second, comparison: TextComparison(normalizer: .basic))
    }

    @Test("rows that are the same, that changed and that only one has are counted")
    func counts() throws {
        let first = try write("a", ["ONE TWO", "three four", "FIVE", nil, "SIX"])
        let second = try write("b", ["one, two", "THREE FOR YOU", "FIVE", "SEVEN", nil])
        var changed: [ChangedRow] = []
        let compared = try PairedOutputs(request(first, second)) { changed.append($0) }
        #expect(compared.rows == 5)
        #expect(compared.rowsOfBoth == 3)
        #expect(compared.rowsEqual == 2)
        #expect(compared.rowsOnlyInFirst == 1)
        #expect(compared.rowsOnlyInSecond == 1)
        #expect(changed.map(\.ordinal) == [1])
        #expect(changed[0].edits == 2)
        #expect(compared.agreement == 1 - 2.0 / 6)
        #expect(compared.references == nil)
        #expect(compared.text.contains("2 rows, 1 changed"))
        #expect(compared.json.contains(#""rows_equal":2"#))
    }

    @Test(
        "where there are references, the better output is named, and the same twice differs by nothing"
    )
    func better() throws {
        let references = (0..<200).map { "ALPHA BRAVO CHARLIE DELTA \($0)" }
        let good = references.enumerated().map {
            $0 % 20 == 0 ? "ALPHA ZULU CHARLIE DELTA \($0)" : $1
        }
        let bad = references.enumerated().map {
            $0 % 3 == 0 ? "ALPHA ZULU CHARLIE DELTA \($0)" : $1
        }
        let first = try write("a", good, references: references)
        let second = try write("b", bad, references: references)
        var asked = request(first, second)
        asked.replicates = 200
        let compared = try PairedOutputs(asked)
        let found = try #require(compared.references)
        #expect(found.first.errors == 10)
        #expect(found.second.errors == 67)
        #expect(found.test.p < 0.001)
        #expect(compared.text.contains("the first makes fewer errors"))
        let interval = try #require(found.bootstrap?.intervalOfDifference)
        #expect(interval.upperBound < 0)
        let same = try PairedOutputs(request(first, first))
        #expect(same.references?.test.segments == 10)
        #expect(same.references?.test.z == 0)
        #expect(same.text.contains("may be chance"))
    }

    @Test("the rows to review come by errors a minute, and the page plays their span")
    func review() throws {
        let first = try write(
            "a", ["A B C", "A B C", "A B C", "A B C", "A <B> C"], seconds: [5, 5, 55, 5, 5])
        let second = try write(
            "b", ["A B C", "A X C", "X Y Z", "X Y C", "A B C"], seconds: [5, 5, 55, 5, 5])
        var asked = request(first, second)
        asked.reviewCount = 2
        let compared = try PairedOutputs(asked)
        // Two words in ten seconds of work, then one in ten; three in a minute come after.
        #expect(compared.review.map(\.row.ordinal) == [3, 1])
        #expect(compared.review.map(\.gain) == [12, 6])
        let table = ReviewList.table(compared.review).split(separator: "\n")
        #expect(table.count == 3)
        #expect(
            table[1].split(separator: "\t").map(String.init)
                == ["1", "3", "4", "a 3.wav", "3.000", "5.000", "2.00", "12.00", "A B C", "X Y C"])
        asked.reviewCount = 10
        let all = try PairedOutputs(asked).review
        #expect(all.count == 3)
        let page = ReviewList.page(all, title: "<title>", recordingsIn: "/archive/été")
        #expect(page.contains("src=\"file:///archive/%C3%A9t%C3%A9/a%203.wav#t=3.000,8.000\""))
        #expect(page.contains("&lt;title&gt;"))
        #expect(!page.contains("<title><title>"))
    }

    @Test("rows whose records say what errors to expect are reviewed by that")
    func reviewByRecords() throws {
        let first = try write(
            "a", ["A B C D", "A B C D", "A B C D"], expected: [0.25, 0, 0.5])
        let second = try write("b", ["A B C D", "W X Y Z", "A B C X"])
        var asked = request(first, second)
        asked.reviewCount = 3
        let review = try PairedOutputs(asked).review
        #expect(review.map(\.row.ordinal) == [2, 0])
        #expect(review.map(\.errors) == [2, 1])
    }

    @Test("outputs of other rows are refused, with the line")
    func others() throws {
        let first = try write("a", ["A", "B"])
        func refused(_ second: String, _ sentence: String) throws {
            let error = #expect(throws: CalibrationError.self) {
                try PairedOutputs(request(first, second))
            }
            #expect("\(try #require(error))".contains(sentence))
        }
        try refused(write("b", ["A"]), "line 2 of the first has no partner")
        try refused(write("b", ["A", "B", "C"]), "line 3 of the second has no partner")
        try refused(
            write("b", ["A", "B"], audio: { $0 == 1 ? "other.wav" : "a \($0).wav" }),
            "line 2 of the first and line 2 of the second are of other audio")
    }
}
