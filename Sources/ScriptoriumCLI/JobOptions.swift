internal import ArgumentParser

/// What transcribe and coordinate have in common.
struct JobOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The output manifest; - for records on standard output.",
            discussion: """
                One record for each input row, in input order. OUT.report.json says how it went; \
                OUT.job keeps what is done, so that the same command goes on after any interruption.
                """,
            valueName: "out"), completion: .file(extensions: ["jsonl"]))
    var output: String?

    @Flag(help: "Begin again, whatever the output and its job folder hold.")
    var overwrite = false

    @Flag(help: "Try rows that an earlier run quarantined again, with new budgets.")
    var retryQuarantined = false

    @Flag(help: "Say what would be done: rows, hours, missing files, expected time.")
    var dryRun = false

    @Flag(help: "No progress and no notices; errors only.")
    var quiet = false

    @Option(
        help: ArgumentHelp(
            "Seconds that a row which was lost alone rests (ClusterLimits.calm).",
            visibility: .private))
    var calm: Int?

    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "What records say") var records: RecordOptions
    @OptionGroup(title: "This machine") var machine: MachineOptions

    func validate() throws {
        if let calm, !(1...86_400).contains(calm) {
            throw ValidationError("--calm is 1 to 86400 seconds")
        }
    }
}
