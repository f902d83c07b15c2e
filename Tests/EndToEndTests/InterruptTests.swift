import Foundation
import TestProcesses
import Testing

/// Each long phase is made to last for ever, and then the signal comes.
///
/// It reads or writes a pipe that nobody serves, or asks a hub that never answers.
@Suite("Ctrl-C and SIGTERM wherever a command takes long", .timeLimit(.minutes(2)))
struct InterruptTests {
    private let scratch: Scratch
    /// Enough rows that an index or an output is more than a pipe holds.
    private static let rowCount = 20_000

    init() throws { scratch = try Scratch() }

    private func pipe(_ name: String) throws -> String {
        let path = scratch.path(name)
        #expect(mkfifo(path, 0o600) == 0)
        return path
    }

    /// Lets the file that `path` is written aside to be a pipe that nobody reads.
    private func block(_ path: String) throws -> String {
        let pipe = try pipe("pipe-\(UUID().uuidString)")
        try FileManager.default.createSymbolicLink(
            atPath: path + ".part", withDestinationPath: pipe)
        return pipe
    }

    /// Rows that are done without a worker: none of them can be used.
    private func unusableRows() throws -> String {
        let path = scratch.path("rows.jsonl")
        let text = String(repeating: "{nonsense\n", count: Self.rowCount)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func transcribe(_ input: String, _ out: String, _ options: [String] = []) -> [String] {
        ["transcribe", input, "--model", Examples.model, "-o", out, "--threads", "1"] + options
    }

    /// Waits until the process has `path` open.
    private func waitUntil(_ running: Program.Running, opens path: String) {
        let folder = "/proc/\(running.process.identifier)/fd"
        func isOpen() -> Bool {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.contains { name in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)"))
                    == path
            }
        }
        while running.process.isRunning, !isOpen() { usleep(2_000) }
    }

    /// Signals the process in the phase in which it has `path` open.
    private func interrupt(
        _ arguments: [String], whileItHas path: String, with signal: Int32 = SIGINT,
        environment: [String: String] = [:], saying word: String
    ) throws {
        let running = try Program.Running(arguments, environment: environment)
        waitUntil(running, opens: path)
        #expect(running.process.isRunning, "\(running.errorsSoFar)")
        kill(running.process.identifier, signal)
        let result = running.wait()
        #expect(result.status == (signal == SIGINT ? 130 : 75), "\(result.errors)")
        #expect(result.errors.contains("interrupted while \(word)"), "\(result.errors)")
    }

    private func hasLeftovers() throws -> [String] {
        let files = FileManager.default.enumerator(atPath: scratch.url.path)
        return (files?.allObjects as? [String] ?? []).filter {
            $0.hasSuffix(".part") || $0.contains("scriptorium-")
        }
    }

    @Test("while rows are read from a stream", arguments: [SIGINT, SIGTERM])
    func stream(signal: Int32) throws {
        let pipe = try pipe("rows")
        let writer = open(pipe, O_RDWR | O_CLOEXEC)
        defer { close(writer) }
        try interrupt(
            transcribe(pipe, scratch.path("out.jsonl")), whileItHas: pipe, with: signal,
            saying: "listing the input")
        #expect(try hasLeftovers().isEmpty)
    }

    @Test("while the manifest is indexed, and while the output and its digests are written")
    func phasesOfAJob() throws {
        let rows = try unusableRows()
        let out = scratch.path("out.jsonl")
        try FileManager.default.createDirectory(
            atPath: out + ".job", withIntermediateDirectories: true)
        var pipe = try block(out + ".job/index.next")
        try interrupt(transcribe(rows, out), whileItHas: pipe, saying: "indexing \(rows)")
        pipe = try block(out)
        try interrupt(transcribe(rows, out), whileItHas: pipe, saying: "writing \(out)")
        #expect(try hasLeftovers().isEmpty)
        pipe = try block(out + ".digests.jsonl")
        try interrupt(
            transcribe(rows, out), whileItHas: pipe, with: SIGTERM, saying: "writing \(out)")
        #expect(try hasLeftovers().isEmpty)
        // Nothing was lost: the same command goes on, and the output is whole.
        let result = try Program.run(transcribe(rows, out, ["--quiet"]))
        #expect(result.status == 3, "\(result.errors)")
        #expect(try Record.read(out).count == Self.rowCount)
    }

    @Test("while an output is checked, evaluated, exported and joined; its scratch folder goes")
    func otherCommands() throws {
        let rows = try unusableRows()
        let out = scratch.path("out.jsonl")
        #expect(try Program.run(transcribe(rows, out, ["--quiet"])).status == 3)
        let input = try pipe("input.jsonl")
        let writer = open(input, O_RDWR | O_CLOEXEC)
        defer { close(writer) }
        try interrupt(
            ["verify", out, "--sample", "0", "--manifest", input], whileItHas: input,
            environment: ["TMPDIR": scratch.url.path], saying: "indexing \(input)")
        try interrupt(["evaluate", input], whileItHas: input, saying: "reading \(input)")
        let snapshot = try block(scratch.path("out.now.jsonl"))
        try interrupt(
            ["export", "--now", out], whileItHas: snapshot,
            saying: "writing \(scratch.path("out.now.jsonl"))")
        for part in ["1/2", "2/2"] {
            let name = scratch.path("part\(part.prefix(1)).jsonl")
            #expect(
                try Program.run(transcribe(rows, name, ["--part", part, "--quiet"])).status == 3)
        }
        let joined = try block(scratch.path("joined.jsonl"))
        try interrupt(
            [
                "join", scratch.path("joined.jsonl"), scratch.path("part1.jsonl"),
                scratch.path("part2.jsonl"),
            ],
            whileItHas: joined, with: SIGTERM, saying: "joining 2 parts")
        #expect(try hasLeftovers().isEmpty)
    }

    @Test("while a hub does not answer")
    func download() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int in
                guard bind(listener, address, size) == 0, listen(listener, 8) == 0,
                    getsockname(listener, address, &size) == 0
                else { return 0 }
                return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    Int(UInt16(bigEndian: $0.pointee.sin_port))
                }
            }
        }
        let running = try Program.Running(
            ["inspect", "hf:someone/something"],
            environment: [
                "HF_ENDPOINT": "http://127.0.0.1:\(port)", "HF_HOME": scratch.path("hub"),
            ])
        // It has connected, and waits for an answer.
        let client = accept(listener, nil, nil)
        defer { close(client) }
        kill(running.process.identifier, SIGINT)
        let result = running.wait()
        #expect(result.status == 130, "\(result.errors)")
        #expect(result.errors.contains("asking the hub"), "\(result.errors)")
    }

    @Test("while a benchmark computes, in processes of its own too")
    func benchmark() throws {
        for options in [["--batch", "1"], ["--batch", "1", "--batch", "2"]] {
            let running = try Program.Running(
                ["benchmark", "--model", Examples.model, "--threads", "2", "--rounds", "1000"]
                    + options)
            let folder = "/proc/\(running.process.identifier)"
            func children() -> [String] {
                let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/task"))
                return (tasks ?? []).flatMap { task in
                    (try? String(
                        contentsOfFile: "\(folder)/task/\(task)/children", encoding: .utf8))?
                        .split(separator: " ").map(String.init) ?? []
                }
            }
            // Either its own threads compute, or a child has begun.
            func hasBegun() -> Bool {
                let tasks = try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/task")
                return (tasks?.count ?? 0) > 4 || !children().isEmpty
            }
            while running.process.isRunning, !hasBegun() { usleep(2_000) }
            let begun = children()
            kill(running.process.identifier, SIGTERM)
            #expect(running.wait().status == 75)
            for child in begun {
                // Its number is free, or it is dead and not yet taken note of.
                while let state = try? String(
                    contentsOfFile: "/proc/\(child)/stat", encoding: .utf8),
                    !state.contains(") Z ")
                { usleep(2_000) }
            }
        }
    }
}
