internal import Foundation
internal import StrictJSON
internal import TemporaryFolders
internal import Testing

/// The hub of `Tests/Fixtures/hub/hub_server.py`, running as long as this lives.
final class HubServer {
    let port: Int
    private let process = Process()
    private let input = Pipe()
    private let log: TemporaryFolder

    init() throws {
        log = try TemporaryFolder()
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", folder.appending(path: "Fixtures/hub/hub_server.py").path(),
            "\(log.path)/requests",
        ]
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

    struct Failure: Error {}

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    var endpoint: String { "http://127.0.0.1:\(port)" }

    /// What the server was asked, in order.
    func requests() throws -> [JSONObject] {
        try log.bytes("requests").split(separator: 0x0A).map { line in
            try #require(try JSONParser.parse(Array(line)).object)
        }
    }
}
