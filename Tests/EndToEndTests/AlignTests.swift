import Foundation
import TestProcesses
import Testing

/// `align` and `decode`, as a user runs them.
@Suite("texts onto audio") struct AlignTests {
    private static let fixtures = Program.root.appendingPathComponent("Tests/Fixtures/alignment")

    private struct AlignedRecord: Decodable {
        struct Word: Decodable {
            let word: String
            let startOffset: Int
            let endOffset: Int
        }

        struct Alignment: Decodable {
            struct Item: Decodable {
                let state: String
                let text: String
            }

            struct Segment: Decodable {
                let start: Double
                let end: Double
                let text: String
            }

            let items: [Item]
            let segments: [Segment]
        }

        let predText: String
        let status: String
        let error: Record.Failure?
        let wordTimestamps: [Word]?
        let alignment: Alignment?

        static func read(_ path: String) throws -> [AlignedRecord] {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
                try decoder.decode(AlignedRecord.self, from: Data($0.utf8))
            }
        }
    }

    private struct Reference: Decodable {
        struct Row: Decodable {
            let posteriors: String
            let text: String
            let path: [Int]?
            let spans: [[Double]]?
            let margin: Double?
            let note: String?
        }

        let rows: [Row]
    }

    private func write(_ rows: [[String: String]], to path: String) throws {
        let lines = try rows.map { row in
            String(
                decoding: try JSONSerialization.data(withJSONObject: row, options: .sortedKeys),
                as: UTF8.self)
        }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
    }

    @Test("stored log-probabilities and an alphabet give the reference's words, without a model")
    func storedLogProbabilities() throws {
        let scratch = try Scratch()
        let (manifest, out) = (scratch.path("rows.jsonl"), scratch.path("out.jsonl"))
        let reference = try JSONDecoder().decode(
            Reference.self,
            from: Data(contentsOf: Self.fixtures.appendingPathComponent("forced_align.json")))
        let rows = reference.rows.filter { !$0.text.isEmpty }
        try write(
            rows.map { row in
                [
                    "logits_filepath":
                        Self.fixtures.appendingPathComponent("posteriors/\(row.posteriors)").path,
                    "text": row.text,
                ]
            }, to: manifest)
        let alphabet = Self.fixtures.appendingPathComponent("alphabet.json").path
        let run = try Program.run([
            "align", manifest, "--alphabet", alphabet, "-o", out, "--quiet",
        ])
        // Some texts are longer than their audio.
        #expect(run.status == 3, "\(run.errors)")
        let records = try AlignedRecord.read(out)
        try #require(records.count == rows.count)
        var words = 0
        for (row, record) in zip(rows, records) {
            guard let spans = row.spans else {
                #expect(record.error?.code == "text.too_long", "\(row.text)")
                continue
            }
            #expect(record.status == "transcribed")
            guard row.margin.map({ $0 > 0.01 }) ?? true, row.note == nil else { continue }
            let expected = row.text.split(separator: " ")
            #expect(record.wordTimestamps?.map(\.word) == expected.map(String.init))
            // The delimiter is class 4.
            var edges: [(Int, Int)] = []
            var isOpen = false
            for span in spans {
                if span[0] == 4 {
                    isOpen = false
                } else if isOpen {
                    edges[edges.count - 1].1 = Int(span[2])
                } else {
                    edges.append((Int(span[1]), Int(span[2])))
                    isOpen = true
                }
            }
            #expect(record.wordTimestamps?.map(\.startOffset) == edges.map(\.0))
            #expect(record.wordTimestamps?.map(\.endOffset) == edges.map(\.1))
            words += edges.count
        }
        #expect(words > 200)
        let check = try Program.run(["verify", out, "--audio", "--sample", "5"])
        #expect(check.status == 0, "\(check.output) \(check.errors)")
        // The same rows, decoded: the greedy text of a clear clip is the text.
        let decoded = try Program.run([
            "decode", manifest, "--alphabet", alphabet, "-o", scratch.path("decoded.jsonl"),
            "--quiet",
        ])
        #expect(decoded.status == 0, "\(decoded.errors)")
        #expect(try Record.read(scratch.path("decoded.jsonl")).first?.predictedText == "ZERO")
    }

    @Test("the bytes are those of an undisturbed run when workers are killed")
    func kills() throws {
        let scratch = try Scratch()
        let manifest = scratch.path("rows.jsonl")
        let rows = try String(contentsOfFile: Examples.manifest, encoding: .utf8)
            .split(separator: "\n")
            .map { $0.replacingOccurrences(of: "\"audio/", with: "\"\(Examples.folder)/audio/") }
        try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: manifest))
        func arguments(_ out: String, _ workers: Int) -> [String] {
            [
                "align", manifest, "--model", Examples.model, "-o", out, "--quiet", "--workers",
                "\(workers)", "--threads", "1", "--calm", "1",
            ]
        }
        let undisturbed = scratch.path("one.jsonl")
        let first = try Program.run(arguments(undisturbed, 1))
        #expect([0, 3].contains(first.status), "\(first.errors)")
        let records = try AlignedRecord.read(undisturbed)
        let aligned = records.filter { $0.status == "transcribed" }
        #expect(aligned.count > rows.count / 2)
        #expect(aligned.allSatisfy { $0.alignment?.items.map(\.state) == ["aligned"] })

        let killed = scratch.path("two.jsonl")
        let running = try Program.Running(arguments(killed, 2))
        try running.holdUntil(workers: 2, ofOutput: killed) {
            let children = try FileManager.default.contentsOfDirectory(atPath: "/proc")
                .compactMap { Int32($0) }
                .filter { process in
                    let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
                    let fields = stat?.split(separator: ")").last?.split(separator: " ") ?? []
                    return fields.count > 1
                        && fields[1] == "\(running.process.identifier)"
                }
            #expect(children.count == 2)
            kill(try #require(children.first), SIGKILL)
        }
        let second = running.wait()
        #expect(second.status == first.status, "\(second.errors)")
        #expect(
            try Data(contentsOf: URL(filePath: killed))
                == Data(contentsOf: URL(filePath: undisturbed)))
    }

    @Test("a script in a file says what is missing, what is extra, and where to cut")
    func script() throws {
        let scratch = try Scratch()
        let (manifest, out) = (scratch.path("rows.jsonl"), scratch.path("out.jsonl"))
        try Data("Three.\n\nNine nine, nine nine!\nFour?\n".utf8)
            .write(to: URL(filePath: scratch.path("script.txt")))
        let posteriors = Self.fixtures.appendingPathComponent("posteriors/digits/st03.npy").path
        try write(
            [
                ["logits_filepath": posteriors, "text_filepath": "script.txt"],
                ["logits_filepath": posteriors, "text": "Eight 3 one two"],
                ["logits_filepath": posteriors],
                ["logits_filepath": scratch.path("none.npy"), "text": "ONE"],
                ["logits_filepath": scratch.path("script.txt"), "text": "ONE"],
            ], to: manifest)
        let alphabet = Self.fixtures.appendingPathComponent("alphabet.json").path
        let run = try Program.run([
            "align", manifest, "--alphabet", alphabet, "-o", out, "--quiet",
        ])
        #expect(run.status == 3, "\(run.errors)")
        let records = try AlignedRecord.read(out)
        #expect(
            records.map { $0.error?.code } == [
                nil, "text.unspellable", "text.not_found", "logits.not_found", "logits.unusable",
            ])
        let alignment = try #require(records.first?.alignment)
        #expect(alignment.items.map(\.state) == ["extra", "aligned", "extra", "missing"])
        #expect(
            alignment.items.map(\.text) == [
                "EIGHT", "Three.", "ONE TWO", "Nine nine, nine nine!\nFour?",
            ])
        #expect(records.first?.predText == "THREE")
        let report = try String(contentsOfFile: out + ".report.json", encoding: .utf8)
        #expect(report.contains("U+0033 (3) at line 1, column 7"))
    }
}
