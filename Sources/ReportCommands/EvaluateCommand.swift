package import ArgumentParser
internal import CommandOptions
internal import ErrorRates
internal import Evaluation
internal import Glibc
internal import JobLaunch
internal import Processes
internal import SpeechTypes
internal import TextNormalizers

/// How right an output is, where rows have references.
package struct EvaluateCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Word and character error rates of an output against its references.",
        discussion: """
            Compares `pred_text` with `text` in each row of an output manifest. Rows without a \
            reference are left out and counted; rows without a transcript count all words as deleted. \
            Hours are of decoded audio where the job's journal is still there, and otherwise by the \
            rows' durations.

            --alignment levenshtein has as few errors as can be and counts them by kind as jiwer \
            does; sclite is that of NIST's tool. --stm takes references with times, in which some \
            words may be said otherwise or left out; the output's words are put to its segments by \
            their times. --compare holds another output of the same rows against this one and says \
            whether the difference may be chance (matched pairs, as NIST's sc_stats). \
            docs/evaluation.md says what each figure is.

            Examples:
              scriptorium evaluate transcripts.jsonl
              scriptorium evaluate transcripts.jsonl --by speaker --normalizer english
              scriptorium evaluate transcripts.jsonl --confusions 20 --worst 5 --rows rows.jsonl
              scriptorium evaluate new.jsonl --compare old.jsonl --bootstrap 1000
              scriptorium evaluate transcripts.jsonl --stm reference.stm --by speaker
            """)

    @Argument(help: "An output manifest.", completion: .file(extensions: ["jsonl", "json"]))
    var output: String

    @Option(help: ArgumentHelp("Also by this field of the rows.", valueName: "field"))
    var by: String?

    @Option(
        help: ArgumentHelp(
            "basic (upper case, no punctuation, equivalent spellings equal), english (whisper's: "
                + "numbers, contractions, American spellings) or none (code points).",
            valueName: "name"))
    var normalizer: TextNormalizer = .basic

    @Option(
        help: ArgumentHelp(
            "levenshtein (the default) or sclite (the default with --stm).", valueName: "name"))
    var alignment: AlignmentMethod?

    @Option(help: ArgumentHelp("The field that holds the reference.", valueName: "field"))
    var reference = "text"

    @Option(help: ArgumentHelp("The field that is compared with it.", valueName: "field"))
    var hypothesis = "pred_text"

    @Option(
        help: ArgumentHelp("References with times, scored by segment.", valueName: "file"),
        completion: .file(extensions: ["stm"]))
    var stm: String?

    @Option(
        help: ArgumentHelp(
            "Write each row's counts and alignment to this file, one JSON object a line.",
            valueName: "file"),
        completion: .file())
    var rows: String?

    @Option(help: ArgumentHelp("List this many rows with the most errors.", valueName: "count"))
    var worst = 0

    @Option(
        help: ArgumentHelp("List this many of the most frequent confusions.", valueName: "count"))
    var confusions = 0

    @Option(
        help: ArgumentHelp(
            "Another output of the same rows, to compare with.", valueName: "output"),
        completion: .file(extensions: ["jsonl", "json"]))
    var compare: String?

    @Option(
        help: ArgumentHelp(
            "An interval of 95% by this many draws, such as 1000.", valueName: "draws"))
    var bootstrap = 0

    @Option(
        help: ArgumentHelp(
            "Draw the rows that share this field, such as speaker, together.", valueName: "field"))
    var blocks: String?

    @Option(
        help: ArgumentHelp(
            "Of the draws: the same seed gives the same interval.", valueName: "number"))
    var seed: UInt64 = 1

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    private static let listedMax = 10_000

    package init() {}

    package func validate() throws {
        guard (0...BootstrapInterval.replicatesMax).contains(bootstrap) else {
            throw ValidationError("--bootstrap takes 0 to \(BootstrapInterval.replicatesMax) draws")
        }
        for (name, count) in [("--worst", worst), ("--confusions", confusions)] {
            guard (0...Self.listedMax).contains(count) else {
                throw ValidationError("\(name) lists 0 to \(Self.listedMax)")
            }
        }
        guard blocks == nil || bootstrap > 0 else {
            throw ValidationError("--blocks says what --bootstrap draws; give --bootstrap 1000 too")
        }
        if stm != nil {
            for (name, field) in [("--by", by), ("--blocks", blocks)] {
                guard field == nil || ["speaker", "file", "channel"].contains(field) else {
                    throw ValidationError("with --stm, \(name) is speaker, file or channel")
                }
            }
        }
    }

    package func run() throws {
        try reporting {
            for path in [output, compare, stm].compactMap(\.self) where access(path, F_OK) != 0 {
                throw CommandFailure.noOutput(path)
            }
            try refuseInputAsRowsFile()
            let evaluation = try OutputEvaluation(request)
            LongWork.end()
            try StandardOutput.write(json ? evaluation.json : evaluation.text)
            return 0
        }
    }

    private var request: EvaluationRequest {
        var request = EvaluationRequest(
            output: output,
            comparison: TextComparison(
                normalizer: normalizer,
                alignment: alignment ?? (stm == nil ? .levenshtein : .sclite)))
        request.reference = reference
        request.hypothesis = hypothesis
        request.by = by
        request.stm = stm
        request.other = compare
        request.rowsPath = rows
        request.worstCount = worst
        request.confusionCount = confusions
        request.replicates = bootstrap
        request.seed = seed
        request.blocks = blocks
        return request
    }

    private func refuseInputAsRowsFile() throws {
        guard let rows, let place = PathBytes(rows).resolved else { return }
        for input in [output, compare, stm].compactMap(\.self)
        where PathBytes(input).resolved == place {
            throw CommandFailure(
                ExitStatus.usage,
                "--rows \(rows) would replace what is evaluated; choose another name")
        }
    }
}

extension TextNormalizer: ExpressibleByArgument {}
extension AlignmentMethod: ExpressibleByArgument {}
