import ErrorRates
import Evaluation
import Foundation
import Testing
import TextNormalizers

@Suite("Evaluating an output")
struct OutputEvaluationTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    private func write(_ name: String, _ lines: [String]) throws -> String {
        try Data((lines.joined(separator: "\n") + "\n").utf8)
            .write(to: folder.appending(path: name))
        return path(name)
    }

    private func row(_ number: Int, _ reference: String, _ hypothesis: String) -> String {
        #"{"audio_filepath":"\#(number).wav","duration":2,"speaker":"s\#(number % 2)","text":""#
            + #"\#(reference)","pred_text":"\#(hypothesis)","status":"transcribed"}"#
    }

    private func request(
        _ output: String, _ normalizer: TextNormalizer = .basic,
        _ alignment: AlignmentMethod = .levenshtein
    ) -> EvaluationRequest {
        EvaluationRequest(
            output: output,
            comparison: TextComparison(normalizer: normalizer, alignment: alignment))
    }

    private func object(_ json: String) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    @Test("each row's alignment is written, and what it counts adds up to the whole")
    func rows() throws {
        let output = try write(
            "out.jsonl",
            [
                row(0, "one two three", "ONE TOO THREE"), row(1, "four five", "four five six"),
                row(2, "", "noise"),
            ])
        var request = request(output)
        request.rowsPath = path("rows.jsonl")
        let evaluation = try OutputEvaluation(request)
        let lines = try String(contentsOfFile: path("rows.jsonl"), encoding: .utf8)
            .split(separator: "\n").map { try object(String($0)) }
        #expect(lines.count == 2)
        #expect(lines[0]["row"] as? Int == 0 && lines[1]["audio_filepath"] as? String == "1.wav")
        #expect(lines[0]["substitutions"] as? Int == 1 && lines[1]["insertions"] as? Int == 1)
        let pairs = try #require(lines[0]["pairs"] as? [[Any]])
        #expect(pairs.map { $0[0] as? String } == ["C", "S", "C"])
        #expect(pairs[1][1] as? String == "TWO" && pairs[1][2] as? String == "TOO")
        let inserted = try #require((lines[1]["pairs"] as? [[Any]])?.last)
        #expect(inserted[1] is NSNull && inserted[2] as? String == "SIX")
        let all = try #require(try object(evaluation.json)["all"] as? [String: Any])
        #expect(all["substitutions"] as? Int == 1 && all["insertions"] as? Int == 1)
        #expect(all["words"] as? Int == 5 && all["hits"] as? Int == 4)
        #expect(try object(evaluation.json)["rows_without_reference"] as? Int == 1)
    }

    @Test(
        "confusions and the worst rows come in order, and no control character reaches the terminal"
    )
    func lists() throws {
        let output = try write(
            "out.jsonl",
            [
                row(0, "a b", "a x"), row(1, "b c d", "x y z"), row(2, "b", "x"),
                row(3, "e", #"\u001b[2J"#),
            ])
        var request = request(output, .none)
        request.confusionCount = 5
        request.worstCount = 2
        let evaluation = try OutputEvaluation(request)
        #expect(evaluation.text.contains("3  b → x"))
        #expect(!evaluation.text.utf8.contains(0x1B))
        let json = try object(evaluation.json)
        let worst = try #require(json["worst"] as? [[String: Any]])
        #expect(worst.map { $0["row"] as? Int } == [1, 0])
        let confusions = try #require(json["confusions"] as? [String: Any])
        let first = try #require((confusions["substitutions"] as? [[String: Any]])?.first)
        #expect(first["reference"] as? String == "b" && first["count"] as? Int == 3)
    }

    @Test("two outputs of the same rows are compared, and others refused")
    func compare() throws {
        let first = try write("a.jsonl", (0..<60).map { row($0, "one two three", "one two tree") })
        let second = try write(
            "b.jsonl", (0..<60).map { row($0, "one two three", "one two three") })
        var request = request(first)
        request.other = second
        request.replicates = 200
        let evaluation = try OutputEvaluation(request)
        let json = try object(evaluation.json)
        let comparison = try #require(json["comparison"] as? [String: Any])
        let difference = try #require(comparison["wer_difference"] as? Double)
        #expect(abs(difference - 1.0 / 3) < 1e-9)
        let test = try #require(comparison["matched_pairs"] as? [String: Any])
        #expect(test["segments"] as? Int == 60 && test["mean"] as? Double == 1)
        let shorter = try write("c.jsonl", (0..<59).map { row($0, "one two three", "one") })
        let other = try write("d.jsonl", (1..<61).map { row($0, "one two three", "one") })
        for path in [shorter, other] {
            request.other = path
            let wrong = request
            #expect(throws: (any Error).self) { try OutputEvaluation(wrong) }
        }
    }

    @Test("the interval is the same whenever it is drawn, and wider for whole speakers")
    func bootstrap() throws {
        let output = try write(
            "out.jsonl",
            (0..<200).map { row($0, "one two", $0 % 2 == 0 ? "one two" : "one too") })
        var request = request(output)
        request.replicates = 500
        func interval(_ request: EvaluationRequest) throws -> [Double] {
            let json = try object(OutputEvaluation(request).json)
            let interval = try #require(json["interval"] as? [String: Any])
            return [
                try #require(interval["low"] as? Double), try #require(interval["high"] as? Double),
            ]
        }
        let rows = try interval(request)
        #expect(try interval(request) == rows)
        #expect(rows[0] < 0.25 && rows[1] > 0.25 && rows[1] - rows[0] < 0.1)
        request.blocks = "speaker"
        let speakers = try interval(request)
        #expect(speakers[0] == 0 && speakers[1] == 0.5)
    }

    @Test("words are put to the segments of an STM file by their middles, as sclite does")
    func segments() throws {
        func word(_ text: String, _ start: Double, _ end: Double) -> String {
            #"{"word":"\#(text)","start":\#(start),"end":\#(end)}"#
        }
        let words = [
            word("um", 0.1, 0.3), word("so", 0.4, 0.9), word("we", 0.95, 1.2), word("go", 2.1, 2.4),
            word("noise", 3.2, 3.4), word("home", 4.2, 4.6), word("now", 9, 9.5),
        ]
        let output = try write(
            "out.jsonl",
            [
                #"{"audio_filepath":"talks/Talk.wav","offset":10,"duration":10,"#
                    + #""pred_text":"…","word_timestamps":[\#(words.joined(separator: ","))],"#
                    + #""status":"transcribed"}"#,
                #"{"audio_filepath":"other.wav","duration":1,"pred_text":"x","status":"transcribed"}"#,
            ])
        let stm = try write(
            "ref.stm",
            [
                ";; a comment", "talk A anna 14.0 16.0 <O> home (really) now",
                "talk A anna 10.0 11.1 <O> { um / uh / @ } so we",
                "talk A ben 11.1 13.0 <O> they go",
                "talk A ben 13.0 14.0 IGNORE_TIME_SEGMENT_IN_SCORING",
            ])
        var request = request(output, .none, .sclite)
        request.stm = stm
        request.by = "speaker"
        let json = try object(OutputEvaluation(request).json)
        let all = try #require(json["all"] as? [String: Any])
        // "they" is left out; "really" may be.
        #expect(all["words"] as? Int == 8 && all["deletions"] as? Int == 1)
        #expect(all["substitutions"] as? Int == 0 && all["insertions"] as? Int == 0)
        #expect(json["segments_ignored"] as? Int == 1)
        #expect(json["rows_outside_references"] as? Int == 1)
        let groups = try #require(json["groups"] as? [String: [String: Any]])
        #expect(groups["ben"]?["words"] as? Int == 2 && groups["anna"]?["words"] as? Int == 6)
    }

    @Test("an output against references with times has sclite's counts for each speaker")
    func sclite() throws {
        let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/scoring")
        var request = request(
            fixtures.appending(path: "segments.jsonl").path, .none, .sclite)
        request.stm = fixtures.appending(path: "segments.stm").path
        request.by = "speaker"
        let groups = try #require(
            try object(OutputEvaluation(request).json)["groups"] as? [String: [String: Any]])
        let expected = try JSONDecoder().decode(
            [String: [Int]].self,
            from: Data(contentsOf: fixtures.appending(path: "segments.json")))
        #expect(expected.count == 4 && groups.count == 4)
        for (speaker, counts) in expected {
            let group = try #require(groups[speaker])
            let figures = ["hits", "substitutions", "deletions", "insertions"].map {
                group[$0] as? Int
            }
            #expect(figures == counts, "\(speaker)")
        }
    }

    @Test("an STM line that is none is refused with its number, and so is a long row without times")
    func invalidSegments() throws {
        let output = try write(
            "out.jsonl",
            [#"{"audio_filepath":"t.wav","duration":9,"pred_text":"a b","status":"transcribed"}"#])
        var request = request(output)
        for (lines, expected) in [
            (["t A s 0 1 a", "t A s x 2 b"], ":2 is no STM line"),
            (["t A s 0 1 { a / b"], ":1 is no STM line"),
            (["t A s 0 1 a", "t A s 1 2 b"], "--timestamps word"),
            (["t A s 0 9 a", "t B s 0 9 b"], "--channels each"),
        ] {
            request.stm = try write("ref.stm", lines)
            let wrong = request
            let error = #expect(throws: (any Error).self) { try OutputEvaluation(wrong) }
            #expect("\(error.map { "\($0)" } ?? "")".contains(expected))
        }
    }
}
