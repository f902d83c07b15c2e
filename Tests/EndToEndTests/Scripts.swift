import Foundation
import TestProcesses

extension Program {
    /// Runs a script of the repository with the programs that are tested.
    ///
    /// - Returns: its status, and all that it printed.
    static func runScript(
        _ path: String, _ arguments: [String]
    ) throws -> (status: Int32, output: String) {
        let environment = [
            "SCRIPTORIUM_BUILD": executable.deletingLastPathComponent().path,
            "PYTHONDONTWRITEBYTECODE": "1",
        ]
        let run = try StartedProcess.run(
            "python3", [root.appendingPathComponent(path).path] + arguments,
            environment: environment, mixesErrors: true)
        return (run.status, String(decoding: run.output, as: UTF8.self))
    }
}
