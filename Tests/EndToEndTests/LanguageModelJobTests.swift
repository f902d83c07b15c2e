import Foundation
import TestProcesses
import Testing

/// Language models as part of a job: its records, its workers, its crashes.
@Suite("Jobs with a language model")
struct LanguageModelJobTests {
    private static let models = Program.root
        .appendingPathComponent("Tests/Fixtures/language-models")
    private static let model = models.appendingPathComponent("digits4.probing.bin").path
    private static let other = models.appendingPathComponent("digits2.probing.bin").path

    /// A job over the bundled speech, with readings.
    private func transcribe(to out: String, _ more: [String] = []) throws -> [UInt8] {
        let run = try Program.run(
            ["transcribe", Examples.manifest, "--model", Examples.model, "-o", out, "--quiet"]
                + ["--lm", Self.model, "--nbest", "3"] + more)
        #expect(run.status == 0, "\(run.errors)")
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: out)))
    }

    @Test("the bytes are the same with any workers and kills, and texts from stored logits are")
    func bytes() throws {
        let scratch = try Scratch()
        let out = scratch.path("one.jsonl")
        let logits = scratch.path("logits")
        let one = try transcribe(to: out, ["--workers", "1", "--threads", "1"])
        #expect(String(decoding: one, as: UTF8.self).contains("\"nbest\":[{\"text\":"))
        let saving = ["--workers", "3", "--threads", "1", "--save-logits", logits]
        #expect(try transcribe(to: scratch.path("three.jsonl"), saving) == one)

        let killed = scratch.path("killed.jsonl")
        let first = try Program.Running(
            ["transcribe", Examples.manifest, "--model", Examples.model, "-o", killed, "--quiet"]
                + ["--lm", Self.model, "--nbest", "3", "--workers", "2", "--threads", "1"])
        let journal = killed + ".job/journal.sqlite"
        while !FileManager.default.fileExists(atPath: journal), first.process.isRunning {
            usleep(1_000)
        }
        kill(first.process.identifier, SIGKILL)
        _ = first.wait()
        #expect(try transcribe(to: killed, ["--workers", "2"]) == one)

        let again = scratch.path("again.jsonl")
        let decoded = try Program.run(
            ["decode", out, "--logits", logits, "--model", Examples.model, "-o", again, "--quiet"]
                + ["--lm", Self.model, "--nbest", "3"])
        #expect(decoded.status == 0, "\(decoded.errors)")
        func texts(_ path: String) throws -> [String] { try Record.read(path).map(\.predictedText) }
        #expect(try texts(again) == texts(out))
        let verified = try Program.run(["verify", out])
        #expect(verified.status == 0, "\(verified.errors)")
    }

    @Test("a worker without the job's language model is refused and told which one it is")
    func refusal() throws {
        let scratch = try Scratch()
        let out = scratch.path("out.jsonl")
        let endpoint = "ipc://" + scratch.path("socket")
        let coordinator = try Program.Running(
            ["coordinate", Examples.manifest, "--model", Examples.model, "-o", out]
                + ["--lm", Self.model, "--nbest", "3", "--listen", endpoint])
        let work = ["work", "--connect", endpoint, "--model", Examples.model]
        for more in [[], ["--lm", Self.other]] {
            let worker = try Program.run(work + more)
            #expect(worker.status == 65)
            #expect(
                worker.errors.contains("the job's language model is digits4.probing.bin (sha256 "),
                "\(worker.errors)")
        }
        // A job so short would be over before the second one is there.
        #expect(try Program.run(["pause", "-o", out]).status == 0)
        // Named, and found by its content below a folder.
        let files = [["--lm", Self.model], ["--model-root", Self.models.path]]
        let workers = try files.enumerated().map { index, more in
            try Program.Running(work + more + ["--threads", "1", "--slot", "test/\(index)"])
        }
        try coordinator.holdUntil(workers: workers.count, ofOutput: out)
        for worker in workers {
            let result = worker.wait()
            #expect(result.status == 0, "\(result.errors)")
        }
        #expect(coordinator.wait().status == 0)
        let here = try transcribe(to: scratch.path("here.jsonl"))
        #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: out))) == here)
    }

    @Test("a folder with a language model is told, and decoded with where that is asked for")
    func processorFolder() throws {
        let scratch = try Scratch()
        let folder = scratch.path("model")
        try FileManager.default.copyItem(atPath: Examples.model, toPath: folder)
        let vocabulary =
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(fileURLWithPath: folder + "/vocab.json")))
            as? [String: Int] ?? [:]
        let labels = vocabulary.sorted { $0.value < $1.value }.map(\.key).map { symbol in
            ["<pad>": "", "|": " ", "<unk>": "⁇"][symbol] ?? symbol
        }
        func write(_ value: Any, _ name: String) throws {
            try JSONSerialization.data(withJSONObject: value)
                .write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        try write(["labels": labels, "is_bpe": false], "alphabet.json")
        let own = folder + "/language_model"
        try FileManager.default.createDirectory(
            atPath: own, withIntermediateDirectories: false)
        try FileManager.default.copyItem(atPath: Self.model, toPath: own + "/lm.bin")
        let broken = try Program.run(["inspect", folder])
        #expect(broken.output.contains("--lm auto cannot be used: "), "\(broken.output)")
        try Data().write(to: URL(fileURLWithPath: own + "/unigrams.txt"))
        try write(
            ["alpha": 0.5, "beta": 1.5, "unk_score_offset": -10, "score_boundary": true],
            "language_model/attrs.json")

        #expect(try Program.run(["inspect", folder]).output.contains("/lm.bin with --lm auto"))
        let json = try Program.run(["inspect", folder, "--json"]).output
        #expect(json.contains(#""language_model":"\#(own)/lm.bin""#), "\(json)")
        let out = scratch.path("out.jsonl")
        let plain = try Program.run(["transcribe", Examples.manifest, "--model", folder, "-o", out])
        #expect(plain.errors.contains("--lm auto"), "\(plain.errors)")
        let auto = scratch.path("auto.jsonl")
        let run = try Program.run(
            ["transcribe", Examples.manifest, "--model", folder, "-o", auto, "--quiet"]
                + ["--lm", "auto", "--unigrams", "none", "--nbest", "3"])
        #expect(run.status == 0, "\(run.errors)")
        let named = try transcribe(to: scratch.path("named.jsonl"), ["--unigrams", "none"])
        #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: auto))) == named)
    }

    @Test("--dry-run of stored log-probabilities looks for those, whatever became of the audio")
    func dryRun() throws {
        let scratch = try Scratch()
        let logits = scratch.path("logits")
        _ = try transcribe(to: scratch.path("out.jsonl"), ["--save-logits", logits])
        try FileManager.default.removeItem(atPath: logits + "/0.npy")
        let rows = scratch.path("rows.jsonl")
        try Data(
            """
            {"audio_filepath":"gone.wav","duration":1}
            {"audio_filepath":"gone-too.wav","duration":1}

            """.utf8
        ).write(to: URL(fileURLWithPath: rows))
        let decode = [
            "decode", rows, "--logits", logits, "--model", Examples.model, "--dry-run",
        ]
        let result = try Program.run(decode)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("missing     1 files\n            \(logits)/0.npy\n"))
        let none = try Program.run(decode.map { $0 == logits ? scratch.path("none") : $0 })
        let part = try Program.run(decode + ["--part", "1/2"])
        #expect(part.status == 64 && part.errors.contains("--part"), "\(part.errors)")
        #expect(none.status == 64 && none.errors.contains("no such folder"), "\(none.errors)")
    }
}
