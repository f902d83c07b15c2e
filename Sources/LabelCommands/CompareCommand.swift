package import ArgumentParser
internal import Calibration
internal import CommandOptions
internal import ErrorRates
internal import Files
internal import JobLaunch
internal import Manifests
internal import OutputComparison
internal import Processes
internal import Provenance
internal import SpeechTypes

/// Two outputs of the same rows.
package struct CompareCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Hold two outputs of the same rows against each other.",
        discussion: """
            Tells how much of both is the same, with or without references; where rows have \
            references, the error rates of both and whether the difference may be chance (matched \
            pairs; scriptorium evaluate --compare says more).

            --review N lists the rows at which a person's minute mends most errors: those that \
            --calibration or the records' expected_wer expects in the first output, or else the words in \
            which both differ. --page writes the list as a page that plays the audio.

            Examples:
              scriptorium compare greedy.jsonl beam.jsonl
              scriptorium compare new.jsonl old.jsonl --bootstrap 1000 --changed changed.jsonl
              scriptorium compare a.jsonl b.jsonl --review 100 > review.tsv
              scriptorium compare a.jsonl b.jsonl --calibration x.calibration --review 100 --page review.html
            """)

    @Argument(help: "An output manifest.", completion: .file(extensions: ["jsonl", "json"]))
    var first: String

    @Argument(
        help: "Another output of the same rows.", completion: .file(extensions: ["jsonl", "json"]))
    var second: String

    @OptionGroup var labels: LabelOptions

    @Option(
        help: ArgumentHelp("What says which errors to expect.", valueName: "file"),
        completion: .file(extensions: ["calibration"]))
    var calibration: String?

    @Option(
        help: ArgumentHelp(
            "Print this many rows to review, tab-separated, and nothing else.", valueName: "count"))
    var review = 0

    @Option(
        help: ArgumentHelp("Write the rows to review as a page with audio.", valueName: "file"),
        completion: .file(extensions: ["html"]))
    var page: String?

    @Option(
        help: ArgumentHelp(
            "Where relative recordings are; by default what the job's report says.",
            valueName: "folder"), completion: .directory)
    var audioRoot: String?

    @Option(
        help: ArgumentHelp(
            "Write each row that changed to this file, one JSON object a line.",
            valueName: "file"), completion: .file())
    var changed: String?

    @Option(
        help: ArgumentHelp(
            "An interval of the difference by this many draws, such as 1000.", valueName: "draws"))
    var bootstrap = 0

    @Option(help: ArgumentHelp("Of the draws.", valueName: "number"))
    var seed: UInt64 = 1

    @Flag(help: "One JSON object instead of lines.")
    var json = false

    private static let reviewMax = 100_000

    package init() {}

    package func validate() throws {
        guard (0...Self.reviewMax).contains(review) else {
            throw ValidationError("--review lists 0 to \(Self.reviewMax)")
        }
        guard (0...BootstrapInterval.replicatesMax).contains(bootstrap) else {
            throw ValidationError("--bootstrap takes 0 to \(BootstrapInterval.replicatesMax) draws")
        }
        guard page == nil || review > 0 else {
            throw ValidationError("say with --review 100 how many rows the page has")
        }
    }

    package func run() throws {
        try reporting {
            try mended {
                for path in [page, changed].compactMap(\.self) {
                    try LabelFiles.refuse(writing: path, over: [first, second])
                }
                let list = try changed.map { path throws(FileError) in
                    try AtomicFile(path, isDurable: false)
                }
                let compared = try PairedOutputs(try request) { row in
                    try list?.write(row.line)
                }
                try list?.commit()
                if let page { try write(compared.review, to: page) }
                LongWork.end()
                try StandardOutput.write(
                    review > 0
                        ? ReviewList.table(compared.review)
                        : json ? compared.json : compared.text)
                return ExitStatus.done
            }
        }
    }

    private var request: PairedOutputs.Request {
        get throws {
            var request = PairedOutputs.Request(
                first: try LabelFiles.output(first), second: try LabelFiles.output(second),
                comparison: labels.comparison)
            if let calibration {
                request.calibration = try CalibrationFile(path: calibration).calibration
                request.features = LabelFiles.features(of: first)
            }
            request.reference = labels.reference
            request.reviewCount = review
            request.replicates = bootstrap
            request.seed = seed
            return request
        }
    }

    private func write(_ rows: [ReviewRow], to path: String) throws {
        let root = try LabelFiles.recordings(of: first, named: audioRoot)
        let page = ReviewList.page(
            rows, title: "\(rows.count) rows of \(first) to review", recordingsIn: root)
        try AtomicFile.write(Array(page.utf8), to: path)
    }
}
