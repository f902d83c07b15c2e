import Foundation
import Processes
import TestProcesses
import Testing

/// The real executable, run as a user would.
struct Program {
    /// The checkout that this test was compiled in.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static var executable: URL {
        #if DEBUG
            root.appendingPathComponent(".build/debug/scriptorium")
        #else
            root.appendingPathComponent(".build/release/scriptorium")
        #endif
    }

    /// What a run left behind.
    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Runs to the end.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String? = nil
    ) throws -> Result {
        let running = try Running(arguments, environment: environment, input: input)
        return running.wait()
    }

    /// A run that goes on beside the test.
    final class Running {
        let process: StartedProcess
        private let output: URL
        private let errors: URL

        init(
            _ arguments: [String], environment: [String: String] = [:], input: String? = nil
        ) throws {
            let folder = FileManager.default.temporaryDirectory
            let name = UUID().uuidString
            output = folder.appendingPathComponent("\(name).out")
            errors = folder.appendingPathComponent("\(name).err")
            var source = StartedProcess.Stream.null
            if let input {
                let file = folder.appendingPathComponent("\(name).in")
                try Data(input.utf8).write(to: file)
                source = .file(file.path)
            }
            process = try StartedProcess(
                Program.executable.path, arguments, environment: environment, input: source,
                output: .file(output.path), errors: .file(errors.path))
        }

        var errorsSoFar: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

        /// Holds this coordinator's job until that many workers are there.
        ///
        /// A short job could be done before the last of them, which would then wait for its return.
        ///
        /// - Parameter whileHeld: runs before the job goes on.
        func holdUntil(
            workers: Int, ofOutput out: String, whileHeld: () throws -> Void = {}
        ) throws {
            func tell(_ arguments: [String], until isTrue: (Result) -> Bool) throws {
                var result = try Program.run(arguments)
                for _ in 0..<300 where !isTrue(result) && process.isRunning {
                    Thread.sleep(forTimeInterval: 0.1)
                    result = try Program.run(arguments)
                }
                #expect(isTrue(result), "\(arguments[0]): \(result.errors) \(errorsSoFar)")
            }
            try tell(["pause", "-o", out]) { $0.status == 0 }
            try tell(["status", out, "--json"]) { $0.output.contains("\"workers\":\(workers),") }
            try whileHeld()
            try tell(["resume", "-o", out]) { $0.status == 0 }
        }

        /// Waits for the end.
        ///
        /// A process that a signal ended has 128 + its number as status.
        func wait() -> Result {
            let end = process.waitForEnd()
            defer {
                try? FileManager.default.removeItem(at: output)
                try? FileManager.default.removeItem(at: errors)
            }
            return Result(
                status: end.status,
                output: (try? String(contentsOf: output, encoding: .utf8)) ?? "",
                errors: errorsSoFar)
        }
    }
}

/// Processes whose parent is `parent`.
func childProcesses(of parent: Int32) -> [Int32] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap(Int32.init).filter { process in
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = stat.lastIndex(of: ")")
        else { return false }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        return fields.count > 1 && fields[1] == "\(parent)"
    }
}

/// A folder that goes away with the test.
final class Scratch {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("scriptorium-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}

/// One line of an output manifest.
struct Record: Decodable, Equatable {
    struct Failure: Decodable, Equatable {
        let code: String
        let message: String
    }

    let audioPath: String?
    let duration: Double?
    let text: String?
    let predictedText: String
    let status: String
    let error: Failure?

    private enum CodingKeys: String, CodingKey {
        case audioPath = "audio_filepath"
        case predictedText = "pred_text"
        case duration, text, status, error
    }

    static func read(_ path: String) throws -> [Record] {
        try parse(String(contentsOfFile: path, encoding: .utf8))
    }

    static func parse(_ text: String) throws -> [Record] {
        try text.split(separator: "\n").map {
            try JSONDecoder().decode(Record.self, from: Data($0.utf8))
        }
    }
}

/// The bundled examples.
enum Examples {
    static var manifest: String {
        Program.root.appendingPathComponent("manifests/examples/digits.jsonl").path
    }

    static var folder: String {
        Program.root.appendingPathComponent("manifests/examples").path
    }

    static var model: String { Program.root.appendingPathComponent("models/digits-en").path }
}
