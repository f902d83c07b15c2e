internal import ArgumentParser
internal import ClusterProtocol
internal import ClusterRuntime
internal import CommandOptions
internal import JobLaunch
internal import JobOutput
internal import Processes

/// Which running job a command is for.
struct OperatorOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The output of a job on this machine.", valueName: "out"),
        completion: .file())
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Where the coordinator listens; the key here needs the role operator there.",
            valueName: "endpoint"))
    var connect: String?

    @OptionGroup var connectOptions: ConnectOptions

    func validate() throws {
        if (output == nil) == (connect == nil) {
            throw ValidationError("give either -o OUT or --connect ENDPOINT")
        }
    }

    /// Hands a command to the coordinator and tells what came of it; the exit status.
    func obey(_ command: OperatorCommand) throws -> Int32 {
        let endpoint = try connect ?? JobFolder.endpoint(ofOutput: output ?? "")
        let client = try connectOptions.client(of: endpoint)
        guard let answer = try client.obey(command) else { throw CommandFailure.noAnswer(endpoint) }
        guard answer.isDone else { throw CommandFailure(ExitStatus.usage, answer.sentence) }
        try StandardOutput.write("\(answer.sentence)\n")
        return 0
    }
}

/// Let workers finish what they hold, and give them nothing more.
struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Let workers finish what they hold and give them no more rows, until resume.",
        discussion: """
            A pause outlives the coordinator: run again, the job is still paused.

            Examples:
              scriptorium pause -o transcripts.jsonl
              scriptorium pause --connect tcp://10.0.0.5:7100 --coordinator-key KEY
            """)

    @OptionGroup var job: OperatorOptions

    func run() throws { try reporting { try job.obey(.pause) } }
}

/// End a pause.
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on after pause, or after a pause because too many engines failed.",
        discussion: """
            Slots that were drained may work again, too.

            Example:
              scriptorium resume -o transcripts.jsonl
            """)

    @OptionGroup var job: OperatorOptions

    func run() throws { try reporting { try job.obey(.resume) } }
}

/// End one worker in order.
struct DrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Let one worker finish its batch and end; its other rows go to others.",
        discussion: """
            scriptorium status lists the slots. No worker of the slot is welcome until resume.

            Example:
              scriptorium drain 3f2a9c01/0 -o transcripts.jsonl
            """)

    @Argument(help: "The worker's slot.")
    var slot: String

    @OptionGroup var job: OperatorOptions

    func run() throws { try reporting { try job.obey(.drain(slot: slot)) } }
}

/// Try rows again that were given up.
struct RetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Try a row again that workers gave up, or all quarantined rows.",
        discussion: """
            Rows are tried with new budgets; the new outcome replaces the old one. Of a finished job, \
            run the same command again with --retry-quarantined.

            Examples:
              scriptorium retry 17 -o transcripts.jsonl       # the 18th row: rows count from 0
              scriptorium retry --all-quarantined -o transcripts.jsonl
            """)

    @Argument(help: "The row's place in the input, from 0, blank lines not counted.")
    var row: Int?

    @Flag(help: "All rows that are quarantined.")
    var allQuarantined = false

    @OptionGroup var job: OperatorOptions

    func validate() throws {
        if (row == nil) != allQuarantined {
            throw ValidationError("give either a row or --all-quarantined")
        }
        if let row, row < 0 { throw ValidationError("rows count from 0") }
    }

    func run() throws {
        try reporting { try job.obey(.retry(row.map { .row($0) } ?? .allQuarantined)) }
    }
}

/// Stop a job.
struct CancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Stop a job and its workers now; what is recorded stays recorded.",
        discussion: """
            The command that started the job goes on with it another time.

            Example:
              scriptorium cancel -o transcripts.jsonl
            """)

    @OptionGroup var job: OperatorOptions

    func run() throws { try reporting { try job.obey(.cancel) } }
}
