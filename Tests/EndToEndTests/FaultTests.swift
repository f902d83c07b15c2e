import Foundation
import TestProcesses
import Testing

/// A full disk, file by file: what is written aside goes to /dev/full.
@Suite("A write that fails is an error, and loses nothing")
struct FaultTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func rows() throws -> String {
        let path = scratch.path("rows.jsonl")
        let audio = "\(Examples.folder)/audio"
        let rows = ["2_theo_1.wav", "0_george_0.wav", "2_theo_1.wav", "none.wav"].map {
            "{\"audio_filepath\":\"\(audio)/\($0)\"}\n"
        }
        try Data(rows.joined().utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func transcribe(_ input: String, _ out: String) -> [String] {
        [
            "transcribe", input, "--model", Examples.model, "-o", out, "--quiet", "--threads", "1",
            "--dedupe",
        ]
    }

    @Test(
        "files of a job",
        arguments: [
            "out.jsonl.job/index.next", "out.jsonl.job/twins.next", "out.jsonl",
            "out.jsonl.digests.jsonl", "out.jsonl.report.json",
        ])
    func filesOfAJob(name: String) throws {
        let rows = try rows()
        let calm = scratch.path("calm.jsonl")
        #expect(try Program.run(transcribe(rows, calm)).status == 3)
        let out = scratch.path("out.jsonl")
        try FileManager.default.createDirectory(
            atPath: out + ".job", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("\(name).part"), withDestinationPath: "/dev/full")
        let result = try Program.run(transcribe(rows, out))
        #expect(result.status == 74, "\(result.errors)")
        #expect(result.errors.contains("\(name): "), "\(result.errors)")
        #expect(result.errors.contains("No space left on device; free some space"))
        #expect(!FileManager.default.fileExists(atPath: scratch.path("\(name).part")))
        // With room again the same command ends as if nothing had been.
        let again = try Program.run(transcribe(rows, out))
        #expect(again.status == 3, "\(again.errors)")
        for suffix in ["", ".digests.jsonl"] {
            #expect(
                FileManager.default.contentsEqual(atPath: out + suffix, andPath: calm + suffix))
        }
        #expect(FileManager.default.fileExists(atPath: out + ".report.json"))
    }

    @Test("rows of a folder, snapshots and joined outputs")
    func otherFiles() throws {
        func fill(_ name: String) throws {
            try FileManager.default.createSymbolicLink(
                atPath: scratch.path("\(name).part"), withDestinationPath: "/dev/full")
        }
        let out = scratch.path("out.jsonl")
        try FileManager.default.createDirectory(
            atPath: out + ".job", withIntermediateDirectories: true)
        try fill("out.jsonl.job/input.next.jsonl")
        let listed = try Program.run(transcribe("\(Examples.folder)/audio", out))
        #expect(listed.status == 74, "\(listed.errors)")
        #expect(try Program.run(transcribe(rows(), out)).status == 3)
        try fill("out.now.jsonl")
        let exported = try Program.run(["export", "--now", out])
        #expect(exported.status == 74, "\(exported.errors)")
        for part in ["1/2", "2/2"] {
            let name = scratch.path("part\(part.prefix(1)).jsonl")
            _ = try Program.run(transcribe(rows(), name) + ["--part", part])
        }
        let parts = [scratch.path("part1.jsonl"), scratch.path("part2.jsonl")]
        for suffix in ["", ".digests.jsonl", ".report.json"] {
            try fill("all.jsonl\(suffix)")
            let joined = try Program.run(
                ["join", "--overwrite", scratch.path("all.jsonl")] + parts)
            #expect(joined.status == 74, "\(suffix): \(joined.errors)")
            #expect(joined.errors.contains("No space left on device"))
        }
        let joined = try Program.run(["join", "--overwrite", scratch.path("all.jsonl")] + parts)
        #expect(joined.status == 0, "\(joined.errors)")
        #expect(
            FileManager.default.contentsEqual(atPath: out, andPath: scratch.path("all.jsonl")))
    }

    /// Runs the program where no file may become longer than `blocks` of 512 bytes.
    private func run(_ arguments: [String], blocks: Int) throws -> (status: Int32, errors: String) {
        // The limit is the program's, and what it says is kept by a process without one.
        let script =
            "{ (ulimit -f \(blocks); exec \"$0\" \"$@\" >/dev/null 2>&3); } 3>&1 | cat; exit ${PIPESTATUS[0]}"
        let run = try StartedProcess.run(
            "/bin/bash", ["-c", script, Program.executable.path] + arguments)
        return (run.status, String(decoding: run.output, as: UTF8.self))
    }

    @Test("keys come whole or not at all, and so does the journal")
    func keysAndJournal() throws {
        let keys = scratch.path("keys")
        let refused = try run(["keys", "new", "--keys", keys], blocks: 0)
        #expect(refused.status == 74, "\(refused.errors)")
        #expect(refused.errors.contains("secret.key: cannot write it: File too large"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: keys).isEmpty)
        #expect(try Program.run(["keys", "new", "--keys", keys]).status == 0)
        let key = String(repeating: "ab", count: 32)
        let allowed = try run(["keys", "allow", "worker", key, "--keys", keys], blocks: 0)
        #expect(allowed.status == 74, "\(allowed.errors)")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(keys)/allowed").isEmpty)

        let out = scratch.path("out.jsonl")
        let rows = try rows()
        let full = try run(transcribe(rows, out), blocks: 16)
        #expect(full.status == 74, "\(full.errors)")
        #expect(full.errors.contains("journal.sqlite"), "\(full.errors)")
        #expect(try Program.run(transcribe(rows, out)).status == 3)
    }

    @Test(
        "a file of log-probabilities that cannot be written ends the job at once, and running again goes on"
    )
    func logitsRefused() throws {
        let rows = try Record.parseInputs(Examples.manifest).prefix(6)
        let manifest = scratch.path("rows.jsonl")
        let lines = rows.map { "{\"audio_filepath\":\"\(Examples.folder)/\($0.audioPath ?? "")\"}" }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: manifest))
        // A folder stands where the file of row 3 must go.
        let inTheWay = scratch.path("logits/3.npy/x")
        try FileManager.default.createDirectory(
            atPath: inTheWay, withIntermediateDirectories: true)
        let out = scratch.path("out.jsonl")
        let arguments = [
            "transcribe", manifest, "--model", Examples.model, "-o", out, "--save-logits",
            scratch.path("logits"),
        ]
        let refused = try Program.run(arguments)
        #expect(refused.status == 74, "\(refused.errors)")
        #expect(refused.errors.contains("3.npy"), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: out))
        try FileManager.default.removeItem(atPath: scratch.path("logits/3.npy"))
        let result = try Program.run(arguments)
        #expect(result.status == 0, "\(result.errors)")
        let records = try Record.read(out)
        #expect(records.map(\.status) == Array(repeating: "transcribed", count: 6))
    }
}
