import Foundation
import Glibc
import TestProcesses
import Testing

@Suite("Folders as archives have them")
struct ArchiveTests {
    private let scratch: Scratch
    private var root: String { scratch.path("in") }
    private var out: String { scratch.path("out.jsonl") }
    private let clip: String

    init() throws {
        scratch = try Scratch()
        clip = "\(Examples.folder)/\(try Record.parseInputs(Examples.manifest)[0].audioPath ?? "")"
        try FileManager.default.createDirectory(
            atPath: scratch.path("in"), withIntermediateDirectories: true)
    }

    private func copy(_ names: String...) throws {
        for name in names {
            try FileManager.default.copyItem(atPath: clip, toPath: "\(root)/\(name)")
        }
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: "\(root)/\(name)"))
    }

    /// Copies the clip to a name that is not UTF-8.
    private func copy(bytes name: [UInt8]) throws {
        let data = try Data(contentsOf: URL(filePath: clip))
        let path = (Array("\(root)/".utf8) + name + [0]).map { CChar(bitPattern: $0) }
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        try #require(file >= 0)
        _ = data.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        close(file)
    }

    private func transcribe(_ options: String...) throws -> Program.Result {
        try Program.run(["transcribe", root, "--model", Examples.model, "-o", out] + options)
    }

    /// Runs a shell in the folder.
    private func shell(_ command: String) throws -> (status: Int32, text: String) {
        let run = try StartedProcess.run(
            "/bin/sh", ["-c", command],
            environment: ["S": Program.executable.path, "MODEL": Examples.model], folder: root,
            mixesErrors: true)
        return (run.status, String(decoding: run.output, as: UTF8.self))
    }

    private func report() throws -> [String: Any] {
        let data = try Data(contentsOf: URL(filePath: "\(out).report.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func leftOut() throws -> [String: Int] {
        let kinds = try report()["left_out"] as? [String: [String: Any]] ?? [:]
        return kinds.compactMapValues { $0["count"] as? Int }
    }

    @Test("sound is known by its content, and what is left out is counted wherever one looks")
    func content() throws {
        try copy("a.wav", "b.bwf", "c", "d.dat")
        try write("broken.wav", [])
        try write("cover.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF".utf8))
        try write("photo.heic", [0, 0, 0, 24] + Array("ftypheic".utf8) + [0, 0, 0, 0])
        try write("notes.txt", Array("What was said on the first day.\n".utf8))
        try copy(".hidden.wav")
        let dry = try Program.run([
            "transcribe", root, "--model", Examples.model, "--dry-run", "--quiet",
        ])
        #expect(dry.output.contains("rows        5"))
        #expect(dry.output.contains("left out of the folders: 3 that no decoder knows"))
        let result = try transcribe()
        #expect(result.status == 3)
        #expect(result.errors.contains("left out of the folders: 3 that no decoder knows"))
        let records = try Record.read(out)
        #expect(
            records.map { ($0.audioPath ?? "").dropFirst(root.count + 1) } == [
                "a.wav", "b.bwf", "broken.wav", "c", "d.dat",
            ])
        #expect(records.map { $0.error?.code ?? "" } == ["", "", "audio.empty", "", ""])
        #expect(try leftOut() == ["not_audio": 3, "hidden": 1])

        // In parts, and in the report of the whole that is joined of them.
        let parts = try ["1/2", "2/2"].map { part in
            let output = scratch.path("part-\(part.prefix(1)).jsonl")
            let result = try Program.run([
                "transcribe", root, "--model", Examples.model, "-o", output, "--part", part,
                "--quiet",
            ])
            #expect([0, 3].contains(result.status))
            return output
        }
        let whole = try Data(contentsOf: URL(filePath: out))
        #expect(try Program.run(["join", out, "--overwrite"] + parts).status == 0)
        #expect(try Data(contentsOf: URL(filePath: out)) == whole)
        #expect(try leftOut() == ["not_audio": 3, "hidden": 1])
    }

    @Test("names that are not UTF-8 go the whole way: duplicates, records, checks, and in again")
    func names() throws {
        try copy("plain.wav")
        try copy(bytes: Array("caf".utf8) + [0xE9] + Array(".wav".utf8))
        try copy(bytes: [0x93, 0xFA, 0x96] + Array("{.wav".utf8))
        #expect(try transcribe("--dedupe").status == 0)
        let records = try Record.read(out)
        #expect(records.map(\.status) == ["transcribed", "transcribed", "transcribed"])
        #expect(records[0].audioPath == "\(root)/caf\u{FFFD}.wav")
        let digests = try String(contentsOfFile: "\(out).digests.jsonl", encoding: .utf8)
        #expect(digests.components(separatedBy: "\"same_audio_as\":0").count == 3)
        let verified = try Program.run(["verify", out, "--audio", "--sample", "3"])
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)")

        let again = scratch.path("again.jsonl")
        let second = try Program.run([
            "transcribe", out, "--model", Examples.model, "-o", again, "--quiet",
        ])
        #expect(second.status == 0)
        #expect(
            try Data(contentsOf: URL(filePath: again)) == Data(contentsOf: URL(filePath: out)))
    }

    @Test("an argument that is not UTF-8 is an input, and is refused as anything else")
    func arguments() throws {
        try copy(bytes: [0xE9] + Array(".wav".utf8))
        let text = try shell("\"$S\" transcribe *.wav --model \"$MODEL\"")
        #expect(text.status == 0 && text.text == "ZERO\n", "\(text.text)")
        let inspected = try shell("export LC_ALL=C; \"$S\" inspect ?.wav")
        #expect(inspected.status == 0 && inspected.text.contains("decoded by"), "\(inspected.text)")
        for command in [
            "transcribe ?.wav -o \"$(printf 'o\\351.jsonl')\" --model \"$MODEL\"",
            "inspect \"$(printf 'm\\351.pt')\"", "evaluate ?.wav",
        ] {
            let refused = try shell("export LC_ALL=C; \"$S\" \(command)")
            #expect(refused.status == 64)
            #expect(refused.text.contains("is not UTF-8"), "\(refused.text)")
        }
    }

    @Test("a job may be done in a folder whose name is not UTF-8")
    func workingFolder() throws {
        try copy("a.wav")
        let result = try shell(
            """
            set -e
            d=$(printf 'd\\351'); mkdir "$d"; cp a.wav "$d/"; cd "$d"
            echo '{"audio_filepath":"a.wav"}' > rows.jsonl
            for input in . a.wav rows.jsonl; do
              rm -rf o.jsonl*
              "$S" transcribe "$input" --model "$MODEL" -o o.jsonl --quiet
              rm o.jsonl
              "$S" transcribe "$input" --model "$MODEL" -o o.jsonl --quiet
              "$S" verify o.jsonl --audio --sample 1 | tail -1
              "$S" status o.jsonl | head -1
            done
            """)
        #expect(result.status == 0, "\(result.text)")
        #expect(result.text.components(separatedBy: "verified").count == 4, "\(result.text)")
    }

    @Test("links out of a folder are counted, and followed where that is asked for")
    func links() throws {
        let store = scratch.path("store")
        try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: clip, toPath: "\(store)/0f3c")
        #expect(symlink("../store/0f3c", "\(root)/a.wav") == 0)
        #expect(symlink(store, "\(root)/more") == 0)
        try copy("b.wav")
        let result = try transcribe()
        #expect(try Record.read(out).count == 1)
        #expect(result.errors.contains("1 link out of the folder (--follow-links takes them)"))
        #expect(try leftOut() == ["link_outside": 1, "link_to_folder": 1])
        #expect(try transcribe("--follow-links", "--overwrite", "--quiet").status == 0)
        #expect(try Record.read(out).map(\.status) == Array(repeating: "transcribed", count: 3))
        #expect(try leftOut() == [:])
    }

    @Test("a job that an earlier version began by names keeps its rows, until it is told otherwise")
    func earlierJob() throws {
        try copy("a.wav", "c.wav")
        #expect(try transcribe("--quiet").status == 0)
        let before = try Data(contentsOf: URL(filePath: out))
        // What such a version leaves: no rule, and rows of the names it knew.
        #expect(unlink("\(out).job/input.rule") == 0)
        try copy("b.mp2", "b2")
        #expect(unlink(out) == 0)
        let result = try transcribe()
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("2 that the version which began this job did not know"))
        #expect(try Data(contentsOf: URL(filePath: out)) == before)
        #expect(try transcribe("--reconcile", "--quiet").status == 0)
        #expect(try Record.read(out).count == 4)
        // From then on the job is one of this version.
        #expect(unlink(out) == 0)
        #expect(try transcribe("--quiet").status == 0)
        #expect(try Record.read(out).count == 4)
    }

    @Test("a job keeps a row whose file is no audio any more")
    func changedContent() throws {
        try copy("a", "b")
        #expect(try transcribe("--quiet").status == 0)
        let before = try Data(contentsOf: URL(filePath: out))
        try write("a", Array("text".utf8))
        #expect(unlink(out) == 0)
        #expect(try transcribe("--quiet").status == 0)
        #expect(try Data(contentsOf: URL(filePath: out)) == before)
    }
}
