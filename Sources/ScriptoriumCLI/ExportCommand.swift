internal import ArgumentParser
internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import CommandOptions
internal import JobLaunch
internal import JobOutput
internal import Processes

/// Transcripts in the formats of other programs, or what is recorded so far.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write transcripts as subtitles, corpora and tables, or what is recorded by now.",
        discussion: """
            With --format, an output (or what export --now made of one) is written

            \(TranscriptExportOptions.formatTable)

            Times count from the beginning of the recording. Rows without a transcript are left out \
            and counted. Folders of the rows are kept below PATH; recordings of one folder whose \
            names differ only in what follows the last dot keep that in their files' names. \
            No model is needed; lhotse, fairseq, audiofolder and webdataset read the recordings.

            Without --format: OUT itself is written when every row has its record, whole or not at \
            all. export --now writes the records of all rows that are done to another file, OUT.now.jsonl for \
            OUT.jsonl, in input order and whole or not at all too, whether or not a coordinator \
            works on the job. Rows that are still open have no line in it, so OUT.now.rows says of \
            each line which row it is, counted from 0. Each line is what the output will have for \
            its row (rows that are tried again later may end otherwise). It is no output: verify \
            and join do not take it for one.

            Examples:
              scriptorium export transcripts.jsonl --format srt --beside
              scriptorium export transcripts.jsonl --format vtt -o subtitles/ --line-columns 32
              scriptorium export transcripts.jsonl --format ctm -o words.ctm
              scriptorium export transcripts.jsonl --format lhotse --gzip -o corpus
              scriptorium export transcripts.jsonl --format nemo --rows segments --segment-seconds 2..20 -o train.jsonl
              scriptorium export transcripts.jsonl --format rttm -o speech.rttm
              scriptorium export transcripts.jsonl --now
              paste transcripts.now.rows transcripts.now.jsonl
            """)

    @Argument(
        help: ArgumentHelp(
            "An output, or with --now the output of a job on this machine.", valueName: "out"),
        completion: .file())
    var output: String

    @Flag(help: "Write what can be written by now.")
    var now = false

    @OptionGroup(title: "Formats")
    var transcript: TranscriptExportOptions

    /// A long output takes its time.
    private static let answerMilliseconds = 3_600_000

    func validate() throws {
        guard now != (transcript.format != nil) else {
            throw ValidationError(
                now
                    ? "--now writes \(output) so far as records; export those in another format then"
                    : "name a --format; or, while the job runs, --now writes what is recorded")
        }
    }

    func run() throws {
        try reporting {
            let sentence: String
            if transcript.format != nil {
                try StandardOutput.write("\(try transcript.run(outputAt: output))\n")
                return ExitStatus.done
            }
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
