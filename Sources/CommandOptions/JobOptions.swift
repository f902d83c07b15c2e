package import ArgumentParser
internal import DecoderFiles
package import InputForms
package import JobLaunch
internal import LanguageCodes
internal import ModelLoading
internal import RemoteAudio
package import SpeechTypes

/// What transcribe and coordinate have in common.
package struct JobOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The output manifest; - for records on standard output.",
            discussion: """
                One record for each input row, in input order. OUT.report.json says how it went; \
                OUT.job keeps what is done, so that the same command goes on after any interruption. \
                s3://BUCKET/KEY is written here first (--job-folder), and sent when it is whole.
                """,
            valueName: "out"), completion: .file(extensions: ["jsonl"]))
    package var output: String?

    @Option(
        help: ArgumentHelp(
            "Where an output that goes to an object store is kept on this machine, with its job.",
            discussion: "Without it, the working folder.", valueName: "folder"),
        completion: .directory)
    package var jobFolder: String?

    @Flag(help: "Begin again, whatever the output and its job folder hold.")
    package var overwrite = false

    @Flag(
        help: """
            Go on after rows of the input were changed, moved or removed: those that it still has \
            keep their records. (Rows added at its end need no flag.)
            """)
    package var reconcile = false

    @Flag(help: "Try rows that an earlier run quarantined again, with new budgets.")
    package var retryQuarantined = false

    @Flag(
        help: ArgumentHelp(
            "Compute audio that several rows ask for once.",
            discussion: """
                Rows with the same span of a file with the same bytes get their own records all the same, \
                and the output is the same, byte for byte; OUT.digests.jsonl names the row that each \
                shares its audio with.
                """))
    package var dedupe = false

    @Flag(
        help: ArgumentHelp(
            "In folders that are inputs, follow links to folders and out of the folder.",
            discussion: """
                Without it, only links to files below the same folder are followed. What is left out \
                of folders is counted, by reason, in a notice and in OUT.report.json.
                """))
    package var followLinks = false

    @Option(
        help: ArgumentHelp(
            "The form that all inputs have: \(InputForms.choices.joined(separator: ", ")).",
            discussion: """
                Without it, names and first lines tell. A folder is then all its recordings; as kaldi, \
                lhotse or audiofolder it is what its lists name.
                """,
            valueName: "name"),
        completion: .list(InputForms.choices))
    package var inputForm: String?

    @Option(
        help: ArgumentHelp(
            "What a column of a .csv or .tsv is, where its name does not tell; may be repeated.",
            discussion: """
                ROLE is \(ColumnRole.allCases.map(\.rawValue).joined(separator: ", ")); for example \
                --column audio=clip --column text=words.
                """,
            valueName: "role=name"))
    package var column: [ColumnArgument] = []

    @Option(
        help: ArgumentHelp(
            "The tar archives whose members the rows of a manifest are; may be repeated.",
            discussion: """
                NeMo's tarred_audio_filepaths: audio__OP_0..127_CL_.tar, 'audio_{0..127}.tar', or an address \
                (s3://bucket/audio__OP_0..127_CL_.tar). A row's shard_id, or the number in its manifest's name, says \
                which; without either all are looked through. Archives called audio_ID.tar beside a manifest \
                with shard_id are found without it.
                """,
            valueName: "pattern"),
        completion: .file(extensions: ["tar"]))
    package var tar: [String] = []

    @Flag(
        help: ArgumentHelp(
            "Run the commands that lists have in the place of recordings (wav.scp: sox a.wav -t wav - |).",
            discussion: """
                Such a list can do whatever its workers' user can; workers of other machines refuse the job \
                unless they are started with the same option.
                """))
    var allowCommands = false

    @OptionGroup package var sources: SourceOptions

    @Option(
        help: ArgumentHelp(
            "Do only the K-th of N parts of the rows; each part is a job with an output of its own.",
            discussion: "scriptorium join makes one output of them all.", valueName: "k/n"))
    package var part: JobPart?

    @Flag(
        help: ArgumentHelp(
            "End with 0, not 3, when all rows are done and some have no transcript.",
            discussion: """
                For schedulers that know only success: the report counts such rows, and the output says why.
                """))
    package var acceptFailedRows = false

    @Flag(help: "Say what would be done: rows, hours, missing files, expected time.")
    package var dryRun = false

    @Flag(help: "No progress and no notices; errors only.")
    package var quiet = false

    @Option(
        help: ArgumentHelp(
            "Seconds that a row which was lost alone rests (ClusterLimits.quietPeriod).",
            visibility: .private))
    package var calm: Int?

    @OptionGroup package var trace: TraceOption
    @OptionGroup package var http: DashboardOptions
    @OptionGroup(title: "Notices") package var notices: NoticeOptions
    @OptionGroup(title: "Model") package var model: ModelOptions
    @OptionGroup(title: "What records say") package var records: RecordOptions
    @OptionGroup(title: "How text is found") package var decoding: DecodingOptions
    @OptionGroup(title: "This machine") package var machine: MachineOptions

    package init() {}

    package func validate() throws {
        if reconcile, overwrite {
            throw ValidationError("--reconcile keeps records and --overwrite drops them; give one")
        }
        if let inputForm, !InputForms.choices.contains(inputForm) {
            throw ValidationError(
                "--input-form is one of \(InputForms.choices.joined(separator: ", "))")
        }
        let object = try ObjectOutput.named(output)
        if jobFolder != nil, object == nil {
            throw ValidationError(
                "--job-folder is for outputs in an object store; others have their job beside them")
        }
        if object?.isFolder == true {
            throw ValidationError(
                "name the object that is written: -o s3://BUCKET/FOLDER/OUT.jsonl")
        }
        if let twice = Dictionary(grouping: column, by: \.role).first(where: { $0.value.count > 1 })
        {
            throw ValidationError("--column names \(twice.key.rawValue) twice")
        }
        if records.features, output == nil || output == "-" {
            throw ValidationError(
                "--features writes a file beside the output: name a file with -o OUT.jsonl, or leave "
                    + "--features out")
        }
        if dedupe, records.saveLogits != nil {
            throw ValidationError(
                "--save-logits wants every row computed; leave it or --dedupe out")
        }
        if dedupe, decoding.hotwordsField != nil {
            throw ValidationError(
                "--dedupe copies records of equal audio, and hotwords may differ; leave it or "
                    + "--hotwords-field out")
        }
        if dedupe, records.languageField != nil {
            throw ValidationError(
                "--dedupe copies records of equal audio, and languages may differ; leave it or "
                    + "--language-field out")
        }
        if records.languageField != nil, decoding.usesFiles {
            throw ValidationError(
                "language models, lexicons and hotwords are of one language and its alphabet; do one job "
                    + "for each language with --language, or leave --language-field out")
        }
        if dedupe, records.segments != nil || records.segmentsField != nil {
            throw ValidationError(
                "--dedupe copies records of equal audio, and segments may differ; leave it or "
                    + "--segments out")
        }
        if let calm, !(1...86_400).contains(calm) {
            throw ValidationError("--calm is 1 to 86400 seconds")
        }
    }

    /// The job that these options ask for.
    ///
    /// - Parameters:
    ///   - logits: the folder of log-probabilities that are read in place of audio; absolute.
    ///   - modelFolder: whose language model `--lm auto` takes, where there is only an alphabet.
    ///   - audioFeatures: the file that says what the audio of log-probabilities is like; absolute.
    package func request(
        inputs: [String], workers: Int, logits: String? = nil, modelFolder: String? = nil,
        audioFeatures: String? = nil
    ) -> JobRequest {
        notices.begin(isQuiet: quiet)
        var request = JobRequest(
            inputs: inputs.map { RawArguments.path(of: $0) }, output: output,
            model: model.files.request, machine: machine.share, workers: workers,
            recognitionOptions: {
                [records, decoding, language = model.files.language] model, begun in
                var options = try records.recognitionOptions(for: model, begun: begun)
                options.decoder =
                    try decoding.plan(
                        for: model, decoder: records.decoder, folder: modelFolder
                    ).choice
                options.hotwordsField = decoding.hotwordsField
                options.logitsSource = logits
                if let language, options.languageField != nil {
                    options.standardLanguage = try model.languageName(language)
                }
                options.audioFeaturesSource = audioFeatures
                return options
            })
        if records.languageField != nil {
            request.model.language = records.languages ?? LanguageChoice.everyWord
        }
        request.asksForKeys = sources.keys.allowMetadataEndpoint
        if let object = try? ObjectOutput(output, asksForKeys: request.asksForKeys) {
            request.objectOutput = object
            request.output = "\(jobFolder ?? ".")/\(object.localName)"
        }
        request.model.takesLanguageModel = decoding.takesOwnLanguageModel
        request.decoding = { [records, decoding] model in
            var plan = try decoding.plan(
                for: model, decoder: records.decoder, folder: modelFolder)
            plan.files.paths[.calibration] = records.calibration
            return plan
        }
        request.suggestsLanguageModel = decoding.lm == nil
        request.arithmetic = model.arithmeticChoice
        request.arithmeticArguments = model.arithmeticArguments
        request.overwrites = overwrite
        request.reconciles = reconcile
        request.retriesQuarantined = retryQuarantined
        request.computesDuplicatesOnce = dedupe
        request.followsLinks = followLinks
        request.boundaries = records.segments.map { RawArguments.path(of: $0) }
        request.inputForm = inputForm
        request.allowsCommands = allowCommands
        request.tars = tar.map { RawArguments.path(of: $0) }
        request.allowedSources =
            sources.allowSource
            + (request.inputs + request.tars).compactMap { SourcePattern(input: $0) }
        request.columns = ColumnChoice(
            Dictionary(uniqueKeysWithValues: column.map { ($0.role, $0.name) }))
        request.channelsAreUsual = records.channels == nil
        request.part = part
        request.acceptsFailedRows = acceptFailedRows
        request.http = http.choice
        request.trace = trace.trace
        request.isDryRun = dryRun
        request.isQuiet = quiet
        request.calmSeconds = calm
        return request
    }
}

extension ObjectOutput {
    /// An output that is an object, or what is wrong with its address.
    static func named(_ output: String?, asksForKeys: Bool = false) throws -> ObjectOutput? {
        do throws(UploadError) {
            return try ObjectOutput(output, asksForKeys: asksForKeys)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}

/// `ROLE=NAME`: what a column of a table is.
package struct ColumnArgument: ExpressibleByArgument {
    package let role: ColumnRole
    package let name: String

    package init?(argument: String) {
        let sides = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard sides.count == 2, let role = ColumnRole(rawValue: sides[0]) else { return nil }
        self.role = role
        name = sides[1]
    }
}

extension JobPart: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
