import Foundation
import TestProcesses
import Testing

/// `lm build` and `lm tune`, as a user runs them.
@Suite("language models of one's own") struct LanguageModelCommandTests {
    private static let fixtures = Program.root.appendingPathComponent("Tests/Fixtures")
    private static let models = fixtures.appendingPathComponent("language-models")

    private func bytes(_ path: String) throws -> Data {
        try Data(contentsOf: URL(filePath: path))
    }

    @Test("a text becomes KenLM's model, in both forms, as lmplz's users write it")
    func build() throws {
        let scratch = try Scratch()
        let text = Self.models.appendingPathComponent("libri.train.txt").path
        let arpa = scratch.path("lm.arpa")
        let run = try Program.run([
            "lm", "build", text, "-o", arpa, "--order", "4", "--discount-fallback", "--prune", "0",
            "0", "1", "1",
        ])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("142 sentences, 4024 words, 1154 of them different"))
        #expect(run.output.contains("3-grams  118 of "))
        let expected = Self.models.appendingPathComponent("libri4p.arpa.gz")
        let packed = scratch.path("expected.gz")
        try FileManager.default.copyItem(at: expected, to: URL(filePath: packed))
        _ = try StartedProcess.run("gzip", ["-d", packed])
        #expect(try bytes(arpa) == bytes(scratch.path("expected")))

        let digits = Self.models.appendingPathComponent("digits.train.txt").path
        let binary = scratch.path("lm.bin")
        let other = try Program.run([
            "lm", "build", "-o", binary, "--order", "4", digits, "--discount-fallback",
        ])
        #expect(other.status == 0, "\(other.errors)")
        let probing = Self.models.appendingPathComponent("digits4.probing.bin").path
        #expect(try bytes(binary) == bytes(probing))
    }

    @Test("what cannot be built says what would do, and leaves no file")
    func refusals() throws {
        let scratch = try Scratch()
        let (text, out) = (scratch.path("text.txt"), scratch.path("lm.arpa"))
        try Data("a b c\nd <s> e\n".utf8).write(to: URL(filePath: text))
        let cases: [(arguments: [String], says: String)] = [
            ([text, "-o", out], "text.txt, line 2: <s> stands in the text"),
            ([text, "-o", out, "--skip-symbols"], "--discount-fallback"),
            ([text, "-o", scratch.path("lm.txt")], "a name in .arpa"),
            ([text, "-o", out, "--order", "6"], "--order is 1 to 5"),
            ([text, "-o", out, "--order", "3", "--prune", "2", "1"], "--prune must not have less"),
            (["-o", out, "--prune", "0", "1", text], "put texts before it"),
            ([text, scratch.path("none.txt"), "-o", out], "none.txt: cannot open it"),
            ([text, "-o", scratch.path("no/lm.arpa")], "no/lm.arpa: cannot write it"),
            ([text, "-o", out, "-T", scratch.path("no")], "cannot write it"),
            ([text, "-o", scratch.path("lm.bin"), "--order", "1"], "name OUT .arpa"),
        ]
        for (arguments, says) in cases {
            let run = try Program.run(["lm", "build"] + arguments)
            #expect(run.status != 0 && run.errors.contains(says), "\(arguments): \(run.errors)")
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.url.path) == ["text.txt"])
    }

    @Test("weights are found on rows whose text is known, the same ones with any threads")
    func tune() throws {
        let scratch = try Scratch()
        let rows = scratch.path("rows.jsonl")
        struct Reference: Decodable {
            struct Row: Decodable {
                let posteriors: String
                let text: String
            }
            let rows: [Row]
        }
        let alignment = Self.fixtures.appendingPathComponent("alignment")
        let reference = try JSONDecoder().decode(
            Reference.self,
            from: Data(contentsOf: alignment.appendingPathComponent("forced_align.json")))
        var lines = "{\"audio_filepath\":\"a.wav\"}\n"
        for row in reference.rows where row.posteriors.hasPrefix("digits") && !row.text.isEmpty {
            let path = alignment.appendingPathComponent("posteriors/\(row.posteriors)").path
            lines += "{\"logits_filepath\":\"\(path)\",\"text\":\"\(row.text)\"}\n"
        }
        try Data(lines.utf8).write(to: URL(filePath: rows))
        let command = [
            "lm", "tune", rows, "--alphabet",
            alignment.appendingPathComponent("alphabet.json").path,
            "--lm", Self.models.appendingPathComponent("digits2.arpa").path, "--beam", "8",
            "--alphas", "0,0.5", "--betas", "0,1.5", "--bootstrap", "100",
        ]
        let (picture, other) = (scratch.path("one.svg"), scratch.path("two.svg"))
        let run = try Program.run(command + ["--threads", "1", "--svg", picture])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains(", 1 more without a text"))
        #expect(run.output.split(separator: "\n").last?.hasPrefix("--alpha 0") == true)
        let again = try Program.run(command + ["--threads", "3", "--svg", other])
        #expect(again.output == run.output)
        #expect(try bytes(picture) == bytes(other))
        #expect(String(decoding: try bytes(picture), as: UTF8.self).hasPrefix("<svg"))

        try FileManager.default.createDirectory(
            atPath: scratch.path("empty"), withIntermediateDirectories: false)
        let wrong = try Program.run(command + ["--logits", scratch.path("empty")])
        #expect(wrong.status != 0 && wrong.errors.contains("no rows to tune on"), "\(wrong.errors)")
    }
}
