import Foundation
import Testing

/// A little of `make chaos`, of the scenarios that need neither root nor network namespaces.
///
/// What a scenario prints, seeds included, is shown if it fails.
@Suite("A little chaos", .serialized)
struct ChaosTests {
    private func run(_ scenario: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let script = Program.root.appendingPathComponent("Tests/Chaos/\(scenario[0])").path
        process.arguments = ["python3", script] + scenario.dropFirst()
        process.environment = ProcessInfo.processInfo.environment.merging([
            "SCRIPTORIUM_BUILD": Program.executable.deletingLastPathComponent().path,
            "PYTHONDONTWRITEBYTECODE": "1",
        ]) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    @Test(
        "the output is the undisturbed one, whatever was killed, frozen or short of something",
        arguments: [
            ["processes.py", "1", "--engine", "real"],
            ["processes.py", "1", "--engine", "standin"],
        ])
    func processes(scenario: [String]) throws {
        let result = try run(scenario)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("a kill right before or after a write, a rename or a send changes no byte of the output")
    func boundaries() throws {
        let result = try run(["boundaries.py", "--sample", "24", "--jobs", "4"])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("24 kills: "), "\(result.output)")
        #expect(result.output.contains(" 0 differences"), "\(result.output)")
    }

    @Test("a damaged page of the journal stops the coordinator, or does no harm")
    func damage() throws {
        let result = try run(["storage.py", "damage", "1-2"])
        #expect(result.status == 0, "\(result.output)")
    }
}
