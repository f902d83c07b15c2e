internal import ArgumentParser
internal import Checkpoints
internal import CommandOptions
internal import DecoderFiles
internal import JobLaunch
internal import JobVerification
internal import ModelLoading
internal import SpeechTypes
internal import Threading

/// What a model is, or a recording.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a checkpoint, a model folder or a recording holds.",
        discussion: """
            Architecture, sizes, precision, labels, parameters, and the digest that names the model \
            in jobs, whatever container it is in. Tensors that are not used and oddities that a text \
            depends on are listed; what cannot be read right is refused with a remedy (status 65). \
            Nothing in a checkpoint is ever executed.

            Of a recording: what it was recognised as by its content, who decodes it and why, how long \
            it says that it is and how long it turns out to be (all of it is decoded), and warnings. \
            The exit status is 65 if it would be rejected.

            Examples:
              scriptorium inspect wav2vec2_base_finetuned.pt --tensors
              scriptorium inspect hf:facebook/wav2vec2-base-960h --json
              scriptorium inspect interview.mp3
            """)

    @Argument(
        help: ArgumentHelp(
            "A checkpoint file or folder, hf:OWNER/NAME, or a recording.", valueName: "what"),
        completion: .file())
    var model: String

    @Option(help: ArgumentHelp("The symbols of a fairseq checkpoint.", valueName: "file"))
    var labels: String?

    @Option(
        help: ArgumentHelp("The language of a model that has several.", valueName: "language"))
    var language: String?

    @Flag(help: "List every tensor too.")
    var tensors = false

    @Flag(help: "One JSON object instead of lines for people.")
    var json = false

    func run() throws {
        let file = RawArguments.path(of: model)
        try refuseArgumentsThatAreNoText(besides: [file])
        try reporting {
            if !model.hasPrefix("hf:"), let recording = RecordingInspection(file) {
                let outcome = recording.run(asJSON: json)
                LongWork.end()
                try StandardOutput.write(outcome.text)
                return outcome.exitStatus
            }
            if !file.isText { try refuseArgumentsThatAreNoText(besides: []) }
            let path = try HubModel.path(of: model, language: language, isQuiet: json)
            let loaded = try ModelLoader.load(
                path: path, labelsPath: labels, language: language)
            var summary = try LongWork.named("reading \(path)", .bytes) {
                () throws(CheckpointError) in try ModelSummary(loaded)
            }
            if ProcessorFolder.hasLanguageModel(loaded.folder) {
                do throws(DecoderFileError) {
                    let folder = try ProcessorFolder(loaded.folder, vocabulary: loaded.vocabulary)
                    summary.languageModelPath = folder.languageModelPath
                } catch {
                    summary.warnings.append("--lm auto cannot be used: \(error)")
                }
            }
            try StandardOutput.write(
                json ? summary.json + "\n" : summary.text(listsTensors: tensors))
            return 0
        }
    }
}
