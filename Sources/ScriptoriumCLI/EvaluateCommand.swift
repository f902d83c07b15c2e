internal import ArgumentParser
internal import ErrorRates
internal import Glibc
internal import JobLaunch
internal import JobVerification

/// How right an output is, where rows have references.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Word and character error rates of an output against its references.",
        discussion: """
            Compares `pred_text` with `text` in each row of an output manifest. Rows without a \
            reference are left out and counted; rows without a transcript count all words as deleted. \
            Hours are of decoded audio where the job's journal is still there, and otherwise by the \
            rows' durations.

            Examples:
              scriptorium evaluate transcripts.jsonl
              scriptorium evaluate transcripts.jsonl --by speaker --normalizer none
            """)

    @Argument(help: "An output manifest.", completion: .file(extensions: ["jsonl", "json"]))
    var output: String

    @Option(help: ArgumentHelp("Also by this field of the rows.", valueName: "field"))
    var by: String?

    @Option(
        help: ArgumentHelp(
            "basic (upper case, no punctuation, equivalent spellings equal) or none (code points).",
            valueName: "name"))
    var normalizer: TextNormalizer = .basic

    @Option(help: ArgumentHelp("The field that holds the reference.", valueName: "field"))
    var reference = "text"

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    func run() throws {
        try reporting {
            if access(output, F_OK) != 0 { throw CommandFailure.noOutput(output) }
            let evaluation = try OutputEvaluation(
                of: output, reference: reference, by: by, normalizer: normalizer)
            LongWork.end()
            try StandardOutput.write(json ? evaluation.json : evaluation.text)
            return 0
        }
    }
}

extension TextNormalizer: ExpressibleByArgument {}
