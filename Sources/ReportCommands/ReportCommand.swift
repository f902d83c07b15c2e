package import ArgumentParser
internal import CommandOptions
internal import ErrorRates
internal import Evaluation
internal import Files
internal import Glibc
internal import JobLaunch
internal import Processes
internal import Provenance
internal import ReportPages
internal import SpeechTypes
internal import TextNormalizers
internal import Threading

/// A finished output as a page that people look at.
package struct ReportCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "report",
        abstract:
            "Write an output's report as a page: what it is like, what failed, where it comes from.",
        discussion: """
            The page is one file without scripts: lengths, confidence and words a minute as pictures, rows \
            without a transcript by code and folder with the first of each, workers, events, what the output was \
            made of, and error rates where rows have references (`text`). The numbers of the run come from \
            OUT.report.json; without it the page has those of the rows.

            Examples:
              scriptorium report transcripts.jsonl -o report.html
            """)

    @Argument(help: "An output manifest.", completion: .file(extensions: ["jsonl", "json"]))
    var output: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the page is written; OUT.html without it.", valueName: "file"),
        completion: .file(extensions: ["html"]))
    var out: String?

    package init() {}

    package func run() throws {
        try reporting {
            guard access(output, F_OK) == 0 else { throw CommandFailure.noOutput(output) }
            let path = out ?? "\(output).html"
            if PathBytes(path).resolved == PathBytes(output).resolved {
                throw CommandFailure(
                    ExitStatus.usage, "-o \(path) would replace the output; choose another name")
            }
            let report = try ReportFile.read(ReportFile.path(ofOutput: output))
            let statistics = try LongWork.named("reading \(output)", .bytes) {
                try OutputStatistics(of: output)
            }
            let page = ReportPage(
                name: output.split(separator: "/").last.map(String.init) ?? output, statistics,
                report: report?.object, errorRates: try errorRates(statistics))
            LongWork.end()
            try AtomicFile.write(Array(page.html.utf8), to: path)
            try StandardOutput.write("\(path): \(statistics.rows) rows\n")
            return 0
        }
    }

    /// What `evaluate` says; nil where no row has a reference.
    private func errorRates(_ statistics: OutputStatistics) throws -> String? {
        guard statistics.rowsWithReference > 0 else { return nil }
        var request = EvaluationRequest(
            output: output, comparison: TextComparison(normalizer: .basic, alignment: .levenshtein))
        request.replicates = 1_000
        return try OutputEvaluation(request).text
    }
}
