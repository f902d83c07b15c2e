internal import ArgumentParser
internal import ClusterRuntime
internal import CommandOptions
internal import DecoderFiles
internal import Glibc
internal import JobLaunch
internal import JobVerification
internal import ModelLoading
internal import Processes
internal import Provenance
internal import RemoteAudio
internal import SpeechTypes
internal import SystemErrors

/// Whether an output is what its job made of its input.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check an output against its input, its journal and its audio.",
        discussion: """
            Every row must have exactly one record, in its place, with the row's own fields and a \
            valid end, and all bytes must be the ones that were recorded. Then a sample of rows is \
            transcribed again in the job's arithmetic and compared byte for byte. So are features, \
            where the job has them. The exit status is 0 if all holds, and 3 with a list of the rows if not.

            What an older engine wrote is held to what was recorded; rows that this one makes otherwise \
            are named, and count as no difference.

            It needs the report beside the output, and the job folder or OUT.digests.jsonl.

            Examples:
              scriptorium verify out.jsonl
              scriptorium verify out.jsonl --sample 0            # no model needed
              scriptorium verify out.jsonl --sample all --audio --json
            """)

    @Argument(help: "The output of a finished job.", completion: .file(extensions: ["jsonl"]))
    var output: String

    @Option(
        help: ArgumentHelp(
            "Rows to transcribe again, or all.",
            discussion: "Drawn by a hash of the job and the row: the same ones each time.",
            valueName: "n"))
    var sample: SampleSize?

    @Flag(help: "Read all audio again, and name the rows whose audio has changed.")
    var audio = false

    @Option(
        help: ArgumentHelp(
            "The input, where it is not where it was.", valueName: "manifest"), completion: .file())
    var manifest: String?

    @Option(
        help: ArgumentHelp(
            "The model, where it is not where it was.", valueName: "model"))
    var model: String?

    @Option(
        help: ArgumentHelp("The symbols of a fairseq checkpoint.", valueName: "file"),
        completion: .file())
    var labels: String?

    @Option(
        help: ArgumentHelp(
            "The language of a model that has several; the report's, if not given.",
            valueName: "language"))
    var language: String?

    @OptionGroup var files: DecoderFileOptions
    @OptionGroup var machine: MachineOptions

    @Flag(help: "Run the job's commands again, where its list has commands as recordings.")
    var allowCommands = false

    @OptionGroup var sources: SourceOptions

    @Flag(help: "One JSON object instead of lines for people.")
    var json = false

    func run() throws {
        try reporting {
            if access(output, F_OK) != 0 { throw CommandFailure.noOutput(output) }
            guard access(output, R_OK) == 0 else {
                throw CommandFailure(
                    ExitStatus.usage, "\(output): \(SystemError.text(of: errno)); check the path")
            }
            let verification = try Verification(request()).run()
            LongWork.end()
            try StandardOutput.write(json ? verification.json : verification.text)
            return verification.differences.count == 0 ? 0 : ExitStatus.doneWithFailures
        }
    }

    private func request() throws -> VerificationRequest {
        var request = VerificationRequest(output: output, signals: try LongWork.signals.get()) {
            [machine, allowCommands, sources] asked in
            let path =
                asked.model.hasPrefix("hf:")
                ? try HubModel.folder(of: asked.model, language: asked.language, isQuiet: true)
                : asked.model
            let files = DecoderFileSet(named: asked.artefactPaths)
            var model = SampleModel(
                name: asked.model,
                digest: try LongWork.digest(
                    of: ModelRequest(name: path, labels: asked.labels, language: asked.language)
                        .loadForJob(path, isQuiet: true)),
                workers: LocalWorkerCommand(
                    modelPath: path, labels: asked.labels, language: asked.language,
                    arithmetic: ["--arithmetic", asked.arithmetic], files: files,
                    machine: machine.share, allowsCommands: allowCommands,
                    allowedSources: sources.allowSource,
                    asksForKeys: sources.keys.allowMetadataEndpoint
                ).plan(count: 1))
            model.furtherArtefacts = try LongWork.artefacts(of: files).digests
            return model
        }
        request.artefactPaths = files.set.artefactPaths
        request.manifest = manifest
        request.model = model
        request.labels = labels
        request.language = language
        request.sample = sample
        request.readsAudio = audio
        request.allowsCommands = allowCommands
        request.allowedSources = sources.allowSource.map(\.text)
        request.asksForKeys = sources.keys.allowMetadataEndpoint
        request.threadCount = MachineResources.cores
        request.logger = ProgramLog.logger
        return request
    }
}

extension SampleSize: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
