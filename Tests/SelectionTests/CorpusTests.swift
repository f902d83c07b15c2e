import Foundation
import Selection
import Testing

@Suite("The corpus that is written agrees with itself")
struct CorpusTests {
    /// Rows of nine speakers in fifteen recordings, of which some have faults.
    private func bed() throws -> Bed {
        var bed = try Bed()
        for number in 0..<120 {
            var row = Bed.Row()
            row.speaker = "s\(number % 9)"
            row.audio = "a/\(number % 15).wav"
            row.seconds = 1 + Double(number * 7 % 40) / 4
            row.confidence = Double(number * 37 % 120) / 120
            row.further =
                #","offset":\#(number).5,"licence":"\#(number % 2 == 0 ? "CC0" : "CC-BY")""#
            if number % 10 == 0 { row.text = "" }
            bed.rows.append(row)
        }
        return bed
    }

    private func request(_ bed: Bed) throws -> SelectionRequest {
        var request = try bed.request()
        request.limits.confidenceMin = 0.1
        request.limits.seconds = 1.5...9
        request.parts = [
            .init(name: "train", share: 0.6), .init(name: "valid", share: 0.2),
            .init(name: "test", share: 0.2),
        ]
        return request
    }

    private static func recording(_ record: [String: Any]) -> String {
        record["audio_filepath"] as? String ?? ""
    }

    @Test("by speakers and by recordings, in parts and in one file")
    func agrees() throws {
        let bed = try bed()
        var request = try request(bed)
        _ = try bed.run(request, into: "speakers")
        #expect(
            try CorpusCheck(output: request.output, folder: bed.path("speakers")).problems() == [])
        request.splitsBy = .file
        _ = try bed.run(request, into: "files")
        let files = CorpusCheck(
            output: request.output, folder: bed.path("files"), group: Self.recording)
        #expect(try files.problems() == [])
        // Speakers are in several recordings, and are not kept together then.
        let speakers = CorpusCheck(output: request.output, folder: bed.path("files"))
        #expect(try speakers.problems().contains { $0.contains(" is in ") })
        request.parts = []
        _ = try bed.run(request, into: "one")
        let one = CorpusCheck(
            output: request.output, folder: bed.path("one"), group: Self.recording)
        #expect(try one.problems() == [])
    }

    /// What is done to a folder, and words of the sentence that tells it.
    struct Tampering: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var sentence: String
        var change: @Sendable (_ folder: String) throws -> Void
    }

    private static func edit(
        _ folder: String, _ name: String, _ change: (inout [String]) -> Void
    ) throws {
        let path = "\(folder)/\(name)"
        var lines = try String(contentsOfFile: path, encoding: .utf8)
            .components(separatedBy: "\n")
        change(&lines)
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }

    static let tamperings = [
        Tampering(testDescription: "a row of one speaker in two parts", sentence: " is in ") {
            folder in
            var moved = ""
            try edit(folder, "train.jsonl") { moved = $0.removeFirst() }
            try edit(folder, "test.jsonl") { $0.insert(moved, at: 0) }
        },
        Tampering(testDescription: "a wrong count", sentence: "rows that are kept") { folder in
            try edit(folder, "card.json") {
                $0[0] = $0[0].replacingOccurrences(
                    of: #""kept":(\d+)"#, with: #""kept":1$1"#, options: .regularExpression)
            }
        },
        Tampering(testDescription: "a wrong number of hours", sentence: "hours") { folder in
            try edit(folder, "card.json") {
                $0[0] = $0[0].replacingOccurrences(
                    of: #""hours":0\.(\d+),"groups""#, with: #""hours":1.$1,"groups""#,
                    options: .regularExpression)
            }
        },
        Tampering(testDescription: "a row without a reason", sentence: "neither a place nor") {
            folder in
            try edit(folder, "rejected.jsonl") { $0.removeFirst() }
        },
        Tampering(testDescription: "a reason without a row", sentence: "is kept and has a reason") {
            folder in
            var kept = ""
            try edit(folder, "train.jsonl") { kept = $0[0] }
            let offset = try #require(
                kept.range(of: #"(?<="offset":)\d+"#, options: .regularExpression))
            try edit(folder, "rejected.jsonl") {
                $0.insert(#"{"row":\#(kept[offset]),"reason":"hours"}"#, at: 0)
            }
        },
        Tampering(testDescription: "a row of no output", sentence: "no row of the output") {
            folder in
            try edit(folder, "valid.jsonl") {
                $0[0] = $0[0].replacingOccurrences(of: #""a/"#, with: #""b/"#)
            }
        },
    ]

    @Test("what does not agree is told", arguments: tamperings)
    func tells(tampering: Tampering) throws {
        let bed = try bed()
        let request = try request(bed)
        _ = try bed.run(request)
        try tampering.change(bed.path("chosen"))
        let problems = try CorpusCheck(output: request.output, folder: bed.path("chosen"))
            .problems()
        #expect(problems.contains { $0.contains(tampering.sentence) }, "\(problems)")
    }

    @Test("of more recordings than are dealt each is in one part, and all are counted")
    func manyGroups() throws {
        let bed = try Bed()
        let groups = 200_010
        var output = ""
        // The first thousand recordings have a second row.
        for number in 0..<groups + 1_000 {
            output +=
                #"{"audio_filepath":"\#(number % groups)","duration":4,"pred_text":"ONE TWO","#
                + #""confidence":0.9,"status":"transcribed"}"# + "\n"
        }
        let path = bed.path("out.jsonl")
        try Data(output.utf8).write(to: URL(fileURLWithPath: path))
        var request = SelectionRequest(output: path)
        var whole = SelectionRun(request)
        try whole.run(into: bed.path("whole"))
        #expect(whole.summary.groups == groups)
        request.parts = [.init(name: "train", share: 0.5), .init(name: "test", share: 0.5)]
        var run = SelectionRun(request)
        try run.run(into: bed.path("chosen"))
        #expect(run.summary.groups == groups)
        #expect(run.summary.rowsKept == groups + 1_000)
        let parts = try ["train", "test"].map { part in
            try Set(
                bed.lines("chosen/\(part).jsonl").map { $0.prefix { $0 != "," } })
        }
        #expect(run.summary.parts.map(\.groups) == parts.map(\.count))
        #expect(parts[0].isDisjoint(with: parts[1]))
        #expect(parts.allSatisfy { $0.count > groups / 3 })
    }
}
