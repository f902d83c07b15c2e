internal import AcousticModels
internal import ArgumentParser
internal import Certification
internal import CommandOptions
internal import JobLaunch
internal import Tensors
internal import Transcription
internal import WeightCache

/// Says what memory a worker of a model needs at least, in MiB: for this program itself.
struct LeastMemoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "least-memory", abstract: "The least memory of a worker, in MiB.",
        shouldDisplay: false)

    @OptionGroup var modelOptions: ModelOptions

    func run() throws {
        try reporting {
            let backend = try CertifiedBackend.ofThisMachine().activate(
                modelOptions.arithmeticChoice)
            let model = try SpeechModel(
                modelOptions.files.request.load(
                    modelOptions.files.request.path(isQuiet: true), isQuiet: true),
                backend: backend, cache: .ofThisMachine(backend))
            MachineResources.giveMemoryBack()
            _ = try Canary(model)
            try StandardOutput.write("\(MachineShare.leastMebibytes(of: model))\n")
            return 0
        }
    }
}
