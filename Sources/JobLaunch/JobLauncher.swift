internal import ArchivedAudio
internal import AudioFolders
internal import AudioFormats
internal import AudioPlaces
internal import CalibratedRecords
internal import Certification
internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import DecoderFiles
internal import Digests
internal import Files
internal import Glibc
internal import HTTPService
internal import HealthService
internal import InputForms
internal import JobDashboard
internal import JobOutput
internal import JobState
internal import Logging
internal import Manifests
internal import ModelLoading
internal import Processes
internal import RemoteAudio
internal import SpeechBoundaries
internal import SpeechTypes
internal import StrictJSON
internal import Tensors
internal import Threading
internal import TraceEvents
internal import Transcription

/// From a command line to a running job: the one path that every job takes.
package struct JobLauncher {
    private let request: JobRequest
    private let listed = ListedObjects()

    package init(_ request: JobRequest) {
        self.request = request
    }

    /// Runs the job to its end, and sends an output that is for a store; the exit status of the program.
    package func run() throws -> Int32 {
        let status = try runHere()
        guard let object = request.objectOutput, let path = request.output, !request.isDryRun,
            [ExitStatus.done, ExitStatus.doneWithFailures].contains(status)
        else { return status }
        do throws(UploadError) {
            let written = try object.send(
                path, andWith: [".digests.jsonl", ".features.jsonl", ".report.json"])
            if !request.isQuiet {
                ProgramLog.tellAtOnce(.notice, "written: \(written.joined(separator: ", "))")
            }
        } catch {
            throw CommandFailure(
                ExitStatus.storage,
                "\(error); \(path) is whole, and the same command sends it again")
        }
        return status
    }

    private func runHere() throws -> Int32 {
        let signals = try LongWork.signals.get()
        signals.ignoreBrokenPipes()
        if request.isQuiet { LongWork.beQuiet() }
        let board = StatusBoard()
        let dashboard = try request.http.map { try self.dashboard($0, board) }
        let health = try request.http.map { try endpoint($0, dashboard) }
        let modelPath = try request.model.path(isQuiet: request.isQuiet)
        let loaded = try request.model.loadForJob(modelPath, isQuiet: request.isQuiet)
        let decoding = try request.decoding(loaded)
        let files = decoding.files
        let warnings = try LongWork.named("reading the files of the decoder", .bytes) {
            try decoding.check(vocabulary: loaded.vocabulary)
        }
        let calibration = try files.paths[.calibration].map { try LaneCalibration(path: $0) }
        tell(warnings, of: loaded)
        let input = try resolvedInput()
        if request.isDryRun { return try DryRun(input, loaded, request, listed).run() }
        try refuseOutputThatIsInput()
        let target = try Target(request.output, input)
        let localWorkers = LocalWorkerCommand(
            modelPath: modelPath, labels: request.model.labels,
            language: request.model.language,
            arithmetic: request.arithmeticArguments, files: files, machine: request.machine,
            allowsCommands: request.allowsCommands, allowedSources: request.allowedSources,
            asksForKeys: request.asksForKeys)
        if case .network = loaded { try localWorkers.checkMemory(count: request.workers) }
        let folder = try folder(of: target)
        let recognition = try request.recognitionOptions(
            loaded, request.overwrites ? nil : folder.recordedOptions(), for: input)
        if let calibration, let path = files.paths[.calibration],
            let refusal = calibration.refusal(of: recognition, path: path)
        {
            throw CommandFailure(ExitStatus.usage, refusal)
        }
        if let folder = recognition.logitsDirectory, case .network(let network) = loaded {
            try writeAlphabet(of: network, to: "\(folder)/\(Alphabet.fileName)")
        }
        // Before anything is written, rather than in every worker.
        if recognition.chunking == .speech { _ = try BundledModel.speechNetwork() }
        var rows = try ManifestRows(
            input, in: folder, part: request.part,
            asBegun: !request.reconciles && !request.overwrites,
            lookup: .headers(channels: recognition.channels))
        if request.computesDuplicatesOnce {
            try rows.findDuplicates(isNew: request.overwrites, options: recognition)
        }
        let artefacts = try LongWork.artefacts(of: files)
        let identity = JobIdentity(
            manifestDigest: rows.digest, rowCount: rows.rowCount, part: request.part,
            options: recognition,
            modelDigest: try LongWork.digest(of: loaded), furtherArtefacts: artefacts.digests,
            engineNumber: SpeechModel.engineNumber, arithmetic: try arithmetic())
        LongWork.end()
        var plan = JobPlan(
            identity: identity, manifestFolder: rows.folder, output: target.output)
        plan.sources.manifest = rows.path
        plan.sources.model = try FilePath.absolute(modelPath)
        plan.sources.labels = try request.model.labels.map { try FilePath.absolute($0) }
        plan.sources.language = request.model.language
        plan.sources.artefacts = try files.artefactPaths.mapValues { path throws(ManifestError) in
            try FilePath.absolute(path)
        }
        plan.artefactFiles = artefacts
        plan.sources.leftOut = rows.leftOut
        plan.listen = request.listen
        plan.security = request.security
        plan.overwrites = request.overwrites
        plan.reconciles = request.reconciles
        plan.retriesQuarantined = request.retriesQuarantined
        if let calm = request.calmSeconds { plan.limits.quietPeriod = .seconds(calm) }
        if request.workers > 0 {
            plan.localWorkers = localWorkers.plan(count: request.workers, trace: request.trace)
        }
        let duplicates = rows.duplicates.pairs.count
        let isQuiet = request.isQuiet || target.isText
        let screen = try Screen(isQuiet: isQuiet)
        // Where nobody can ask, nothing is kept to be shown.
        let shown = request.http == nil ? nil : board
        ProgramLog.redirect {
            screen.write($0)
            shown?.tell($0)
        }
        defer { ProgramLog.redirect(to: nil) }
        let logger = ProgramLog.logger(["job": "\(target.path ?? "-")"])
        if !rows.leftOut.isEmpty { logger.notice("\(rows.leftOut.sentence)") }
        if rows.rowsWithoutBoundaries > 0 {
            let file = request.boundaries?.text ?? ""
            let sentence =
                "\(rows.rowsWithoutBoundaries) rows are of recordings that \(file) does not name: "
                + "speech in them is looked for"
            logger.notice("\(sentence)")
        }
        plan.onStatus = { [health] status, workers in
            shown?.post(status, workers)
            health?.becomeReady("the coordinator listens")
            // The output is being written, and says itself how far that is.
            guard WorkMeter.shared.reading == nil else { return }
            screen.show(status)
        }
        if let shown { plan.onCommit = { shown.committed($0, nanoseconds: $1) } }
        try trace(&plan)
        var shownRows = JobDashboard.Rows()
        shownRows.line = { [rows] ordinal in (try? rows.named(ordinal))?.raw }
        dashboard?.show(shownRows)
        plan.logger = logger
        if request.computesDuplicatesOnce {
            logger.notice("\(duplicates) rows have the audio of an earlier row")
        }
        // A terminal that takes nothing is waited for only until a signal asks to end.
        defer { screen.close { signals.request == .none } }
        let result = try JobRunner.run(plan, rows: rows, folder: folder, signals: signals)
        screen.close { signals.request == .none }
        ProgramLog.redirect(to: nil)
        ProgressReporter(isQuiet: isQuiet).summarize(result, output: target.path)
        let isAccepted =
            request.acceptsFailedRows && result.exitStatus == ExitStatus.doneWithFailures
        return isAccepted ? ExitStatus.done : result.exitStatus
    }

    /// Has the coordinator's turns and commits written down, where that is asked for.
    private func trace(_ plan: inout JobPlan) throws {
        guard let path = request.trace else { return }
        let trace = try TraceFile.named(path, process: "coordinator", joins: false)
        plan.onTurn = { trace.add("turn", from: $0, to: $1) }
        plan.onCommit = { [onCommit = plan.onCommit] entries, nanoseconds in
            let now = MonotonicClock.nanoseconds()
            trace.add("commit", from: now - nanoseconds, to: now)
            onCommit(entries, nanoseconds)
        }
    }

    /// What shows the job over HTTP.
    private func dashboard(
        _ choice: HTTPChoice, _ board: StatusBoard
    ) throws(RuntimeError) -> JobDashboard {
        let start = MetricsText.Process.wallSeconds()
        let name = (request.output ?? "-").split(separator: "/").last.map(String.init)
        var job = JobDashboard.Job(
            title: name.flatMap { $0 == "-" ? nil : $0 } ?? request.inputs.first?.text ?? "")
        if let output = request.output, output != "-" {
            job.retryCommand =
                "scriptorium retry --all-quarantined -o \(ShellWord.quoted(output))"
            job.journalBytes = { JobFolder.journalBytes(ofOutput: output) }
        }
        return JobDashboard(
            board, try HTTPAccess(choice.address, tokenFile: choice.tokenFile), job,
            processNumbers: { .now(version: Version.text, startSeconds: start) },
            wallSeconds: { MetricsText.Process.wallSeconds() })
    }

    /// Answers over HTTP from now on.
    private func endpoint(
        _ choice: HTTPChoice, _ dashboard: JobDashboard?
    ) throws(RuntimeError) -> HealthEndpoint {
        try HealthEndpoint(
            choice.address, logger: request.isQuiet ? .silent : ProgramLog.logger,
            pages: { dashboard?.answer(to: $0) })
    }

    /// Lets stored log-probabilities be read without the model.
    private func writeAlphabet(of model: LoadedModel, to path: String) throws {
        let alphabet = Alphabet(
            model.vocabulary, samplesPerFrame: model.clock.samplesPerFrame, path: path)
        if let known = try? Alphabet(path: path), known.digest == alphabet.digest { return }
        try AtomicFile.write(alphabet.json, to: path)
    }

    /// What a user may want to know of the decoder before the job begins.
    private func tell(_ warnings: [String], of model: RecognitionModel) {
        guard !request.isQuiet else { return }
        for warning in warnings { ProgramLog.logger.tell(.warning, "\(warning)") }
        guard request.suggestsLanguageModel, case .network(let loaded) = model,
            ProcessorFolder.hasLanguageModel(loaded.folder)
        else { return }
        ProgramLog.logger.tell(
            .notice,
            "\(loaded.folder) has a language model, which is not used: --lm auto decodes with it, and "
                + "makes fewer errors as a rule; --lm none says that this is meant")
    }

    // MARK: Input

    private func resolvedInput() throws -> ResolvedInput {
        var excluded: [String] = []
        if let output = request.output, output != "-" {
            excluded = ["", ".job", ".report.json", ".digests.jsonl", ".features.jsonl"].map {
                output + $0
            }
        }
        var folders = FolderOptions()
        folders.followsLinks = request.followsLinks
        folders.judge = { FileLook.verdict(of: $0) }
        let boundaries = try request.boundaries.map { path throws(ManifestError) in
            try LongWork.named("reading \(path)", .bytes) { () throws(ManifestError) in
                try BoundaryFile(path)
            }
        }
        return try InputResolver(
            request.inputs, excluding: excluded, folders: folders, form: request.inputForm,
            columns: request.columns, furtherPaths: request.furtherPaths,
            boundaries: boundaries, tars: request.tars, sources: inputSources()
        ).resolve()
    }

    /// Opens archives that are inputs, and keeps what their headers say in the job's folder; lists stores.
    private func inputSources() -> InputSources {
        let folder = request.output.flatMap { output in
            output == "-" ? nil : TarIndexFolder(output + ".job/archives")
        }
        let remote = RemoteSources.allowed(
            request.allowedSources, asksForKeys: request.asksForKeys)
        let paths = AudioPathPolicy(baseFolder: "", sources: remote)
        return InputSources(shelf: ArchiveShelf(folder: folder), remote: remote, listed: listed) {
            archive throws(AudioError) in
            let progress = EngineProgress()
            return try paths.archive(at: archive, progress)
        }
    }

    private func refuseOutputThatIsInput() throws {
        guard let output = request.output, let resolved = realpath(output, nil) else { return }
        defer { free(resolved) }
        for input in request.inputs {
            if PathBytes(cString: resolved) == input.resolved {
                throw CommandFailure(
                    ExitStatus.usage, "\(output) is an input; give the output another name")
            }
        }
    }

    // MARK: Output

    /// Where records go.
    private struct Target {
        let output: RecordDestination
        /// The output's path; nil for a stream.
        let path: String?
        /// Only the text is wanted, of one recording.
        let isText: Bool

        init(_ output: String?, _ input: ResolvedInput) throws {
            path = output == "-" ? nil : output
            isText = output == nil
            switch output {
            case "-"?:
                self.output = .stream { records in
                    if records.isEmpty { return try StandardOutput.checkReader() }
                    try StandardOutput.write(bytes: records)
                }
            case let path?: self.output = .file(path)
            case nil:
                guard input.isOneRecording else {
                    throw CommandFailure(
                        ExitStatus.usage,
                        "give -o OUT.jsonl for the records of a manifest or of several recordings, "
                            + "or -o -")
                }
                self.output = .stream { record in
                    if record.isEmpty { return try StandardOutput.checkReader() }
                    try StandardOutput.write(try Self.text(of: record) + "\n")
                }
            }
        }

        /// What one record says to a person; an error where there is no text.
        private static func text(of record: [UInt8]) throws -> String {
            let object = try JSONParser.parse(record).object
            if let failure = object?["error"]?.object {
                ProgramLog.tellAtOnce(
                    .warning,
                    "\(failure["code"]?.string ?? ""): \(failure["message"]?.string ?? "")")
            }
            return object?["pred_text"]?.string ?? ""
        }
    }

    private func folder(of target: Target) throws -> JobFolder {
        guard let path = target.path else { return try JobFolder() }
        return try JobFolder(forOutput: path, overwrite: request.overwrites)
    }

    // MARK: Workers

    /// `auto`, or the class that the command line asks for, in full.
    private func arithmetic() throws -> String {
        let choice = request.arithmetic
        if choice == .auto { return JobIdentity.automaticArithmetic }
        if let exact = choice.exactClass { return exact.description }
        return try CertifiedBackend.ofThisMachine().activate(choice).arithmetic.description
    }
}
