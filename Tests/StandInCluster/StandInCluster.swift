internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import Coordination
internal import Digests
internal import Foundation
internal import Glibc
internal import InputForms
internal import JobOutput
internal import JobState
internal import Logging
internal import Manifests
internal import Processes
internal import SpeechTypes
internal import SystemFaults

/// Coordinator and workers as real processes, with an engine that only hashes.
///
///     StandInCluster coordinate INPUT OUT|- WORKERS [LISTEN]
///     StandInCluster work ENDPOINT [SLOT LIFELINE]
///     StandInCluster swarm ENDPOINT WORKERS
///
/// `STANDIN_BATCH_MS` sets how long a batch takes; `STANDIN_IMPATIENT` shortens what the cluster waits
/// for, `STANDIN_CALM` is how many seconds a row that was lost alone rests, `STANDIN_HURRY` shortens
/// what idle workers wait for; `STANDIN_FULL_DISK` takes any disk for nearly full;
/// `STANDIN_FAILING_SYNC` is the number of syncs before one that fails; `STANDIN_RECONCILE` keeps the
/// records of a changed input's rows; `STANDIN_FEATURES` gives rows features; `STANDIN_SPEED` is how many
/// seconds of a row's `duration` take a second, `STANDIN_WHOLE` makes workers that compute no spans;
/// `STANDIN_GATE` is a file without which no worker ends a second span;
/// `STANDIN_KEYS` is a folder of keys and `STANDIN_COORDINATOR` the key that a worker pins, without
/// which tcp is in the clear; `STANDIN_MODEL` is another model; `STANDIN_BROKEN` ends workers before
/// they connect. What `BOUNDARY_LOG` and its like do is in boundaries.h.
@main
struct StandInCluster {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        boundaries_begin(arguments.first == "coordinate" ? "coordinator" : "worker")
        do {
            let signals = try SignalWatch()
            if arguments.first == "coordinate", arguments.count >= 4 {
                leave(try coordinate(Array(arguments.dropFirst()), signals))
            } else if arguments.first == "work", arguments.count >= 2 {
                leave(try work(Array(arguments.dropFirst()), signals))
            } else if arguments.first == "swarm", arguments.count == 3 {
                leave(try swarm(endpoint: arguments[1], count: Int(arguments[2]) ?? 1))
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
        if let syncs = setting("STANDIN_FAILING_SYNC").flatMap({ Int32($0) }) {
            failing_disk_after(syncs)
        }
        let output = arguments[1]
        let folder = output == "-" ? try JobFolder() : try JobFolder(forOutput: output)
        var options = RecognitionOptions()
        options.hasFeatures = setting("STANDIN_FEATURES") != nil
        let rows = try ManifestRows(InputResolver([PathBytes(arguments[0])]).resolve(), in: folder)
        let identity = JobIdentity(
            manifestDigest: rows.digest, rowCount: rows.rowCount,
            options: options, modelDigest: model, engineNumber: 1,
            arithmetic: JobIdentity.automaticArithmetic)
        var plan = JobPlan(
            identity: identity, manifestFolder: rows.folder,
            output: output == "-"
                ? .stream { bytes in try FileHandle.standardOutput.write(contentsOf: Data(bytes)) }
                : .file(output))
        if let count = Int(arguments[2]), count > 0 {
            plan.localWorkers = LocalWorkersPlan(count: count) { endpoint, slot, parentPipe in
                ["work", endpoint, slot, String(parentPipe)]
            }
        }
        if arguments.count > 3 {
            plan.listen = [arguments[3]]
            plan.security =
                try setting("STANDIN_KEYS").map { .curve(try KeyFolder($0)) }
                ?? .plaintext
        }
        plan.reconciles = setting("STANDIN_RECONCILE") != nil
        plan.limits = limits
        plan.logger = Self.logger
        let page = try setting("STANDIN_HTTP").map { try StandInPage.serve($0, &plan) }
        let result = try JobRunner.run(plan, rows: rows, folder: folder, signals: signals)
        withExtendedLifetime(page) {}
        if !result.message.isEmpty { say(result.message) }
        return result.exitStatus
    }

    private static func work(_ arguments: [String], _ signals: SignalWatch) throws -> Int32 {
        if setting("STANDIN_BROKEN") != nil {
            throw RuntimeError(.engine, "no model can be loaded here")
        }
        let slot = arguments.count > 1 ? WorkerSlot(named: arguments[1]) : try WorkerSlot()
        var plan = WorkerPlan(endpoint: arguments[0], identity: identity(slot: slot.name))
        plan.security = try connectSecurity()
        plan.parentPipe = arguments.count > 2 ? Int32(arguments[2]) : nil
        plan.limits = limits
        plan.logger = Self.logger
        let milliseconds = setting("STANDIN_BATCH_MS").flatMap { Int($0) } ?? 2
        let end = try WorkerRunner.run(plan, signals: signals) { welcome in
            StandInEngine(
                batchMilliseconds: milliseconds, hasFeatures: welcome.options.hasFeatures,
                speed: setting("STANDIN_SPEED").flatMap { Int($0) },
                gate: setting("STANDIN_GATE"))
        }
        if end.status != 0 { say(end.reason) }
        return end.status
    }

    private static let logger = Logger(label: "stand-in") { _ in SayingHandler() }

    private static func swarm(endpoint: String, count: Int) throws -> Int32 {
        var swarm = try WorkerSwarm(
            count: count, endpoint: endpoint, curve: try connectSecurity().curve(for: endpoint),
            limits: limits, engine: StandInEngine(batchMilliseconds: 0)
        ) { identity(slot: "host-\($0)/0") }
        let failures = try swarm.run()
        if failures > 0 { say("\(failures) of \(count) sessions ended badly") }
        return failures == 0 ? 0 : ExitStatus.engine
    }

    private static func identity(slot: String) -> WorkerIdentity {
        WorkerIdentity(
            slot: slot, instance: WorkerSlot.newInstance(), build: "stand-in", modelDigest: model,
            engineNumber: 1, arithmetic: "fp32/stand-in", arithmeticClasses: ["fp32/stand-in"],
            canaryDigest: SHA256Hasher.digest(of: Array("canary".utf8)), cores: 1,
            memoryBytes: 1 << 30,
            speed: 1_000 * (setting("STANDIN_SPEED").flatMap { Int($0) } ?? 100),
            computesSpans: setting("STANDIN_WHOLE") == nil)
    }

    private static func connectSecurity() throws -> ConnectSecurity {
        guard let path = setting("STANDIN_KEYS"),
            let key = setting("STANDIN_COORDINATOR").flatMap({ PublicKey(hex: $0) })
        else { return .plaintext }
        return .curve(try KeyFolder(path), coordinator: key)
    }

    private static let model = SHA256Hasher.digest(
        of: Array((setting("STANDIN_MODEL") ?? "stand-in").utf8))

    private static var limits: ClusterLimits {
        var limits = ClusterLimits()
        if setting("STANDIN_IMPATIENT") != nil {
            limits.heartbeat = .milliseconds(500)
            limits.sessionTimeout = .milliseconds(1_500)
            limits.engineStall = .seconds(1)
            limits.sessionStall = .seconds(4)
            limits.adoptionGrace = .seconds(2)
            limits.quietPeriod = .seconds(1)
        }
        if let calm = setting("STANDIN_CALM").flatMap({ Int($0) }) {
            limits.quietPeriod = .seconds(calm)
        }
        if setting("STANDIN_HURRY") != nil {
            limits.copyAfter = .milliseconds(500)
            limits.revokeAgainAfter = .milliseconds(500)
        }
        if setting("STANDIN_FULL_DISK") != nil {
            limits.freeBytesMin = 1 << 60
            limits.freeSpacePermille = 1_000
        }
        return limits
    }

    private static func setting(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    fileprivate static func say(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }

    /// Ends without running exit handlers: the engine's thread may still be at work.
    private static func leave(_ status: Int32) -> Never { _exit(status) }
}

/// Writes notices as the stand-in writes everything, with the worker that a line is of.
private struct SayingHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey name: String) -> Logger.MetadataValue? {
        get { metadata[name] }
        set { metadata[name] = newValue }
    }

    func log(event: LogEvent) {
        let worker = event.metadata?["worker"].map { "\($0): " } ?? ""
        StandInCluster.say("\(worker)\(event.message)")
    }
}
