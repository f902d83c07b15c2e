internal import ClusterProtocol
internal import ClusterRuntime
internal import Coordination
internal import Digests
internal import Foundation
internal import Glibc
internal import SpeechTypes

/// Coordinator and workers as real processes, with an engine that only hashes.
///
///     StandInCluster coordinate INPUT OUT|- WORKERS [LISTEN]
///     StandInCluster work ENDPOINT [SLOT LIFELINE]
///
/// `STANDIN_BATCH_MS` sets how long a batch takes.
@main
struct StandInCluster {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            let signals = try SignalWatch()
            if arguments.first == "coordinate", arguments.count >= 4 {
                leave(try coordinate(Array(arguments.dropFirst()), signals))
            } else if arguments.first == "work", arguments.count >= 2 {
                leave(try work(Array(arguments.dropFirst()), signals))
            }
            leave(ExitStatus.usage)
        } catch let error as RuntimeError {
            say(error.description)
            leave(error.exitStatus)
        } catch {
            say("\(error)")
            leave(ExitStatus.engine)
        }
    }

    private static func coordinate(
        _ arguments: [String], _ signals: SignalWatch
    ) throws -> Int32 {
        let rows = try ListRows(file: arguments[0])
        let output = arguments[1]
        let identity = JobIdentity(
            manifestDigest: rows.manifestDigest, rowCount: rows.rowCount,
            options: RecognitionOptions(), modelDigest: model, engineNumber: 1,
            arithmetic: JobIdentity.automaticArithmetic)
        var plan = JobPlan(
            identity: identity, manifestFolder: "/",
            output: output == "-"
                ? .stream { bytes in try FileHandle.standardOutput.write(contentsOf: Data(bytes)) }
                : .file(output))
        if let count = Int(arguments[2]), count > 0 {
            plan.localWorkers = LocalWorkersPlan(count: count) { endpoint, slot, lifeline in
                ["work", endpoint, slot, String(lifeline)]
            }
        }
        if arguments.count > 3 {
            plan.listen = [arguments[3]]
            plan.allowsPlaintext = true
        }
        plan.onNotice = { say($0) }
        plan.onWorkerLine = { slot, line in say("\(slot): \(line)") }
        let folder = output == "-" ? try JobFolder() : try JobFolder(forOutput: output)
        let result = try JobRunner.run(plan, rows: rows, folder: folder, signals: signals)
        if !result.message.isEmpty { say(result.message) }
        return result.exitStatus
    }

    private static func work(_ arguments: [String], _ signals: SignalWatch) throws -> Int32 {
        let slot = arguments.count > 1 ? WorkerSlot(named: arguments[1]) : try WorkerSlot()
        let identity = WorkerIdentity(
            slot: slot.name, instance: WorkerSlot.newInstance(), build: "stand-in",
            modelDigest: model, engineNumber: 1, arithmetic: "fp32/stand-in",
            arithmeticClasses: ["fp32/stand-in"],
            canaryDigest: SHA256Hasher.digest(of: Array("canary".utf8)), cores: 1,
            memoryBytes: 1 << 30, speed: 100_000)
        var plan = WorkerPlan(endpoint: arguments[0], identity: identity)
        plan.allowsPlaintext = true
        plan.lifeline = arguments.count > 2 ? Int32(arguments[2]) : nil
        plan.onNotice = { say($0) }
        let milliseconds = getenv("STANDIN_BATCH_MS").flatMap { Int(String(cString: $0)) } ?? 2
        let end = try WorkerRunner.run(plan, signals: signals) { _ in
            StandInEngine(batchMilliseconds: milliseconds)
        }
        if end.status != 0 { say(end.reason) }
        return end.status
    }

    private static let model = SHA256Hasher.digest(of: Array("stand-in model".utf8))

    private static func say(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }

    /// Ends without running exit handlers: the engine's thread may still be at work.
    private static func leave(_ status: Int32) -> Never { _exit(status) }
}
