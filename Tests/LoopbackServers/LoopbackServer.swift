internal import Foundation
internal import Processes
internal import TestProcesses

#if canImport(Glibc)
    internal import Glibc
#endif

/// A server of `Tests/Fixtures`, written in Python, running as long as this lives: it prints its port, and ends with
/// its standard input.
package final class LoopbackServer: Sendable {
    package let port: Int
    private let process: StartedProcess
    private let input: Int32

    package struct Failure: Error {}

    /// - Parameter script: below `Tests/Fixtures`.
    package init(_ script: String, _ arguments: [String]) throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
        let input = try Processes.Pipe()
        let output = try Processes.Pipe()
        defer {
            close(input.reader)
            close(output.reader)
        }
        do {
            defer { close(output.writer) }
            process = try StartedProcess(
                "python3", [tests.appending(path: "Fixtures/\(script)").path()] + arguments,
                input: .descriptor(input.reader), output: .descriptor(output.writer))
        } catch {
            close(input.writer)
            throw error
        }
        self.input = input.writer
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output.reader, &byte, 1) == 1, byte != 0x0A { line.append(byte) }
        guard let port = Int(String(decoding: line, as: UTF8.self)) else { throw Failure() }
        self.port = port
    }

    deinit {
        close(input)
        _ = process.waitForEnd(milliseconds: 10_000)
    }

    package var endpoint: String { "http://127.0.0.1:\(port)" }
}
