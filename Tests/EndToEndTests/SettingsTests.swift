import Foundation
import ReservedPorts
import TestProcesses
import Testing

@Suite("Settings of the real program in the environment", .timeLimit(.minutes(2)))
struct SettingsTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A list of one recording, which a command plays after it has written its environment down.
    private func list() throws -> String {
        let clip = "\(Examples.folder)/audio"
        let name = try #require(
            FileManager.default.contentsOfDirectory(atPath: clip).sorted().first {
                $0.hasSuffix(".wav") || $0.hasSuffix(".flac")
            })
        let path = scratch.path("wav.scp")
        try Data("u1 env > \(scratch.path("environment")); cat \(clip)/\(name) |\n".utf8)
            .write(to: URL(filePath: path))
        return path
    }

    @Test("options of the environment count, the line wins, and programs that are started see none")
    func job() throws {
        let out = scratch.path("out.jsonl")
        let result = try Program.run(
            ["transcribe", list(), "-o", out, "--timestamps", "none"],
            environment: [
                "SCRIPTORIUM_MODEL": Examples.model, "SCRIPTORIUM_THREADS": "1",
                "SCRIPTORIUM_ALLOW_COMMANDS": "true", "SCRIPTORIUM_TIMESTAMPS": "char",
                "SCRIPTORIUM_OUTPUT": "/no/such/folder/out.jsonl", "SCRIPTORIUM_QUIET": "yes",
                "SCRIPTORIUM_FOLLOW_LINKS": "no", "SCRIPTORIUM_OTHER_PROGRAM": "x",
            ])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors == "")
        let output = try String(contentsOfFile: out, encoding: .utf8)
        #expect(output.contains("\"status\"") && !output.contains("\"words\""))
        let seen = try String(contentsOfFile: scratch.path("environment"), encoding: .utf8)
        #expect(seen.contains("PATH="))
        #expect(!seen.contains("SCRIPTORIUM_"))
    }

    @Test("what the environment adds to a line that is refused is told")
    func refused() throws {
        let result = try Program.run(
            ["transcribe", "a.wav"], environment: ["SCRIPTORIUM_WORKERS": "many"])
        #expect(result.status == 64)
        #expect(
            result.errors.contains("SCRIPTORIUM_WORKERS in the environment added --workers=many"))
        let flag = try Program.run(
            ["transcribe", "a.wav"], environment: ["SCRIPTORIUM_QUIET": "perhaps"])
        #expect(flag.status == 64)
        #expect(flag.errors.contains("SCRIPTORIUM_QUIET"))
    }

    @Test("a variable that nearly is one, and one that is for the line only, are told")
    func warnings() throws {
        let result = try Program.run(
            ["transcribe", "/no/such/file.wav", "--model", Examples.model],
            environment: ["SCRIPTORIUM_OVERWRITE": "true", "SCRIPTORIUM_WORKER": "2"])
        #expect(result.status == 64)
        #expect(result.errors.contains("SCRIPTORIUM_OVERWRITE is not obeyed"))
        #expect(result.errors.contains("SCRIPTORIUM_WORKERS does"))
        let lines = try Program.run(
            ["transcribe", "/no/such/file.wav", "--model", Examples.model, "--log", "json"],
            environment: ["SCRIPTORIUM_OVERWRITE": "true"]
        ).errors.split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("{") }, "\(lines)")
    }

    @Test(
        "help of every command of jobs says how its options are set",
        arguments: ["transcribe", "coordinate", "work", "align", "decode"])
    func help(command: String) throws {
        let result = try Program.run(
            [command, "--help"], environment: ["SCRIPTORIUM_QUIET": "perhaps"])
        #expect(result.status == 0)
        #expect(result.output.contains("SCRIPTORIUM_MODEL for --model"))
    }

    @Test("rows without a transcript are a success where that is asked for, and the same job")
    func acceptedRows() throws {
        let manifest = scratch.path("rows.jsonl")
        try Data("{nonsense\n".utf8).write(to: URL(filePath: manifest))
        let out = scratch.path("out.jsonl")
        let line = ["transcribe", manifest, "--model", Examples.model, "--threads", "1", "-o", out]
        #expect(try Program.run(line).status == 3)
        let bytes = try Data(contentsOf: URL(filePath: out))
        #expect(try Program.run(line + ["--accept-failed-rows"]).status == 0)
        #expect(
            try Program.run(line, environment: ["SCRIPTORIUM_ACCEPT_FAILED_ROWS": "1"]).status == 0)
        #expect(try Program.run(line).status == 3)
        #expect(try Data(contentsOf: URL(filePath: out)) == bytes)
    }
}

@Suite("Health of the real program", .timeLimit(.minutes(2)))
struct HealthTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Asks until the process says that it is ready, or has ended.
    private func readiness(of running: Program.Running, at port: UInt16) throws -> Program.Result {
        var result = try Program.run(["health", "--http", "\(port)"])
        while result.status != 0, running.process.isRunning {
            #expect(result.status == 75)
            Thread.sleep(forTimeInterval: 0.05)
            result = try Program.run(["health", "--http", "\(port)"])
        }
        return result
    }

    @Test("a worker is ready once its canary is computed, though no coordinator is there")
    func worker() throws {
        let port = try ReservedPort().number
        let worker = try Program.Running(
            [
                "work", "--connect", "ipc://\(scratch.path("s"))", "--model", Examples.model,
                "--threads", "1",
            ], environment: ["SCRIPTORIUM_HTTP": "\(port)"])
        let ready = try readiness(of: worker, at: port)
        #expect(ready.status == 0, "\(worker.errorsSoFar)")
        #expect(ready.output == "ready: the canary is computed\n")
        #expect(
            try Program.run(["health", "--live"], environment: ["SCRIPTORIUM_HTTP": "\(port)"])
                .output == "ok\n")
        worker.process.send(SIGTERM)
        #expect(worker.wait().status == 75)
        let gone = try Program.run(["health", "--http", "\(port)"])
        #expect(gone.status == 75)
        #expect(gone.errors.contains("nobody answers"))
    }

    @Test("a coordinator is ready once it listens, though no worker is there")
    func coordinator() throws {
        let port = try ReservedPort().number
        let coordinator = try Program.Running([
            "coordinate", Examples.manifest, "--model", Examples.model, "-o",
            scratch.path("out.jsonl"), "--listen", "ipc://\(scratch.path("s"))", "--http",
            "127.0.0.1:\(port)",
        ])
        let ready = try readiness(of: coordinator, at: port)
        #expect(ready.output == "ready: the coordinator listens\n", "\(coordinator.errorsSoFar)")
        #expect(coordinator.errorsSoFar.contains("answering http://127.0.0.1:\(port)/readyz"))
        coordinator.process.send(SIGTERM)
        #expect(coordinator.wait().status == 75)
    }

    @Test("a port that cannot be had is refused, with what to do")
    func refused() throws {
        let result = try Program.run([
            "work", "--connect", "ipc://\(scratch.path("s"))", "--model", Examples.model, "--http",
            "192.0.2.1:8080",
        ])
        #expect(result.status == 64)
        #expect(result.errors.contains("--http 192.0.2.1:8080"))
        #expect(
            try Program.run(["work", "--connect", "ipc://s", "--http", "localhost:80"]).status == 64
        )
    }
}
