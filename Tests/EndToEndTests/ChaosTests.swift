import Foundation
import Testing

/// A little of `make chaos`, of the beds that need neither root nor network namespaces.
///
/// What a bed prints, seeds included, is shown if it fails.
@Suite("A little chaos", .serialized)
struct ChaosTests {
    private func run(_ bed: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let script = Program.root.appendingPathComponent("Tests/Chaos/\(bed[0])").path
        process.arguments = ["python3", script] + bed.dropFirst()
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
    func processes(bed: [String]) throws {
        let result = try run(bed)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("a damaged page of the journal stops the coordinator, or does no harm")
    func damage() throws {
        let result = try run(["storage.py", "damage", "1-2"])
        #expect(result.status == 0, "\(result.output)")
    }
}
