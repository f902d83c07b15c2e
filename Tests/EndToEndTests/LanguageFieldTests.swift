import Foundation
import ReservedPorts
import TestProcesses
import Testing

/// Models of random weights: what they write is no text, and it is the same each time.
@Suite("Rows that name their languages, one backbone for all")
struct LanguageFieldTests {
    private struct Row: Decodable {
        let text: String
        let status: String
        let language: String?
        let error: Record.Failure?

        private enum CodingKeys: String, CodingKey {
            case text = "pred_text"
            case language = "model_language"
            case status, error
        }
    }

    private static let zoo = Program.root.appendingPathComponent("Tests/Fixtures/golden/zoo").path
    private static let folder = "\(zoo)/hf_mms_adapters/model"
    private static let fairseq = "\(zoo)/fairseq_mms_adapters/mms_tiny.pt"

    /// The examples again and again, each in the next language.
    private static func manifest(
        _ languages: [String?], times: Int = 1, in scratch: Scratch, name: String = "rows"
    ) throws -> String {
        let rows = try String(contentsOfFile: Examples.manifest, encoding: .utf8)
            .split(separator: "\n")
            .map { $0.replacing("\"audio/", with: "\"\(Examples.folder)/audio/").dropLast() }
        let all = (0..<times).flatMap { _ in rows }
        let lines = all.enumerated().map { index, row in
            row + (languages[index % languages.count].map { ",\"lang\":\($0)" } ?? "") + "}\n"
        }
        let path = scratch.path("\(name).jsonl")
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private static func arguments(
        _ manifest: String, _ out: String, model: String = folder, workers: Int = 1,
        _ more: [String] = ["--language-field", "lang"]
    ) -> [String] {
        [
            "transcribe", manifest, "--model", model, "-o", out, "--quiet", "--threads", "1",
            "--workers", "\(workers)", "--calm", "1",
        ] + more
    }

    private static func rows(_ path: String) throws -> [Row] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Row.self, from: Data($0.utf8))
        }
    }

    private static func bytes(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }

    @Test(
        "each row is what a job in its language alone writes, with any number of workers",
        arguments: [(folder, ["eng", "deu", "hin", "yue"]), (fairseq, ["eng", "deu", "hin"])])
    func languages(model: String, names: [String]) throws {
        let scratch = try Scratch()
        // By codes of both kinds.
        let codes = names.map { ["eng": "\"en\"", "hin": "\"hi\""][$0] ?? "\"\($0)\"" }
        let manifest = try Self.manifest(codes, in: scratch)
        let out = scratch.path("out.jsonl")
        let result = try Program.run(Self.arguments(manifest, out, model: model))
        #expect(result.status == 0, "\(result.errors)")
        let rows = try Self.rows(out)
        #expect(Set(rows.compactMap(\.language)) == Set(names))
        let several = scratch.path("several.jsonl")
        let other = try Program.run(Self.arguments(manifest, several, model: model, workers: 3))
        #expect(other.status == 0, "\(other.errors)")
        #expect(try Self.bytes(several) == Self.bytes(out))

        var texts: Set<String> = []
        for name in names {
            let alone = scratch.path("\(name).jsonl")
            let result = try Program.run(
                Self.arguments(manifest, alone, model: model, ["--language", name]))
            #expect(result.status == 0, "\(result.errors)")
            let own = try Self.rows(alone)
            #expect(own.allSatisfy { $0.language == nil })
            for (row, single) in zip(rows, own) where row.language == name {
                #expect(row.text == single.text)
                texts.insert(row.text)
            }
        }
        #expect(texts.count > names.count, "the model says something")

        let verified = try Program.run(["verify", out, "--sample", "6"])
        #expect(verified.status == 0, "\(verified.output) \(verified.errors)")
        #expect(verified.output.contains("6 rows transcribed again"), "\(verified.output)")
    }

    @Test("a row whose language the model lacks is rejected, and told what there is")
    func unknown() throws {
        let scratch = try Scratch()
        let manifest = try Self.manifest(["\"de\"", "\"fra\"", nil, "7"], in: scratch)
        let out = scratch.path("out.jsonl")
        let result = try Program.run(Self.arguments(manifest, out))
        #expect(result.status == 3, "\(result.errors)")
        for (index, row) in try Self.rows(out).enumerated() {
            #expect(row.status == (index % 4 == 0 ? "transcribed" : "rejected"))
            #expect(row.error?.code == (index % 4 == 0 ? nil : "language.unknown"))
        }
        let report = try String(contentsOfFile: "\(out).report.json", encoding: .utf8)
        for part in ["lang is fra", "has no lang", "must be a code", "deu", "hin", "yue"] {
            #expect(report.contains(part), "\(part)")
        }

        let standard = scratch.path("standard.jsonl")
        let more = ["--language-field", "lang", "--language", "en", "--languages", "deu,eng"]
        let second = try Program.run(Self.arguments(manifest, standard, more))
        #expect(second.status == 3, "\(second.errors)")
        let rows = try Self.rows(standard)
        #expect(rows[0].language == "deu" && rows[2].language == "eng")
        #expect(rows[1].error?.code == "language.unknown")
    }

    @Test(
        "what cannot be done with several languages is refused before anything begins",
        arguments: [
            (["--save-logits", "logits"], "--save-logits"), (["--dedupe"], "--dedupe"),
            (["--hotwords", "words"], "hotwords"), (["--language", "fra"], "fra"),
            (["--languages", "deu,fra"], "fra"),
        ])
    func refused(more: [String], reason: String) throws {
        let scratch = try Scratch()
        let manifest = try Self.manifest(["\"de\""], in: scratch)
        let out = scratch.path("out.jsonl")
        let result = try Program.run(
            Self.arguments(manifest, out, ["--language-field", "lang"] + more))
        #expect([64, 65].contains(result.status), "\(result.status)")
        #expect(result.errors.contains(reason), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: out))
        let plain = try Program.run(
            Self.arguments(manifest, out, model: Examples.model, ["--language-field", "lang"]))
        #expect(plain.status != 0 && plain.errors.contains("--language-field"), "\(plain.errors)")
    }

    @Test("on a cluster, whoever is killed in the middle, the output is the undisturbed one")
    func cluster() throws {
        let scratch = try Scratch()
        let manifest = try Self.manifest(
            ["\"de\"", "\"eng\"", "\"hi\"", "\"yue\""], times: 12, in: scratch)
        let alone = scratch.path("alone.jsonl")
        #expect(try Program.run(Self.arguments(manifest, alone)).status == 0)
        let endpoint = try ReservedPort().endpoint
        func worker(_ language: String?, slot: Int) throws -> Program.Running {
            try Program.Running(
                [
                    "work", "--connect", endpoint, "--insecure-plaintext", "--model", Self.folder,
                    "--threads", "1", "--slot", "test/\(slot)",
                ] + (language.map { ["--language", $0] } ?? []))
        }
        let out = scratch.path("out.jsonl")
        let line = [
            "coordinate", manifest, "--model", Self.folder, "-o", out, "--listen", endpoint,
            "--insecure-plaintext", "--language-field", "lang", "--calm", "1",
        ]
        let coordinator = try Program.Running(line)
        // One that speaks its folder's own language alone is no worker for this job.
        let other = try worker(nil, slot: 9).wait()
        #expect(other.status == 65 && other.errors.contains("model"), "\(other.errors)")
        var workers = try [worker("every", slot: 0), worker("every", slot: 1)]
        try coordinator.holdUntil(workers: 2, ofOutput: out)
        workers[0].process.send(SIGKILL)
        _ = workers[0].wait()
        coordinator.process.send(SIGKILL)
        _ = coordinator.wait()
        let again = try Program.Running(line)
        workers[0] = try worker("every", slot: 0)
        let result = again.wait()
        #expect(result.status == 0, "\(result.errors)")
        for worker in workers { #expect([0, 75].contains(worker.wait().status)) }
        #expect(try Self.bytes(out) == Self.bytes(alone))
    }
}
