internal import ArgumentParser
internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import JobLaunch
internal import JobOutput
internal import Processes

/// What is recorded so far, as a manifest of its own.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the records that there are by now, at any time.",
        discussion: """
            OUT itself is written when every row has its record, whole or not at all. export --now \
            writes the records of all rows that are done to another file, OUT.now.jsonl for \
            OUT.jsonl, in input order and whole or not at all too, whether or not a coordinator \
            works on the job. Rows that are still open have no line in it, so OUT.now.rows says of \
            each line which row it is, counted from 0. Each line is what the output will have for \
            its row (rows that are tried again later may end otherwise). It is no output: verify \
            and join do not take it for one.

            Examples:
              scriptorium export transcripts.jsonl --now
              paste transcripts.now.rows transcripts.now.jsonl
            """)

    @Argument(
        help: ArgumentHelp("The output of a job on this machine.", valueName: "out"),
        completion: .file())
    var output: String

    @Flag(help: "Write what can be written by now.")
    var now = false

    /// A long output takes its time.
    private static let answerMilliseconds = 3_600_000

    func validate() throws {
        guard now else {
            throw ValidationError(
                "the job writes \(output) itself when it is done; --now writes what is recorded")
        }
    }

    func run() throws {
        try reporting {
            let sentence: String
            do {
                sentence = try StoredJob(output).exportSnapshot(ofOutput: output)
            } catch let error as RuntimeError where error.code == .superseded {
                sentence = try askCoordinator()
            }
            try StandardOutput.write("\(sentence)\n")
            return ExitStatus.done
        }
    }

    private func askCoordinator() throws -> String {
        let endpoint = try JobFolder.endpoint(ofOutput: output)
        let client = try OperatorClient(to: endpoint, security: .ipcOnly)
        guard
            let answer = try client.obey(.export, withinMilliseconds: Self.answerMilliseconds)
        else { throw CommandFailure.noAnswer(endpoint) }
        guard answer.isDone else { throw CommandFailure(ExitStatus.tryAgain, answer.sentence) }
        return answer.sentence
    }
}
