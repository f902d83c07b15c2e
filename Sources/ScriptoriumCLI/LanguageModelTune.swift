internal import ArgumentParser
internal import CTCDecoding
internal import CommandOptions
internal import DecoderFiles
internal import DecoderTuning
internal import ErrorRates
internal import Files
internal import Glibc
internal import JobLaunch
internal import Logging
internal import ModelLoading
internal import Processes
internal import SpeechTypes
internal import TextNormalizers
internal import Threading
internal import Transcription

/// Finds the weights of a language model.
struct LanguageModelTune: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract: "Find the weights of a language model on rows whose text is known.",
        discussion: """
            OUT is an output of transcribe whose rows have the text that was said, and --logits the \
            folder that its --save-logits wrote (or its rows have logits_filepath). Its rows are decoded \
            again with every pair of --alphas and --betas, then with pairs between the best ones; the \
            acoustic model computes nothing. --alpha and --beta are what the outcome is compared with; \
            all other settings of the decoder stay as they are given. The last line is what to give to transcribe and decode.

            Tune on rows that are in no figure that you report: weights are fitted to them. A few \
            hundred rows do; the interval says whether what was gained may be chance.

            Examples:
              scriptorium transcribe dev.jsonl -o dev.out.jsonl --save-logits logits
              scriptorium lm tune dev.out.jsonl --logits logits --lm 4-gram.bin
              scriptorium lm tune dev.out.jsonl --logits logits --lm lm.bin --svg surface.svg --json
            """)

    @Argument(help: "An output manifest.", completion: .file(extensions: ["jsonl", "json"]))
    var output: String

    @Option(
        help: ArgumentHelp(
            "The folder that --save-logits wrote; else the rows have logits_filepath.",
            discussion: "Its alphabet.json names the classes, unless --alphabet or --model does.",
            valueName: "folder"), completion: .directory)
    var logits: String?

    @OptionGroup var model: ModelFiles

    @Option(
        help: ArgumentHelp(
            "The classes of the log-probabilities, in place of a model.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var alphabet: String?

    @OptionGroup var decoding: DecodingOptions

    @Option(help: ArgumentHelp("Weights of the language model to try.", valueName: "numbers"))
    var alphas = "0,0.25,0.5,0.75,1,1.5,2"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What a word may add, to try.", valueName: "numbers"))
    var betas = "-1,0,0.5,1,1.5,2,3"

    @Option(help: ArgumentHelp("The field that holds the text.", valueName: "field"))
    var reference = "text"

    @Option(
        help: ArgumentHelp(
            "How texts are compared: basic, english or none, as in evaluate.", valueName: "name"))
    var normalizer: TextNormalizer = .basic

    @Option(
        help: ArgumentHelp(
            "Write the error rates over both weights as a picture.", valueName: "file"),
        completion: .file(extensions: ["svg"]))
    var svg: String?

    @Option(help: ArgumentHelp("Draws of the bootstrap.", valueName: "draws"))
    var bootstrap = BootstrapInterval.replicatesDefault

    @Option(
        help: ArgumentHelp(
            "Draw the rows that share this field, such as speaker, together.", valueName: "field"))
    var blocks: String?

    @Option(
        help: ArgumentHelp(
            "Of the draws: the same seed gives the same interval.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Threads that decode; else all processors.", valueName: "n"))
    var threads: Int?

    @Flag(help: "One JSON object with all that was tried, instead of lines.")
    var json = false

    private static let valuesMax = 100

    /// Ascending numbers; nil for anything else.
    private static func numbers(_ text: String, _ range: ClosedRange<Double>) -> [Double]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Double($0) }
        guard numbers.count == parts.count, numbers.count <= valuesMax,
            numbers.allSatisfy(range.contains), zip(numbers, numbers.dropFirst()).allSatisfy(<)
        else { return nil }
        return numbers
    }

    private var alphaValues: [Double]? { Self.numbers(alphas, 0...100) }
    private var betaValues: [Double]? { Self.numbers(betas, -100...100) }

    func validate() throws {
        guard alphaValues != nil, betaValues != nil else {
            throw ValidationError(
                "--alphas (from 0) and --betas are numbers between commas, each greater than the one "
                    + "before: --alphas 0,0.5,1")
        }
        guard (1...BootstrapInterval.replicatesMax).contains(bootstrap) else {
            throw ValidationError("--bootstrap takes 1 to \(BootstrapInterval.replicatesMax) draws")
        }
        guard threads.map({ (1...1_024).contains($0) }) ?? true else {
            throw ValidationError("--threads must be 1 to 1024")
        }
        guard decoding.lm.map({ $0 != "none" }) ?? false else {
            throw ValidationError("give --lm FILE: the weights are those of a language model")
        }
        guard decoding.hotwordsField == nil else {
            throw ValidationError(
                "hotwords of single rows have no part in this: leave --hotwords-field out")
        }
        guard alphabet == nil || model.model == nil && model.labels == nil else {
            throw ValidationError(
                "--alphabet stands in place of a model; leave it or --model and --labels out")
        }
    }

    func run() throws {
        try reporting {
            guard let alphaValues, let betaValues else { return ExitStatus.usage }
            guard access(output, F_OK) == 0 else { throw CommandFailure.noOutput(output) }
            try refuseInputAsPicture()
            let comparison = TextComparison(normalizer: normalizer)
            let rows = try TuningRows(
                output: output, logits: try logits.map { try LogitsFolder($0) }, field: reference,
                blocks: blocks,
                normalized: comparison.normalizer.words)
            guard !rows.rows.isEmpty else { throw nothingToTuneOn(rows) }
            let recognition = try recognitionModel()
            let plan = try decoding.plan(
                for: recognition, decoder: DecoderChoice(name: BeamDecoder.name))
            for warning in try plan.check(vocabulary: recognition.vocabulary) {
                ProgramLog.logger.warning("\(warning)")
            }
            let tuning = DecoderTuning(
                rows: rows, vocabulary: recognition.vocabulary, artefacts: try plan.files.load(),
                comparison: comparison, settings: try BeamSettings(plan.choice.settings),
                threads: threads ?? MachineResources.cores,
                baseFolder: PathBytes(output).folder.text)
            let search = TuningSearch(alphas: alphaValues, betas: betaValues)
            let outcome = try LongWork.named("decoding \(rows.rows.count) rows again", .rows) {
                try tuning.run(search, replicates: bootstrap, seed: seed)
            }
            LongWork.end()
            if let svg {
                let picture = SurfacePicture(
                    outcome.search, wordCount: outcome.greedy.words.referenceCount)
                try AtomicFile.write(picture.svg.utf8, to: svg)
            }
            try StandardOutput.write(json ? outcome.json(rows: rows) : outcome.text(rows: rows))
            return ExitStatus.done
        }
    }

    private func recognitionModel() throws -> RecognitionModel {
        var request = model.request
        if let classes = alphabet ?? ownAlphabet { request.name = classes }
        return try request.loadForJob(request.path(isQuiet: false), isQuiet: true)
    }

    /// The classes as `--save-logits` left them, where no model is named.
    private var ownAlphabet: String? {
        guard let logits, model.model == nil else { return nil }
        let path = "\(logits)/\(Alphabet.fileName)"
        return access(path, R_OK) == 0 ? path : nil
    }

    private func nothingToTuneOn(_ rows: TuningRows) -> CommandFailure {
        let help =
            rows.withoutLogits > 0
            ? logits.map { "\($0) has none of its rows, 0.npy and so on" }
                ?? "its rows have no logits_filepath: give --logits FOLDER"
            : "no row has a text in the field \(reference): name another with --reference"
        return CommandFailure(ExitStatus.usage, "\(output) has no rows to tune on: \(help)")
    }

    private func refuseInputAsPicture() throws {
        guard let svg, let place = PathBytes(svg).resolved else { return }
        for input in [output, decoding.lm].compactMap(\.self)
        where PathBytes(input).resolved == place {
            throw CommandFailure(
                ExitStatus.usage, "--svg \(svg) would replace what is read; choose another name")
        }
    }
}
