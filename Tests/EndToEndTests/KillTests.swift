import Foundation
import TestProcesses
import Testing

/// Kills are drawn from a seed; times are fractions of an undisturbed run.
@Suite("kill -9 at any moment, then the same command again")
struct KillTests {
    /// The examples several times over.
    private static func manifest(in scratch: Scratch, times: Int) throws -> String {
        let rows = try String(contentsOfFile: Examples.manifest, encoding: .utf8)
            .split(separator: "\n")
            .map { $0.replacingOccurrences(of: "\"audio/", with: "\"\(Examples.folder)/audio/") }
        let path = scratch.path("rows.jsonl")
        let all = (0..<times).flatMap { _ in rows }
        try Data((all.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private static func arguments(_ manifest: String, _ out: String, workers: Int) -> [String] {
        [
            "transcribe", manifest, "--model", Examples.model, "-o", out, "--quiet", "--workers",
            "\(workers)", "--threads", "1",
            // Rows that are lost alone rest; the test would mostly wait for them.
            "--calm", "1",
        ]
    }

    /// Rows that take two workers a second or more.
    private static let times = 4

    /// What every run with kills has to write, and how long it took to write it once.
    private static let undisturbed = Result<(output: Data, milliseconds: Int), any Error> {
        let scratch = try Scratch()
        let out = scratch.path("undisturbed.jsonl")
        let began = ContinuousClock.now
        let run = try Program.run(
            arguments(try manifest(in: scratch, times: times), out, workers: 2))
        #expect(run.status == 0, "\(run.errors)")
        let milliseconds = Int((ContinuousClock.now - began) / .milliseconds(1))
        return (try Data(contentsOf: URL(fileURLWithPath: out)), max(200, milliseconds))
    }

    @Test("the output is the undisturbed one, whoever was killed", arguments: UInt64(1)...4)
    func kills(seed: UInt64) throws {
        try kills(seed: seed, options: [])
    }

    /// Every clip stands four times in the input: each is computed once, and killed as often.
    @Test("so it is where audio that several rows share is computed once", arguments: UInt64(5)...6)
    func killsWithDuplicates(seed: UInt64) throws {
        try kills(seed: seed, options: ["--dedupe"])
    }

    /// - Parameter options: of the runs that are killed; the undisturbed one has none.
    private func kills(seed: UInt64, options: [String]) throws {
        var random = seed &* 0x9E37_79B9_7F4A_7C15
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((random >> 33) % UInt64(bound))
        }
        let undisturbed = try Self.undisturbed.get()
        let scratch = try Scratch()
        let manifest = try Self.manifest(in: scratch, times: Self.times)
        let out = scratch.path("out.jsonl")
        var killed = 0
        var workers = 1
        for attempt in 0..<40 {
            // Never fewer than before: what a former run's other workers hold is waited for, since they
            // could come back. Changing numbers are killed where such times are shorter, by the
            // tests of the cluster.
            workers = max(workers, 1 + next(3))
            let running = try Program.Running(
                Self.arguments(manifest, out, workers: workers) + options)
            // A random moment is what is wanted here. Runs that compute less are over sooner.
            let pause = next(undisturbed.milliseconds * 3 / (options.isEmpty ? 4 : 8))
            Thread.sleep(forTimeInterval: Double(pause) / 1_000)
            let workersNow = childProcesses(of: running.process.identifier)
            let victim =
                next(3) == 0 || workersNow.isEmpty
                ? running.process.identifier : workersNow[next(workersNow.count)]
            let isCoordinator = victim == running.process.identifier
            if running.process.isRunning, kill(victim, SIGKILL) == 0 { killed += 1 }
            // After a worker's death the coordinator goes on; after some of those it is killed too.
            if !isCoordinator, next(2) == 0 { kill(running.process.identifier, SIGKILL) }
            let result = running.wait()
            if result.status == 0, killed >= 6 { break }
            #expect([0, 137].contains(result.status), "seed \(seed): \(result.errors)")
            if result.status == 0 {
                // It finished before enough was killed: begin the job again.
                try FileManager.default.removeItem(atPath: out)
                try FileManager.default.removeItem(atPath: out + ".job")
            }
            #expect(attempt < 39, "seed \(seed): never finished")
        }
        #expect(killed >= 6, "seed \(seed)")
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: out)) == undisturbed.output, "seed \(seed)")
    }

    @Test("Ctrl-C drains, says how to go on, and the next run goes on")
    func interrupt() throws {
        let scratch = try Scratch()
        let manifest = try Self.manifest(in: scratch, times: 10)
        let out = scratch.path("out.jsonl")
        let command = [
            "transcribe", manifest, "--model", Examples.model, "-o", out, "--workers", "2",
            "--threads", "1",
        ]
        func transcribed() throws -> Int {
            let status = try Program.run(["status", out, "--json"]).output
            guard let place = status.firstRange(of: "\"transcribed\":") else { return 0 }
            return Int(status[place.upperBound...].prefix { $0.isNumber }) ?? 0
        }
        let running = try Program.Running(command)
        // In the middle of the job: some rows are done, and most are not.
        while running.process.isRunning, try transcribed() == 0 { usleep(2_000) }
        kill(running.process.identifier, SIGINT)
        let interrupted = running.wait()
        #expect(interrupted.status == 130, "\(interrupted.errors)")
        #expect(interrupted.errors.contains("again"), "\(interrupted.errors)")
        #expect(!FileManager.default.fileExists(atPath: out))
        // A job that went on to its last row before it ended would say the same.
        let rowCount = try Record.parseInputs(manifest).count
        let journal = try Program.run(["journal", "inspect", out]).output
        let label = try #require(journal.firstRange(of: "recorded "), "\(journal)")
        let digits = journal[label.upperBound...].drop { $0 == " " }.prefix { $0.isNumber }
        #expect((1..<rowCount).contains(try #require(Int(digits))), "\(journal)")
        let goesOn = try Program.run(command)
        #expect(goesOn.status == 0, "\(goesOn.errors)")
        #expect(try Record.read(out).count == rowCount)
        let report = try String(contentsOfFile: out + ".report.json", encoding: .utf8)
        #expect(report.contains("\"runs\":2,"), "\(report)")
    }
}
