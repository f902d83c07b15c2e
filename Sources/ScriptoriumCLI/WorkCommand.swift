internal import ArgumentParser
internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import Digests
internal import Glibc
internal import JobLaunch
internal import Logging
internal import Processes
internal import SpeechTypes
internal import Tensors
internal import Threading
internal import Transcription
internal import Wav2Vec2

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

    /// How long nobody may listen anywhere.
    private static let patienceMilliseconds = 3_600_000
    /// The same once a job is finished: the others may have ended while the worker was elsewhere, and
    /// a coordinator that is started again is there by then.
    private static let patienceAfterOneMilliseconds = 60_000

    func validate() throws {
        if connect.isEmpty { throw ValidationError("give --connect ENDPOINT") }
    }

    func run() throws {
        notices.begin()
        try reporting {
            let signals = try LongWork.signals.get()
            signals.ignoreBrokenPipes()
            let places = try connectOptions.places(at: connect)
            for place in places {
                try connectOptions.security(of: place).check(place.endpoint)
            }
            let workerSlot = try slot.map { WorkerSlot(named: $0) } ?? WorkerSlot()
            guard let endpoints = try reachable(places, signals, slot: workerSlot.name) else {
                let others = places.map(\.endpoint).joined(separator: ", ")
                ProgramLog.tellAtOnce(.notice, "nobody listens at \(others) any more")
                return 0
            }
            let backend = try ComputeBackend.activate(modelOptions.arithmeticChoice)
            let modelPath = try modelOptions.files.request.path(isQuiet: true)
            let loaded = try modelOptions.files.request.loadForJob(modelPath, isQuiet: quiet)
            let engine = try WorkerEngine(loaded, backend: backend, share: machine.share)
            var plan = WorkerPlan(
                endpoint: endpoints.list[0].endpoint, identity: identity(engine, workerSlot))
            // The last of several is left, too, when it falls silent: it may have ended a moment ago.
            plan.hasAlternatives = endpoints.list.count > 1 || afterOne
            plan.parentPipe = parentPipe
            plan.security = try connectOptions.security(of: endpoints.list[0])
            let logger = ProgramLog.logger(["slot": "\(workerSlot.name)"])
            plan.logger = quiet ? .silent : logger
            let end = try WorkerRunner.run(plan, signals: signals) {
                [audioRoot, pathMap] welcome in
                engine.transcriber(
                    options: welcome.options,
                    paths: AudioPathPolicy(
                        baseFolder: welcome.manifestFolder, mappings: pathMap.map(\.mapping),
                        audioRoots: audioRoot))
            }
            if let arithmetic = end.otherArithmetic {
                try startAgain(at: endpoints.list, in: arithmetic)
            }
            let isFinished = end.outlook == .jobFinished
            let others = endpoints.after(forGood: isFinished)
            if plan.hasAlternatives, end.outlook != .over, !others.isEmpty {
                plan.logger.notice("\(plan.endpoint): \(end.reason); on to the next")
                try startAgain(at: others, afterOne: afterOne || isFinished)
            }
            if end.status != 0 || !quiet {
                ProgramLog.tellAtOnce(end.status == 0 ? .notice : .error, end.reason)
            }
            // At once: threads of the engine may still be computing what nobody needs.
            ExitCleanup.exitProcess(status: end.status)
        }
    }

    /// The coordinators, the first of which listens; with a single one, the worker waits for it later.
    ///
    /// - Returns: nil if one of them is finished and the others are gone.
    private func reachable(
        _ places: [CoordinatorPlace], _ signals: SignalWatch, slot: String
    ) throws -> Endpoints? {
        var endpoints = Endpoints(places, slot: inOrder ? nil : slot)
        let names = endpoints.list.map(\.endpoint)
        if !quiet, parentPipe == nil, !names.contains(where: EndpointProbe.listens) {
            ProgramLog.logger.notice(
                "waiting for a coordinator at \(names.joined(separator: ", "))")
        }
        guard names.count > 1 || afterOne else { return endpoints }
        let found = EndpointProbe.firstListening(
            of: names,
            withinMilliseconds: afterOne
                ? Self.patienceAfterOneMilliseconds : Self.patienceMilliseconds
        ) { signals.request != .none }
        guard let found else {
            if afterOne, signals.request == .none { return nil }
            throw CommandFailure(
                ExitStatus.tryAgain,
                signals.request == .none
                    ? "no coordinator listens at any of \(connect.joined(separator: ", "))"
                    : "stopped while waiting for a coordinator")
        }
        endpoints.begin(with: found)
        return endpoints
    }

    private func identity(_ engine: WorkerEngine, _ place: WorkerSlot) -> WorkerIdentity {
        var random = SystemRandomNumberGenerator()
        let instance = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        return WorkerIdentity(
            slot: place.name, instance: Hexadecimal.text(instance), build: Version.text,
            modelDigest: engine.digest, engineNumber: SpeechModel.engineNumber,
            arithmetic: engine.arithmetic.description,
            arithmeticClasses: ComputeBackend.classesHere(like: engine.arithmetic),
            canaryDigest: engine.canaryDigest, cores: machine.share.threadCount,
            memoryBytes: machine.share.memoryBytes,
            speed: engine.speed * machine.share.threadCount)
    }

    /// Replaces this process by one that works for the first of `places`, perhaps in another class:
    /// a library is loaded once, and nothing of one job is left for the next.
    private func startAgain(
        at places: [CoordinatorPlace], in arithmetic: String? = nil, afterOne: Bool = false
    ) throws {
        var arguments = CommandLine.arguments.filter { $0 != "--in-order" }
        let replaced =
            ["--connect", "--coordinator-key"]
            + (arithmetic == nil ? [] : ["--arithmetic", "--precision"])
        for option in replaced {
            while let position = arguments.firstIndex(of: option) {
                arguments.removeSubrange(position..<min(position + 2, arguments.count))
            }
            arguments.removeAll { $0.hasPrefix(option + "=") }
        }
        for place in places {
            arguments += ["--connect", place.endpoint]
            if let key = place.key { arguments += ["--coordinator-key", "\(key)"] }
        }
        arguments.append("--in-order")
        if afterOne, !self.afterOne { arguments.append("--after-one") }
        if let arithmetic { arguments += ["--arithmetic", arithmetic] }
        unsetenv("OPENBLAS_CORETYPE")
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &pointers)
        throw CommandFailure(ExitStatus.tryAgain, "the program cannot start itself again")
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
