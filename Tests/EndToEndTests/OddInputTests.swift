import Foundation
import Glibc
import Testing

@Suite("Inputs that are not what they seem")
struct OddInputTests {
    private static let fixtures = Program.root.appendingPathComponent("Tests/Fixtures/audio").path

    /// A folder that stands before all others on PATH, with a decoder of ours in it.
    private func path(withDecoder script: String, in scratch: Scratch) throws -> String {
        let folder = scratch.path("bin")
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: "\(Self.fixtures)/tools/\(script)", toPath: "\(folder)/ffmpeg")
        let rest = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return "\(folder):\(rest)"
    }

    @Test(
        "pipes, devices, folders, links out of the root and a decoder that dies cost only their row"
    )
    func odd() throws {
        let scratch = try Scratch()
        let root = scratch.path("archive")
        let files = FileManager.default
        try files.createDirectory(atPath: root, withIntermediateDirectories: true)
        let clip =
            "\(Examples.folder)/\(try Record.parseInputs(Examples.manifest)[0].audioPath ?? "")"
        try files.copyItem(atPath: clip, toPath: "\(root)/good.wav")
        try files.copyItem(atPath: clip, toPath: scratch.path("secret.wav"))
        try files.copyItem(
            atPath: "\(Self.fixtures)/formats/aac_lc.m4a", toPath: "\(root)/foreign.m4a")
        #expect(mkfifo("\(root)/pipe.wav", 0o600) == 0)
        for (name, target) in [
            ("inside.wav", "good.wav"), ("outside.wav", scratch.path("secret.wav")),
            ("pipe-link.wav", "pipe.wav"), ("device.wav", "/dev/zero"), ("loop.wav", "loop.wav"),
        ] {
            try files.createSymbolicLink(
                atPath: "\(root)/\(name)", withDestinationPath: target)
        }
        let rows: [(path: String, end: String)] = [
            ("good.wav", "transcribed"), ("pipe.wav", "audio.forbidden_path"),
            ("pipe-link.wav", "audio.forbidden_path"), ("device.wav", "audio.forbidden_path"),
            ("/dev/zero", "audio.forbidden_path"), (".", "audio.forbidden_path"),
            ("outside.wav", "audio.forbidden_path"), ("../secret.wav", "audio.forbidden_path"),
            ("loop.wav", "audio.not_found"), ("none.wav", "audio.not_found"),
            ("foreign.m4a", "audio.damaged"), ("inside.wav", "transcribed"),
        ]
        let manifest = "\(root)/rows.jsonl"
        let text = rows.map { "{\"audio_filepath\":\"\($0.path)\"}\n" }.joined()
        try Data(text.utf8).write(to: URL(fileURLWithPath: manifest))
        let endpoint = "ipc://\(scratch.path("socket"))"
        let worker = try Program.Running(
            [
                "work", "--connect", endpoint, "--model", Examples.model, "--threads", "1",
                "--audio-root", root, "--slot", "odd/0",
            ], environment: ["PATH": try path(withDecoder: "dies", in: scratch)])
        let out = scratch.path("out.jsonl")
        let result = try Program.run([
            "coordinate", manifest, "--model", Examples.model, "-o", out, "--listen", endpoint,
        ])
        #expect(result.status == 3, "\(result.errors)")
        #expect(worker.wait().status == 0)
        let records = try Record.read(out)
        #expect(records.count == rows.count)
        for (record, row) in zip(records, rows) {
            #expect(record.audioPath == row.path)
            #expect((record.error?.code ?? record.status) == row.end, "\(row.path)")
        }
        #expect(records.first?.predictedText == records.last?.predictedText)
    }
}
