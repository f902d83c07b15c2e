import Foundation

extension Program {
    /// Runs a script of the repository with the programs that are tested.
    ///
    /// - Returns: its status, and all that it printed.
    static func runScript(
        _ path: String, _ arguments: [String]
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", root.appendingPathComponent(path).path] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging([
            "SCRIPTORIUM_BUILD": executable.deletingLastPathComponent().path,
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
}
