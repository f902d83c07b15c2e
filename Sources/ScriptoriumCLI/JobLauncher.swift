internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import Digests
internal import Glibc
internal import JobOutput
internal import JobState
internal import Manifests
internal import ModelLoading
internal import Processes
internal import SpeechTypes
internal import StrictJSON
internal import Tensors
internal import Threading
internal import Transcription

/// From a command line to a running job: the one path that every job takes.
struct JobLauncher {
    let inputs: [PathBytes]
    let options: JobOptions
    let workers: Int
    var listen: [String] = []
    var security = ListenSecurity.ipcOnly

    init(inputs: [String], options: JobOptions, workers: Int) {
        self.inputs = inputs.map { RawArguments.path(of: $0) }
        self.options = options
        self.workers = workers
    }

    /// Runs the job to its end; the exit status of the program.
    func run() throws -> Int32 {
        let signals = try LongWork.signals.get()
        signals.ignoreBrokenPipes()
        if options.quiet { LongWork.beQuiet() }
        let modelPath = try options.model.files.modelPath(isQuiet: options.quiet)
        let loaded = try options.model.files.load(modelPath, isQuiet: options.quiet)
        let input = try resolvedInput()
        if options.dryRun { return try DryRun(input, loaded, options, workers).run() }
        try refuseOutputThatIsInput()
        let target = try Target(options.output, input)
        let localWorkers = LocalWorkerCommand(
            modelPath: modelPath, labels: options.model.files.labels,
            arithmetic: options.model.arithmeticArguments, machine: options.machine)
        try localWorkers.checkMemory(count: workers)
        let folder = try folder(of: target)
        let recognition = try options.records.recognitionOptions(for: loaded)
        var rows = try ManifestRows(
            input, in: folder, part: options.part,
            asBegun: !options.reconcile && !options.overwrite,
            lookup: .headers(channels: recognition.channels))
        if options.dedupe {
            try rows.findDuplicates(isNew: options.overwrite, channels: recognition.channels)
        }
        let identity = JobIdentity(
            manifestDigest: rows.digest, rowCount: rows.rowCount, part: options.part,
            options: recognition,
            modelDigest: try LongWork.digest(of: loaded), engineNumber: SpeechModel.engineNumber,
            arithmetic: try arithmetic())
        LongWork.end()
        var plan = JobPlan(
            identity: identity, manifestFolder: rows.folder, output: target.output)
        plan.sources.manifest = rows.path
        plan.sources.model = try FilePath.absolute(modelPath)
        plan.sources.labels = try options.model.files.labels.map { try FilePath.absolute($0) }
        plan.sources.leftOut = rows.leftOut
        plan.listen = listen
        plan.security = security
        plan.overwrites = options.overwrite
        plan.reconciles = options.reconcile
        plan.retriesQuarantined = options.retryQuarantined
        if let calm = options.calm { plan.limits.quietPeriod = .seconds(calm) }
        if workers > 0 {
            plan.localWorkers = localWorkers.plan(count: workers)
        }
        let duplicates = rows.duplicates.pairs.count
        let isQuiet = options.quiet || target.isText
        let screen = try Screen(isQuiet: isQuiet)
        if !rows.leftOut.isEmpty { screen.tell(rows.leftOut.sentence) }
        plan.onStatus = { status in
            // The output is being written, and says itself how far that is.
            guard WorkMeter.shared.reading == nil else { return }
            screen.show(status)
        }
        plan.onNotice = { screen.tell($0) }
        plan.onWorkerLine = { slot, line in
            let own = "scriptorium: "
            let text = line.hasPrefix(own) ? line.dropFirst(own.count) : line[...]
            screen.tell("worker \(slot): \(text)")
        }
        if options.dedupe {
            screen.tell("\(duplicates) rows have the audio of an earlier row")
        }
        // A terminal that stands still keeps nobody who wants to go.
        defer { screen.close { signals.request == .none } }
        let result = try JobRunner.run(plan, rows: rows, folder: folder, signals: signals)
        screen.close { signals.request == .none }
        ProgressReporter(isQuiet: isQuiet).summarize(result, output: target.path)
        return result.exitStatus
    }

    // MARK: Input

    private func resolvedInput() throws -> ResolvedInput {
        var excluded: [String] = []
        if let output = options.output, output != "-" {
            excluded = ["", ".job", ".report.json", ".digests.jsonl"].map { output + $0 }
        }
        var folders = FolderOptions()
        folders.followsLinks = options.followLinks
        folders.judge = { FileLook.verdict(of: $0) }
        return try InputResolver(inputs, excluding: excluded, folders: folders).resolve()
    }

    private func refuseOutputThatIsInput() throws {
        guard let output = options.output, let resolved = realpath(output, nil) else { return }
        defer { free(resolved) }
        for input in inputs {
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
                StandardError.write(
                    "scriptorium: \(failure["code"]?.string ?? ""): "
                        + "\(failure["message"]?.string ?? "")\n")
            }
            return object?["pred_text"]?.string ?? ""
        }
    }

    private func folder(of target: Target) throws -> JobFolder {
        guard let path = target.path else { return try JobFolder() }
        return try JobFolder(forOutput: path, overwrite: options.overwrite)
    }

    // MARK: Workers

    /// `auto`, or the class that the command line asks for, in full.
    private func arithmetic() throws -> String {
        let choice = options.model.arithmeticChoice
        if choice == .auto { return JobIdentity.automaticArithmetic }
        if let exact = choice.exactClass { return exact.description }
        return try ComputeBackend.activate(choice).arithmetic.description
    }
}
