package import ArgumentParser
internal import CTCDecoding
internal import Glibc
internal import JobLaunch
package import ModelLoading
package import SpeechTypes
internal import SystemErrors

/// Options that shape records; they travel to every worker with the job.
package struct RecordOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Channels to transcribe: mix, first, each, a number from 0, or row (the one that the row's channel "
                + "names). mix unless given; row for lists that tell channels, such as Kaldi's and lhotse's.",
            valueName: "policy"))
    package var channels: Channels?

    @Option(
        help: ArgumentHelp(
            "Audio beyond 37.2 s: grid (chunks of 30 s with context), speech (windows around speech; the rest is "
                + "not computed, and records say how seconds were spent), or off (one pass).",
            valueName: "mode"))
    package var chunk: RecognitionOptions.Chunking = .grid

    @Option(
        help: ArgumentHelp(
            "With --chunk speech: where somebody speaks, and who, as another program found it (RTTM, or Kaldi's "
                + "segments).",
            discussion: """
                Recordings are called by their files' names without what follows the last dot, or by rows' \
                ids. What it says of a recording goes into its rows as speech_segments; in recordings that it \
                does not name speech is looked for as without it.
                """,
            valueName: "file"),
        completion: .file())
    package var segments: String?

    @Option(
        help: ArgumentHelp(
            "With --chunk speech: the member of rows that says where somebody speaks, "
                + "[{\"start\":0.5,\"end\":3.2,\"speaker\":\"ann\"},…] or [[0.5,3.2],…].",
            valueName: "name"))
    package var segmentsField: String?

    @Option(
        help: ArgumentHelp(
            "The member of rows that names the language of each (de, deu), of a model that keeps languages apart.",
            discussion: """
                All languages share one backbone in memory. Rows that name none are read in --language, or \
                rejected without it; rows that name another than the model has are rejected. Records say \
                model_language. Workers of other machines are given --language every.
                """,
            valueName: "name"))
    package var languageField: String?

    @Option(
        help: ArgumentHelp(
            "With --language-field: the only languages that rows may name, with commas between them.",
            discussion: """
                Without it, all that the model has. Of hf: names what the model has for each of them is fetched; \
                workers of other machines are given the same list as --language.
                """,
            valueName: "list"))
    package var languages: String?

    @Flag(
        help: ArgumentHelp(
            "Tell who speaks after whom (turns): of all channels with --channels each, or of the speakers that "
                + "--segments names."))
    package var turns = false

    @Option(
        help: ArgumentHelp(
            "Write each row's log-probabilities to FOLDER/<ordinal>.npy; decode --logits reads them.",
            discussion: "Parts (--part) number their rows from 0: give each a folder of its own.",
            valueName: "folder"),
        completion: .directory)
    package var saveLogits: String?

    @Option(
        help: ArgumentHelp(
            "Store log-probabilities as f32, or as f16 in half the space.", valueName: "format"))
    package var logitsFormat: RecognitionOptions.LogitsFormat?

    @Flag(help: "Store log-probabilities of many rows in a file (tar), not each in its own.")
    package var logitsShards = false

    @Option(
        help: ArgumentHelp(
            "Weight of the blank symbol; the checkpoint's own by default.", valueName: "weight"))
    package var blankWeight: Float?

    @Option(
        help: ArgumentHelp(
            "How the blank weight is applied: add or set.", valueName: "mode"))
    package var blankMode: BlankMode?

    @Option(
        help: ArgumentHelp(
            "Hourglass models: single, or batch for the reference's padded-batch result.",
            valueName: "mode"))
    package var hourglassPadding: RecognitionOptions.HourglassPadding = .single

    @Option(
        help: ArgumentHelp(
            "What makes text of the model's output: "
                + DecoderList.all.map { "\($0.name) (\($0.help))" }.joined(separator: ", ") + ".",
            valueName: "name[:setting=value,…]"))
    package var decoder: DecoderChoice = .greedy

    @Option(
        help: ArgumentHelp(
            "Times and confidence of words, of words and characters, or none: word, char, none. "
                + "Words unless the job was begun otherwise.",
            valueName: "level"))
    package var timestamps: RecognitionOptions.Timestamps?

    @Flag(
        help: ArgumentHelp(
            "Write what each row is like to OUT.features.jsonl, for choosing rows.",
            discussion: """
                How sure the model was, how much is blank, silent, clipped or said twice, the level and \
                the bandwidth: manifests/README.md names the fields, docs/numerics.md defines them.
                """))
    package var features = false

    @Option(
        help: ArgumentHelp(
            "Say in each record what errors are to be expected, by what scriptorium calibrate wrote.",
            discussion: """
                expected_wer is of the row, calibrated_confidence the probability of a word to be right; \
                confidence stays as it is. docs/pseudo-labels.md explains them.
                """,
            valueName: "file"), completion: .file())
    package var calibration: String?

    package init() {}

    package struct Channels: ExpressibleByArgument {
        package let policy: ChannelPolicy

        package init?(argument: String) {
            guard let policy = ChannelPolicy(argument) else { return nil }
            self.policy = policy
        }
    }

    package func validate() throws {
        if let blankWeight, !blankWeight.isFinite {
            throw ValidationError("--blank-weight must be a number")
        }
        if saveLogits == nil, logitsFormat != nil || logitsShards {
            throw ValidationError(
                "--logits-format and --logits-shards are about --save-logits FOLDER; give it too")
        }
        if segments != nil || segmentsField != nil {
            guard chunk == .speech else {
                throw ValidationError(
                    "--segments and --segments-field say where speech is, which only --chunk speech "
                        + "computes alone; add that")
            }
            guard segments == nil || segmentsField == nil else {
                throw ValidationError("--segments and --segments-field are two ways; give one")
            }
            if let segmentsField, !(1...256).contains(segmentsField.utf8.count) {
                throw ValidationError("--segments-field is the name of a member of rows")
            }
        }
        if let languageField {
            guard (1...256).contains(languageField.utf8.count) else {
                throw ValidationError("--language-field is the name of a member of rows")
            }
            guard saveLogits == nil else {
                throw ValidationError(
                    "--save-logits keeps one alphabet beside its files, and each language has one of its "
                        + "own; leave it or --language-field out")
            }
            guard calibration == nil else {
                throw ValidationError(
                    "--calibration was measured in one language; leave it or --language-field out")
            }
        } else if languages != nil {
            throw ValidationError(
                "--languages are those that rows name: say with --language-field where")
        }
        if turns, channels?.policy != .each, segments == nil, segmentsField == nil {
            throw ValidationError(
                "--turns tells who speaks after whom: of channels with --channels each, or of speakers "
                    + "that --segments or --segments-field names; add one of them")
        }
        do throws(DecoderError) {
            _ = try DecoderList.configure(decoder)
        } catch {
            throw ValidationError("--decoder: \(error)")
        }
    }

    /// The options of a job with this model; makes the folder for log-probabilities.
    ///
    /// - Parameter begun: what the job was begun with; nil for a new one. Its level of times stays where
    ///   the command line names none: jobs of earlier releases have no times.
    package func recognitionOptions(
        for model: RecognitionModel, begun: RecognitionOptions?
    ) throws -> RecognitionOptions {
        var options = RecognitionOptions()
        options.channels = channels?.policy ?? .mix
        options.chunking = chunk
        options.hourglassPadding = hourglassPadding
        options.decoder = decoder
        options.hasFeatures = features
        options.hasTurns = turns
        options.segmentsField = segmentsField
        options.languageField = languageField
        options.isCalibrated = calibration != nil
        options.timestamps = timestamps ?? begun?.timestamps ?? .word
        if case .network(let network) = model {
            options.sampleRate = network.sampleRate
            options.blankWeight = blankWeight ?? network.blankWeight
            options.blankMode = blankMode ?? network.blankMode
        }
        if let saveLogits {
            guard mkdir(saveLogits, 0o777) == 0 || errno == EEXIST,
                let resolved = realpath(saveLogits, nil)
            else {
                throw CommandFailure(
                    64, "cannot make the folder \(saveLogits): \(SystemError.text(of: errno))")
            }
            options.logitsDirectory = String(cString: resolved)
            options.logitsFormat = logitsFormat ?? .f32
            options.hasLogitsShards = logitsShards
            free(resolved)
        }
        return options
    }
}

extension RecognitionOptions.Chunking: ExpressibleByArgument {}
extension RecognitionOptions.Timestamps: ExpressibleByArgument {}
extension RecognitionOptions.LogitsFormat: ExpressibleByArgument {}
extension BlankMode: ExpressibleByArgument {}

extension DecoderChoice: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }

    package var defaultValueDescription: String { text }
}

extension RecognitionOptions.HourglassPadding: ExpressibleByArgument {}
