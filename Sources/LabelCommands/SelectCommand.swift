package import ArgumentParser
internal import AudioFingerprints
internal import Calibration
internal import CommandOptions
internal import Digests
internal import JobLaunch
internal import JobState
internal import MeasuredRows
internal import Processes
internal import Provenance
internal import Selection
internal import SpeechTypes

/// From an output to the rows of it that are worth training on.
package struct SelectCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "select",
        abstract: "Choose the rows of an output that are worth training on.",
        discussion: """
            Rows that pass all limits are taken from the surest on, until --wer, --hours or a cap is \
            reached. With --calibration sureness is the expected word error rate, and how many hours \
            there are at what expected error is drawn as a curve with its interval; without one it is \
            `expected_wer` where the records have it, else `confidence`.

            -o FOLDER gets selected.jsonl (or a file for each part of --split), in the order of the \
            output; rejected.jsonl with a reason for each other row; yield.json and yield.svg; \
            README.md for people; and card.json, from which --replay makes the same bytes again. \
            Without -o only the table is printed. What is kept is exported in any format with \
            scriptorium export FOLDER/selected.jsonl --format lhotse -o corpus.

            Ranges are such as 1..20; either end may be left out. docs/pseudo-labels.md tells more.

            Examples:
              scriptorium select out.jsonl --calibration x.calibration --wer 5%
              scriptorium select out.jsonl --calibration x.calibration --wer 5% --seconds 1..20 -o chosen
              scriptorium select out.jsonl --min-confidence 0.8 --hours 500 --speaker-hours 2 -o chosen
              scriptorium select out.jsonl --agree other.jsonl --agreement 0.9 --split 90/5/5 -o chosen
              scriptorium select out.jsonl --duplicates 80% --duplicate-audio -o chosen
              scriptorium select --replay chosen/card.json -o again
            """)

    @Argument(
        help: "An output manifest; with --replay none.",
        completion: .file(extensions: ["jsonl", "json"]))
    var output: String?

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp(
            "The folder that is written; not there yet, or empty.", valueName: "folder"),
        completion: .directory)
    var destination: String?

    @Option(
        help: ArgumentHelp("Choose as this card says; nothing else is asked.", valueName: "card"),
        completion: .file(extensions: ["json"]))
    var replay: String?

    @Flag(help: "One JSON object instead of the table.")
    var json = false

    @OptionGroup(title: "How much") var budget: BudgetOptions
    @OptionGroup(title: "Which rows") var limits: LimitOptions
    @OptionGroup(title: "Parts") var parts: PartOptions

    package init() {}

    package func validate() throws {
        guard (output == nil) == (replay != nil) else {
            throw ValidationError("name an output, or a card with --replay")
        }
        if replay != nil {
            guard destination != nil else {
                throw ValidationError("--replay writes a folder; name it with -o")
            }
            return
        }
        if let problem = try request(of: "out").problem { throw ValidationError(problem) }
    }

    package func run() throws {
        try reporting {
            try mended {
                var run: SelectionRun
                if let replay {
                    let (request, inputs, origin) = try SelectionCard.read(replay)
                    run = SelectionRun(
                        request, origin: origin, audio: try Self.audio(of: request),
                        expecting: inputs)
                } else {
                    let output = try LabelFiles.output(output ?? "")
                    var request = try request(of: output)
                    if request.dropsSameAudio {
                        request.audioRoot = try LabelFiles.recordings(
                            of: output, named: limits.audioRoot)
                    }
                    run = SelectionRun(
                        request, origin: Self.origin(of: output),
                        audio: try Self.audio(of: request))
                }
                try run.run(into: destination)
                LongWork.end()
                try StandardOutput.write(
                    json ? SelectionReport.json(run.summary) : SelectionReport.text(run.summary))
                return ExitStatus.done
            }
        }
    }

    private func request(of output: String) throws -> SelectionRequest {
        var request = SelectionRequest(output: output)
        request.features = LabelFiles.features(of: output)
        request.calibration = budget.calibration
        request.trustsUnlike = budget.unlike
        request.errorRateMax = try budget.wer.map { try Shares.share($0, "--wer") }
        request.hoursMax = try budget.hours.map { try Shares.hours($0, "--hours") }
        request.speakerHoursMax = try budget.speakerHours.map {
            try Shares.hours($0, "--speaker-hours")
        }
        request.folderHoursMax = try budget.folderHours.map {
            try Shares.hours($0, "--folder-hours")
        }
        request.limits = try limits.limits
        request.other = limits.agree
        request.duplicateShare = try limits.duplicates.map { try Shares.share($0, "--duplicates") }
        request.dropsSameAudio = limits.duplicateAudio
        guard limits.audioRoot == nil || limits.duplicateAudio else {
            throw ValidationError("--audio-root is where --duplicate-audio reads; leave it out")
        }
        request.parts = try parts.parts
        request.seed = parts.seed
        guard let by = SelectionRequest.SplitKey(rawValue: parts.by) else {
            throw ValidationError("--by is speaker or file")
        }
        request.splitsBy = by
        request.licenceField = parts.licenceField
        return request
    }

    /// What hears the rows' audio; nil where nothing is asked of it.
    private static func audio(of request: SelectionRequest) throws -> RowAudio? {
        guard request.dropsSameAudio else { return nil }
        let fingerprints: RecordingFingerprints
        do throws(FingerprintLibraryMissing) {
            fingerprints = try RecordingFingerprints(root: PathBytes(request.audioRoot ?? "/"))
        } catch {
            throw CommandFailure(
                ExitStatus.usage, "--duplicate-audio compares fingerprints: \(error)")
        }
        return RowAudio(threads: MachineResources.cores) { row in
            do throws(RecordingFingerprints.Unreadable) {
                return .fingerprint(
                    try fingerprints.fingerprint(
                        of: row.audio, start: row.start, duration: row.duration,
                        channel: row.channel))
            } catch {
                return .unreadable("\(error)")
            }
        }
    }

    /// What the job's report says of the model; nothing where there is none.
    private static func origin(of output: String) -> [(name: String, text: String)] {
        let path = ReportFile.path(ofOutput: output)
        guard let report = (try? ReportFile.read(path)) ?? nil else { return [] }
        let recipe = report.identity.recipe
        var origin: [(name: String, text: String)] = [
            ("model", report.model), ("model_sha256", recipe.artefacts.acousticModel.hex),
        ]
        for (name, digest) in recipe.artefacts.further.sorted(by: { $0.key < $1.key }) {
            origin.append(("\(name)_sha256", digest.hex))
        }
        return origin
    }
}
