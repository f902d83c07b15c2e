internal import ArgumentParser
internal import CommandOptions
internal import Glibc
internal import JobLaunch
internal import Manifests
internal import ModelLoading
internal import Processes
internal import Provenance
internal import SpeechTypes

/// Stored log-probabilities to text, by any decoder.
struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Decode stored log-probabilities, with another decoder or another engine's.",
        discussion: """
            With --logits FOLDER the rows are those of an output (or of the manifest that it was made of) whose \
            log-probabilities --save-logits wrote there: nothing is computed again, so that another language \
            model or other weights take moments.

            Otherwise MANIFEST has rows with logits_filepath: NumPy files (.npy) of float16 or float32 \
            natural-log probabilities [frames, classes], of any engine. --alphabet names their classes; \
            without it, the model does.

            \(ProcessSettings.help)

            Examples:
              scriptorium transcribe rows.jsonl --model m/ --save-logits logits -o out.jsonl
              scriptorium decode out.jsonl --logits logits --lm 4-gram.arpa.gz -o better.jsonl
              scriptorium decode out.jsonl --logits logits --lm auto --alpha 0.8 --beta -1 -o other.jsonl
              scriptorium decode out.jsonl --logits logits --calibration x.calibration -o better.jsonl
              scriptorium decode stored.jsonl --alphabet alphabet.json --beam 50 --nbest 5 -o out.jsonl
              scriptorium decode stored.jsonl --model hf:facebook/wav2vec2-base-960h -o out.jsonl
            """)

    @Argument(
        help: ArgumentHelp("Manifest, or - for one on standard input.", valueName: "manifest"),
        completion: .file())
    var inputs: [String]

    @Option(
        help: ArgumentHelp(
            "The folder that --save-logits wrote; its rows are those of the manifest.",
            discussion: """
                Its alphabet.json names the classes, unless --alphabet does. --model is asked only for its \
                language model then (--lm auto); without it, the model of the output's report is.
                """,
            valueName: "folder"), completion: .directory)
    var logits: String?

    @OptionGroup var alphabet: AlphabetOption
    @OptionGroup var job: JobOptions

    func validate() throws {
        try alphabet.validateJob(job, takesModelToo: logits != nil)
        // Rows of a part are numbered anew, so each would be read from another row's file.
        if logits != nil, job.part != nil {
            throw ValidationError(
                "log-probabilities lie under the numbers of all rows, and a part has its own: decode the output of "
                    + "a part with the folder that the part wrote, or leave --part out")
        }
    }

    func run() throws {
        try refuseArgumentsThatAreNoText(besides: inputs.map { RawArguments.path(of: $0) })
        try reporting {
            let audioFeatures = try AudioFeaturesOfInputs.path(
                of: inputs, for: job.records.calibration, isPart: job.part != nil)
            guard let logits else {
                var request = job.request(
                    inputs: inputs, workers: alphabet.workers, audioFeatures: audioFeatures)
                alphabet.apply(to: &request)
                request.furtherPaths = [ManifestRow.logitsKey]
                return try JobLauncher(request).run()
            }
            let folder = try Self.folder(logits)
            var request = job.request(
                inputs: inputs, workers: alphabet.workers, logits: folder,
                modelFolder: try modelFolder(), audioFeatures: audioFeatures)
            request.model = ModelRequest(name: try classes(in: folder), labels: nil)
            return try JobLauncher(request).run()
        }
    }

    private static func folder(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else {
            throw CommandFailure(
                ExitStatus.usage, "\(path): there is no such folder; name the one of --save-logits")
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The file that names the classes.
    private func classes(in folder: String) throws -> String {
        if let alphabet = alphabet.alphabet { return alphabet }
        let own = "\(folder)/\(Alphabet.fileName)"
        guard access(own, R_OK) == 0 else {
            throw CommandFailure(
                ExitStatus.usage,
                "\(folder) has no \(Alphabet.fileName), which names the classes: name a file that does with "
                    + "--alphabet")
        }
        return own
    }

    /// The folder whose language model `--lm auto` takes: of the model that is named, or of the one that the
    /// log-probabilities are of.
    private func modelFolder() throws -> String? {
        guard job.decoding.takesOwnLanguageModel else { return nil }
        if job.model.files.model != nil {
            var request = job.model.files.request
            request.takesLanguageModel = true
            return try request.path(isQuiet: job.quiet)
        }
        guard let input = inputs.first, inputs.count == 1 else { return nil }
        return try ReportFile.read(ReportFile.path(ofOutput: input))?.model
    }
}
