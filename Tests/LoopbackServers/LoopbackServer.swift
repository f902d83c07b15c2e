internal import Foundation

/// A server of `Tests/Fixtures`, written in Python, running as long as this lives: it prints its port, and ends with
/// its standard input.
package final class LoopbackServer {
    package let port: Int
    private let process = Process()
    private let input = Pipe()

    package struct Failure: Error {}

    /// - Parameter script: below `Tests/Fixtures`.
    package init(_ script: String, _ arguments: [String]) throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["python3", tests.appending(path: "Fixtures/\(script)").path()] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while !line.contains(0x0A) {
            let piece = output.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw Failure() }
            line += piece
        }
        guard let port = Int(String(decoding: line.dropLast(), as: UTF8.self)) else {
            throw Failure()
        }
        self.port = port
    }

    // It ends by itself; Foundation's wait for it can stay for ever on a busy machine.
    deinit { try? input.fileHandleForWriting.close() }

    package var endpoint: String { "http://127.0.0.1:\(port)" }
}
