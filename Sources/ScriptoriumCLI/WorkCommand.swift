internal import ArgumentParser
internal import ClusterProtocol
internal import ClusterRuntime
internal import Digests
internal import Glibc
internal import SpeechTypes
internal import Tensors
internal import Transcription
internal import Wav2Vec2

/// Be a worker: take rows from a coordinator, transcribe them, hand the records back.
struct WorkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work",
        abstract: "Transcribe for a coordinator, on this machine or another.",
        discussion: """
            A worker may start before its coordinator and waits for it. It can be killed at any \
            moment: what it held is done again elsewhere.

            Examples:
              scriptorium work --connect tcp://10.0.0.5:7100 --coordinator-key KEY --model m.pt
              scriptorium work --connect tcp://10.0.0.5:7100 --coordinator-key KEY --model m.pt \\
                  --path-map /archive=/mnt/archive
            """)

    @Option(help: ArgumentHelp("Where the coordinator listens.", valueName: "endpoint"))
    var connect: String

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

    @Flag(help: "Say nothing unless something goes wrong.")
    var quiet = false

    @Option(help: ArgumentHelp("A descriptor that ends with the parent.", visibility: .private))
    var lifeline: Int32?

    func run() throws {
        try reporting {
            let signals = try SignalWatch()
            let security = try connectOptions.security()
            try security.check(connect)
            let backend = try ComputeBackend.activate(modelOptions.arithmeticChoice)
            let loaded = try modelOptions.files.load(modelOptions.files.modelPath(isQuiet: true))
            let model = try SpeechModel(loaded, backend: backend)
            let canary = try Canary(model)
            let place = try slot.map { WorkerSlot(named: $0) } ?? WorkerSlot()
            let resources = machine.resources(of: model)
            var plan = WorkerPlan(
                endpoint: connect, identity: identity(model, canary, place, resources))
            plan.lifeline = lifeline
            plan.security = security
            let isQuiet = quiet
            plan.onNotice = { if !isQuiet { StandardError.write("scriptorium: \($0)\n") } }
            let end = try WorkerRunner.run(plan, signals: signals) { [audioRoot, pathMap] welcome in
                TranscriptionPipeline(
                    model: model, options: welcome.options,
                    paths: AudioPathPolicy(
                        baseFolder: welcome.manifestFolder, mappings: pathMap.map(\.mapping),
                        audioRoots: audioRoot),
                    resources: resources)
            }
            if let arithmetic = end.otherArithmetic { try startAgain(in: arithmetic) }
            if end.status != 0 || !isQuiet { StandardError.write("scriptorium: \(end.reason)\n") }
            // At once: threads of the engine may still be computing what nobody needs.
            _exit(end.status)
        }
    }

    private func identity(
        _ model: SpeechModel, _ canary: Canary, _ place: WorkerSlot, _ resources: ComputeResources
    ) -> WorkerIdentity {
        var random = SystemRandomNumberGenerator()
        let instance = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        return WorkerIdentity(
            slot: place.name, instance: Hexadecimal.text(instance), build: Version.text,
            modelDigest: model.digest, engineNumber: SpeechModel.engineNumber,
            arithmetic: model.arithmetic.description,
            arithmeticClasses: ComputeBackend.classesHere(like: model.arithmetic),
            canaryDigest: canary.digest, cores: resources.computeThreads,
            memoryBytes: MachineResources.memoryBytes,
            speed: canary.speed * resources.computeThreads)
    }

    /// Replaces this process by one that computes in another class: a library is loaded once.
    private func startAgain(in arithmetic: String) throws {
        var arguments = CommandLine.arguments
        for option in ["--arithmetic", "--precision"] {
            if let position = arguments.firstIndex(of: option) {
                arguments.removeSubrange(position..<min(position + 2, arguments.count))
            }
            arguments.removeAll { $0.hasPrefix(option + "=") }
        }
        arguments += ["--arithmetic", arithmetic]
        unsetenv("OPENBLAS_CORETYPE")
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &pointers)
        throw CommandFailure(ExitStatus.tryAgain, "cannot start again in \(arithmetic)")
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
