internal import ArgumentParser
internal import ClusterRuntime
internal import ClusterSecurity
internal import CommandOptions
internal import InputForms
internal import JobLaunch
internal import StrictJSON

/// Audio or a manifest in, a complete manifest out: a coordinator and its own workers.
struct TranscribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcribe",
        abstract: "Transcribe audio on this machine.",
        discussion: """
            INPUT is \(InputForms.help). Of a folder, every file is a \
            row that has the name of a recording or that a decoder knows by its content; what is \
            left out is counted. Every input row gets one record, whatever happens. Interrupt it, \
            kill it: the same command goes on, and the output is the same bytes.

            \(ProcessSettings.help)

            Examples:
              scriptorium transcribe talk.flac
              scriptorium transcribe archive/ --model hf:facebook/wav2vec2-base-960h -o archive.jsonl
              scriptorium transcribe rows.jsonl --model finetuned.pt -o out.jsonl --workers 2
              scriptorium transcribe rows.jsonl --calibration archive.calibration -o out.jsonl
              scriptorium transcribe rows.jsonl -o - --quiet | jq -r .pred_text
              scriptorium transcribe data/train/wav.scp -o train.jsonl
              scriptorium transcribe clips.csv.gz --column audio=clip -o clips.jsonl
            """)

    @Argument(
        help: ArgumentHelp("Manifest, audio file, folder, pattern, or -.", valueName: "input"),
        completion: .file())
    var inputs: [String]

    @OptionGroup var job: JobOptions

    @Option(
        help: ArgumentHelp(
            "Worker processes; threads share one copy of the weights, processes survive each other.",
            valueName: "n"))
    var workers = 1

    func validate() throws {
        guard (1...256).contains(workers) else {
            throw ValidationError("--workers must be 1 to 256")
        }
        if job.output == nil, !job.dryRun, inputs.count > 1 {
            throw ValidationError("give -o OUT.jsonl for the records of several inputs, or -o -")
        }
    }

    func run() throws {
        try refuseArgumentsThatAreNoText(besides: inputs.map { RawArguments.path(of: $0) })
        try reporting {
            try JobLauncher(job.request(inputs: inputs, workers: workers)).run()
        }
    }
}

/// Serve a job to workers that connect from anywhere.
struct CoordinateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinate",
        abstract: "Serve a job to workers on this and other machines.",
        discussion: """
            Workers come, go and crash as they like; what is recorded stays recorded. Ctrl-C stops \
            the job in order; the same command goes on. Only workers whose keys are allowed here \
            get in (scriptorium keys). cluster/README.md has the whole recipe.

            \(ProcessSettings.help)

            Examples:
              scriptorium coordinate rows.jsonl --model m.pt -o out.jsonl --listen tcp://10.0.0.5:7100
              scriptorium status out.jsonl
            """)

    @Argument(
        help: ArgumentHelp("Manifest, audio file, folder, pattern, or -.", valueName: "input"),
        completion: .file())
    var inputs: [String]

    @Option(
        help: ArgumentHelp(
            "Where workers connect: tcp://ADDRESS:PORT or ipc://PATH. May be repeated.",
            valueName: "endpoint"))
    var listen: [String] = ["tcp://127.0.0.1:7100"]

    @OptionGroup var keys: KeysOption

    @Flag(help: "Allow tcp without keys and encryption; keep it on loopback.")
    var insecurePlaintext = false

    @Option(help: ArgumentHelp("Worker processes on this machine too.", valueName: "n"))
    var workers = 0

    @OptionGroup var job: JobOptions

    func validate() throws {
        guard (0...256).contains(workers) else {
            throw ValidationError("--workers must be 0 to 256")
        }
        guard job.output != nil || job.dryRun else { throw ValidationError("give -o OUT.jsonl") }
    }

    func run() throws {
        try refuseArgumentsThatAreNoText(besides: inputs.map { RawArguments.path(of: $0) })
        try reporting {
            var request = job.request(inputs: inputs, workers: workers)
            request.listen = listen
            request.security = insecurePlaintext ? .plaintext : try security()
            return try JobLauncher(request).run()
        }
    }

    /// Keys are for the network; none are needed where all workers are on this machine.
    private func security() throws -> ListenSecurity {
        let folder = try keys.folder()
        let isLocal = listen.allSatisfy { $0.hasPrefix("ipc:") }
        return isLocal || !folder.hasSecret ? .ipcOnly : .curve(folder)
    }
}
