internal import ClusterProtocol
internal import ClusterSecurity
internal import Coordination
internal import Digests
internal import JobJournal
package import JobOutput
internal import JobState
internal import Logging
package import Processes
internal import SpeechTypes
internal import Threading
internal import ZeroMQ

/// Runs a job from its journal to its output.
///
/// Start order: journal, sockets, coordinator, workers; stopped in reverse.
package enum JobRunner {
    /// Runs the job until it is finished, drained or cannot go on.
    ///
    /// Blocks.
    ///
    /// - Parameter signals: while rows are worked on, the first drains within 25 s, a second stops at
    ///   once. Before and after that they are as they were: ended at once, the process loses nothing.
    /// - Throws: what kept the job from going on; its `exitStatus` is the process's.
    package static func run(
        _ plan: JobPlan, rows: any JobRows, folder: JobFolder, signals: SignalWatch
    ) throws(RuntimeError) -> JobResult {
        precondition(plan.identity.rowCount == rows.rowCount, "a job has the rows of its plan")
        try checkEndpoints(plan)
        let journal = try JournalOpening(plan: plan, rows: rows, folder: folder).open()
        let result: JobResult
        do throws(RuntimeError) {
            result = try JobRun(plan, rows: rows, folder: folder, signals, journal).run()
        } catch {
            // The first error is the one to tell.
            try? journal.close()
            throw error
        }
        do throws(JournalError) {
            try journal.close()
        } catch {
            throw RuntimeError(error)
        }
        return result
    }

    private static func checkEndpoints(_ plan: JobPlan) throws(RuntimeError) {
        try plan.security.check(plan.listen)
        if plan.listen.isEmpty, plan.localWorkers == nil {
            throw RuntimeError(.usage, "nobody could work on this job: give --workers or --listen")
        }
    }
}

/// One run of a job, with the journal open.
private struct JobRun {
    private let plan: JobPlan
    private let rows: any JobRows
    private let folder: JobFolder
    private let signals: SignalWatch
    private let journal: Journal
    private let snapshots: SnapshotWriter
    private let began = MonotonicClock.milliseconds()

    /// How often signals are looked at.
    private static let pollMilliseconds = 50
    /// What dismissed workers may take to end.
    private static let workerEndMilliseconds = 5_000
    /// Connections of a small fleet, of peers that are being turned away, and some room.
    private static let descriptorsMin = 4_096
    /// A drain that the state machine has not ended by then is cut short.
    private static let drainMilliseconds = 27_000

    init(
        _ plan: JobPlan, rows: any JobRows, folder: JobFolder, _ signals: SignalWatch,
        _ journal: Journal
    ) {
        self.plan = plan
        self.rows = rows
        self.folder = folder
        self.signals = signals
        self.journal = journal
        snapshots = SnapshotWriter(journal, rows: rows, output: plan.output)
    }

    func run() throws(RuntimeError) -> JobResult {
        defer { snapshots.finish() }
        try checkOutput()
        WorkMeter.shared.begin("reading the journal", .rows)
        let replay = try readJournal()
        WorkMeter.shared.end()
        var stream: RecordStream?
        if case .stream(let write) = plan.output {
            stream = try RecordStream(
                journal, rows: rows, hasCoverage: hasCoverage, write: write)
        }
        // Whatever ends the run: its thread reads the journal, which is closed after this.
        defer { stream?.abandon() }
        stream?.wake()
        if replay.recorded.count == rows.rowCount {
            return try finish(stream, audioBefore: replay.transcribedAudioMilliseconds)
        }

        let context = try Context.ofService()
        let audioBefore = replay.transcribedAudioMilliseconds
        let endsAtOnce = signals.leaveToLoop()
        defer { if endsAtOnce { signals.endAtOnceAgain() } }
        let deaths = DeathTally(localSlots: plan.localWorkers?.count ?? 0)
        let service = try startService(replay, context, stream, deaths)
        var workers: LocalWorkers?
        do throws(RuntimeError) {
            if !plan.listen.isEmpty { try tellEndpoints(service.endpoints.dropFirst()) }
            workers = try startWorkers(service, deaths)
            let result = try supervise(
                service, workers, deaths, stream, audioBefore, endsAtOnce: endsAtOnce)
            service.close()
            workers?.finish(withinMilliseconds: Self.workerEndMilliseconds)
            return result
        } catch {
            workers?.kill()
            service.close()
            workers?.finish(withinMilliseconds: 0)
            throw error
        }
    }

    /// The state of earlier runs, with quarantined rows taken back if that is asked for.
    private func readJournal() throws(RuntimeError) -> ReplayState {
        do throws(JournalError) {
            let replay = try journal.replay(rowCount: rows.rowCount)
            guard plan.retriesQuarantined else { return replay }
            let ordinals = replay.givenUp.filter { $0.value.status == .quarantined }
                .map(\.key).sorted()
            guard !ordinals.isEmpty else { return replay }
            let note = JobNote(
                kind: .operatorCommand, slot: "",
                text: "\(ordinals.count) quarantined rows are tried again")
            try journal.commit([.retried(ordinals), .note(note)])
            return try journal.replay(rowCount: rows.rowCount)
        } catch {
            throw RuntimeError(error)
        }
    }

    /// A finished output is written again only where it is missing or the same.
    private func checkOutput() throws(RuntimeError) {
        guard case .file(let path) = plan.output else { return }
        let final: ContentDigest?
        let intended: ContentDigest?
        do throws(JournalError) {
            let finished = try journal.finalDigest()
            let replaced = try journal.replacedDigest()
            final = finished ?? replaced
            intended = try journal.intendedDigest()
        } catch {
            throw RuntimeError(error)
        }
        WorkMeter.shared.begin("reading \(path)", .bytes)
        defer { WorkMeter.shared.end() }
        guard let final, let present = try OutputExporter.digest(ofFile: path), present != final,
            present != intended
        else { return }
        throw RuntimeError(
            .usage,
            "\(path) is not what this job wrote; move it away to have the job's output again, "
                + "or give --overwrite to begin again")
    }

    // MARK: Starting

    private func startService(
        _ replay: ReplayState, _ context: Context, _ stream: RecordStream?, _ deaths: DeathTally
    ) throws(RuntimeError) -> CoordinatorService {
        let descriptors = DescriptorLimit.raise()
        if !plan.listen.isEmpty, descriptors < Self.descriptorsMin {
            plan.logger.tell(
                .warning,
                "\(descriptors) open files are allowed, which is few for a fleet: "
                    + "raise the limit (ulimit -n \(Self.descriptorsMin))")
        }
        // The first is for local workers and `status`.
        let local = try RuntimeFolder.endpoint(ofJobFolder: folder.resolvedPath)
        var settings = CoordinatorService.Settings(endpoints: [local] + plan.listen)
        settings.security = plan.security
        settings.logger = plan.logger
        settings.limits = plan.limits
        settings.onStatus = plan.onStatus
        settings.onTurn = plan.onTurn
        settings.onWork = { deaths.progress() }
        let space = DiskSpace(path: folder.path, limits: plan.limits)
        settings.isShortOfSpace = { space.isShort() }
        settings.onCommit = { [onCommit = plan.onCommit] entries, nanoseconds in
            stream?.wake()
            onCommit(entries, nanoseconds)
        }
        settings.onExport = { [snapshots] answer in snapshots.write(onAnswer: answer) }
        let coordinator = Coordinator(
            configuration: .init(
                identity: plan.identity, manifestFolder: plan.manifestFolder, limits: plan.limits,
                files: plan.artefactFiles,
                // Who works alone gains nothing by it.
                sharesRows: !plan.listen.isEmpty || plan.localWorkers?.count ?? 0 > 1),
            plan: rows, replay: replay,
            at: Instant(nanoseconds: Int64(MonotonicClock.nanoseconds())))
        return try CoordinatorService(
            coordinator: coordinator, rows: rows, store: journal, context: context,
            settings: settings)
    }

    /// Says where to connect, and with what key.
    private func tellEndpoints(_ endpoints: some Sequence<String>) throws(RuntimeError) {
        var key = ""
        if case .curve(let folder) = plan.security {
            key = " --coordinator-key \(try folder.publicKey())"
            if try folder.allowList().entries.isEmpty {
                plan.logger.tell(
                    .warning,
                    "no worker's key is allowed yet: type scriptorium keys new on the worker, "
                        + "and scriptorium keys allow NAME KEY\(folder.option) here")
            }
        }
        for endpoint in endpoints {
            plan.logger.notice("listening on \(endpoint)", metadata: ["endpoint": "\(endpoint)"])
            if !key.isEmpty {
                plan.logger.notice("workers: scriptorium work --connect \(endpoint)\(key)")
            }
        }
    }

    private func startWorkers(
        _ service: CoordinatorService, _ deaths: DeathTally
    ) throws(RuntimeError) -> LocalWorkers? {
        guard let workers = plan.localWorkers, let endpoint = service.endpoints.first else {
            return nil
        }
        let logger = plan.logger
        return try LocalWorkers(workers, endpoint: endpoint, logger: logger) { death in
            service.post(.workerExited(slot: death.slot, instance: nil, death.processEnd))
            deaths.add(death)
            if death.processEnd != .clean, !death.isIntended {
                let last = death.lastLines.last.map { ": \($0)" } ?? ""
                logger.tell(
                    .warning, "\(death.sentence)\(last)",
                    metadata: ["worker": "\(death.slot)", "status": "\(death.status)"])
            }
        }
    }

    // MARK: Waiting

    private func supervise(
        _ service: CoordinatorService, _ workers: LocalWorkers?, _ deaths: DeathTally,
        _ stream: RecordStream?, _ audioBefore: Int, endsAtOnce: Bool
    ) throws(RuntimeError) -> JobResult {
        var drainBegan: Int?
        while true {
            if let end = service.waitForEnd(milliseconds: Self.pollMilliseconds) {
                workers?.startNoMore()
                if endsAtOnce { signals.endAtOnceAgain() }
                switch end {
                case .finished:
                    // Asked to end while the last rows came in: the output can be written later.
                    guard signals.request == .none else { return try interrupted(stream) }
                    return try finish(stream, audioBefore: audioBefore)
                case .drained: return try interrupted(stream)
                case .cancelled:
                    try stream?.finishEarly()
                    return JobResult(
                        exitStatus: ExitStatus.interrupted,
                        message: "cancelled by an operator; run the same command again to go on")
                case .commitFailed(let error): throw RuntimeError(error)
                case .failed(let error): throw error
                }
            }
            if let error = stream?.error { throw error }
            if let error = deaths.verdict(hasOtherWorkers: !plan.listen.isEmpty) { throw error }
            switch signals.request {
            case .none: break
            case .drain:
                if drainBegan == nil {
                    drainBegan = MonotonicClock.milliseconds()
                    workers?.startNoMore()
                    service.post(.drain)
                }
            case .stop:
                workers?.kill()
                return try interrupted(stream)
            }
            if let drainBegan, MonotonicClock.milliseconds() - drainBegan > Self.drainMilliseconds {
                workers?.kill()
                return try interrupted(stream)
            }
        }
    }

    private func interrupted(_ stream: RecordStream?) throws(RuntimeError) -> JobResult {
        try stream?.finishEarly()
        return JobResult(
            exitStatus: signals.request.exitStatus,
            message: "stopped before the end; run the same command again to go on")
    }

    // MARK: Ending

    /// Whether records say how their seconds were spent.
    private var hasCoverage: Bool { plan.identity.options.chunking == .speech }

    /// Writes output and report; every row is recorded.
    private func finish(
        _ stream: RecordStream?, audioBefore: Int
    ) throws(RuntimeError) -> JobResult {
        try stream?.finish()
        do {
            var report = JobReport(
                plan.identity, plan.sources, manifestFolder: plan.manifestFolder,
                history: try journal.history(), audioBefore: audioBefore)
            report.duplicateCount = rows.duplicates.pairs.count
            if case .file = plan.output {
                report.sourceFields = try rows.sourceFieldCounts(
                    options: plan.identity.options)
            }
            var reportPath: String?
            if case .file(let path) = plan.output {
                WorkMeter.shared.begin("writing \(path)", .rows, total: rows.rowCount)
                defer { WorkMeter.shared.end() }
                let written = try OutputExporter.export(
                    journal, rows: rows, to: path, engine: report.engine,
                    present: plan.identity.engineNumber,
                    hasFeatures: plan.identity.options.hasFeatures, hasCoverage: hasCoverage,
                    beforeReplacing: { digest throws(RuntimeError) in
                        do throws(JournalError) {
                            try journal.recordIntended(outputDigest: digest)
                        } catch {
                            throw RuntimeError(error)
                        }
                    })
                try journal.recordFinal(
                    outputDigest: written.digest, featuresDigest: written.featuresDigest)
                report.featuresDigest = written.featuresDigest
                report.coverage = written.coverage
                report.objectCount = written.objects
                report.outputDigest = written.digest
                report.outputBytes = written.bytes
                report.digestsDigest = written.digestsDigest
                report.wallMilliseconds = MonotonicClock.milliseconds() - began
                reportPath = path + ".report.json"
                try OutputExporter.write(report.json(), to: path + ".report.json")
            }
            let history = report.history
            let hasFailures = history.rowsRejected + history.rowsQuarantined > 0
            var result = JobResult(
                exitStatus: hasFailures ? ExitStatus.doneWithFailures : ExitStatus.done,
                message: "")
            result.rowsTranscribed = history.rowsTranscribed
            result.rowsRejected = history.rowsRejected
            result.rowsQuarantined = history.rowsQuarantined
            result.audioMilliseconds = history.audioMilliseconds
            result.computedMilliseconds = history.audioMilliseconds - audioBefore
            result.wallMilliseconds = MonotonicClock.milliseconds() - began
            result.reportPath = reportPath
            result.coverage = report.coverage ?? stream?.coverage
            return result
        } catch {
            throw RuntimeError(of: error)
        }
    }
}
