internal import ArchivedAudio
internal import ArgumentParser
internal import AudioInput
internal import AudioPlaces
internal import Certification
internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import CommandOptions
internal import DecoderFiles
internal import HealthService
internal import JobLaunch
internal import Logging
internal import Processes
internal import RemoteAudio
internal import SpeechTypes
internal import Tensors
internal import Threading
internal import TraceEvents
internal import Transcription

/// Be a worker: take rows from a coordinator, transcribe them, hand the records back.
struct WorkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work",
        abstract: "Transcribe for a coordinator, on this machine or another.",
        discussion: """
            A worker may start before its coordinator and waits for it. It can be killed at any \
            moment: what it held is done again elsewhere. One that knows several coordinators (of \
            the parts of a manifest) goes to the next when a job is finished or has had nothing \
            for it for a minute, and ends when all are finished, or when one is and nobody has \
            listened at the others for a minute.

            \(ProcessSettings.help)

            Examples:
              scriptorium work --connect tcp://10.0.0.5:7100 --coordinator-key KEY --model m.pt
              scriptorium work --connect tcp://10.0.0.5:7100 --coordinator-key KEY --model m.pt \\
                  --path-map /archive=/mnt/archive
              scriptorium work --connect tcp://10.0.0.5:7100 --coordinator-key KEY-OF-5 \\
                  --connect tcp://10.0.0.6:7100 --coordinator-key KEY-OF-6 --model m.pt
            """)

    @Option(
        help: ArgumentHelp(
            "Where the coordinator listens. May be repeated, for several jobs.",
            valueName: "endpoint"))
    var connect: [String]

    @OptionGroup var connectOptions: ConnectOptions
    @OptionGroup var modelOptions: ModelOptions
    @OptionGroup(title: "Files of the job besides the model") var files: DecoderFileOptions

    @Option(
        help: ArgumentHelp(
            "Look below this folder for the files that the job takes besides the model. May be repeated.",
            discussion: """
                They are told by their content, whatever they are called here. The model's own folder is                 looked at without being named.
                """,
            valueName: "folder"), completion: .directory)
    var modelRoot: [String] = []

    @OptionGroup var machine: MachineOptions

    @Option(
        help: ArgumentHelp(
            "The name of this worker's place; it survives restarts.",
            discussion: "Without it: the scheduler's, or this machine's next free one.",
            valueName: "name"))
    var slot: String?

    @Option(
        help: ArgumentHelp(
            "Open only audio below this folder, links resolved. May be repeated.",
            valueName: "folder"), completion: .directory)
    var audioRoot: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where a folder of the manifest is on this machine. May be repeated.",
            valueName: "from=to"))
    var pathMap: [PathMapping] = []

    @Flag(
        help: ArgumentHelp(
            "Run the commands of jobs that ask for it, as this user.",
            discussion: "Whoever gives such a job its list can do here whatever this user can."))
    var allowCommands = false

    @OptionGroup var sources: SourceOptions

    @OptionGroup var health: HealthOption
    @OptionGroup var trace: TraceOption
    @OptionGroup(title: "Notices") var notices: NoticeOptions

    @Flag(help: "Say nothing unless something goes wrong.")
    var quiet = false

    @Option(
        name: .customLong("lifeline"),
        help: ArgumentHelp("A pipe that ends with the parent.", visibility: .private))
    var parentPipe: Int32?

    @Flag(help: ArgumentHelp("Begin with the first endpoint.", visibility: .private))
    var inOrder = false

    @Flag(help: ArgumentHelp("One of its jobs is finished.", visibility: .private))
    var afterOne = false

    func validate() throws {
        if connect.isEmpty { throw ValidationError("give --connect ENDPOINT") }
        if allowCommands, !audioRoot.isEmpty {
            throw ValidationError(
                "--allow-commands reads whatever a command reads, so --audio-root bounds nothing; leave "
                    + "one of them out")
        }
    }

    func run() throws {
        notices.begin(isQuiet: quiet)
        try reporting {
            let signals = try LongWork.signals.get()
            signals.ignoreBrokenPipes()
            let endpoint = try health.http.map {
                try HealthEndpoint($0, logger: quiet ? .silent : ProgramLog.logger)
            }
            defer { withExtendedLifetime(endpoint) {} }
            let places = try connectOptions.places(at: connect)
            for place in places {
                try connectOptions.security(of: place).check(place.endpoint)
            }
            let workerSlot = try slot.map { WorkerSlot(named: $0) } ?? WorkerSlot()
            let found = try Endpoints.reachable(
                places, slot: inOrder ? nil : workerSlot.name, afterOne: afterOne,
                saysThatItWaits: !quiet && parentPipe == nil, signals)
            guard let endpoints = found else {
                let others = places.map(\.endpoint).joined(separator: ", ")
                ProgramLog.tellAtOnce(.notice, "nobody listens at \(others) any more")
                return 0
            }
            let backend = try CertifiedBackend.ofThisMachine(tell: {
                ProgramLog.tellAtOnce(.warning, $0)
            }).activate(modelOptions.arithmeticChoice)
            let modelPath = try modelOptions.files.request.path(isQuiet: true)
            let loaded = try modelOptions.files.request.loadForJob(modelPath, isQuiet: quiet)
            let engine = try WorkerEngine(loaded, backend: backend, share: machine.share)
            endpoint?.becomeReady("the canary is computed")
            var decoder = WorkerFiles(named: files.set, roots: modelRoot, model: loaded)
            var plan = WorkerPlan(
                endpoint: endpoints.list[0].endpoint,
                identity: engine.identity(slot: workerSlot.name, files: try decoder.artefacts()))
            // The last of several is left, too, when it falls silent: it may have ended a moment ago.
            plan.hasAlternatives = endpoints.list.count > 1 || afterOne
            plan.parentPipe = parentPipe
            plan.security = try connectOptions.security(of: endpoints.list[0])
            let logger = ProgramLog.logger(["slot": "\(workerSlot.name)"])
            plan.logger = quiet ? .silent : logger
            let trace = try trace.trace.map { path throws(CommandFailure) in
                try TraceFile.named(
                    path, process: "worker \(workerSlot.name)", joins: parentPipe != nil || inOrder)
            }
            if let trace { plan.onStage = { trace.add($0.rawValue, from: $1, to: $2) } }
            plan.runsCommands = allowCommands
            plan.allowedSources = sources.allowSource.map(\.text)
            func work() throws -> WorkerRunner.End {
                try WorkerRunner.run(plan, signals: signals) {
                    [audioRoot, pathMap, allowCommands, sources, files = decoder.files] welcome in
                    try engine.transcriber(
                        options: welcome.options, files: files,
                        paths: AudioPathPolicy(
                            baseFolder: welcome.manifestFolder, mappings: pathMap.map(\.mapping),
                            audioRoots: audioRoot,
                            commands: allowCommands && welcome.options.runsCommands
                                ? CommandRunner() : nil,
                            sources: RemoteSources.ofJob(
                                welcome.options, asksForKeys: sources.keys.allowMetadataEndpoint),
                            archives: ArchiveShelf()))
                }
            }
            var end = try work()
            if let needed = end.neededArtefacts, try decoder.find(needed) {
                plan.identity = engine.identity(
                    slot: workerSlot.name, files: try decoder.artefacts())
                end = try work()
            }
            if let arithmetic = end.otherArithmetic {
                try WorkerRestart.startAgain(
                    ProcessSettings.wordsForSuccessor, at: endpoints.list, in: arithmetic)
            }
            let isFinished = end.outlook == .jobFinished
            let others = endpoints.after(forGood: isFinished)
            if plan.hasAlternatives, end.outlook != .over, !others.isEmpty {
                plan.logger.notice("\(plan.endpoint): \(end.reason); on to the next")
                try WorkerRestart.startAgain(
                    ProcessSettings.wordsForSuccessor, at: others, afterOne: !afterOne && isFinished
                )
            }
            if end.status != 0 || !quiet {
                ProgramLog.tellAtOnce(end.status == 0 ? .notice : .error, end.reason)
            }
            trace?.flush()
            // At once: threads of the engine may still be computing what nobody needs.
            ExitCleanup.exitProcess(status: end.status)
        }
    }
}

/// `FROM=TO`, as an argument.
struct PathMapping: ExpressibleByArgument {
    let mapping: AudioPathPolicy.Mapping

    init?(argument: String) {
        guard let mapping = AudioPathPolicy.Mapping(argument) else { return nil }
        self.mapping = mapping
    }
}
