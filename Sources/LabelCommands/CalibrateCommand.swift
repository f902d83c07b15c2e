package import ArgumentParser
internal import Calibration
internal import CommandOptions
internal import Digests
internal import ErrorRates
internal import JobLaunch
internal import Processes

/// From an output with references to a calibration.
package struct CalibrateCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Learn from rows with references what error rate to expect of other rows.",
        discussion: """
            OUT is an output whose rows have the text that was said (in `text`), transcribed with \
            --features if the calibration is to go by more than `confidence`. What comes out says of \
            a row what word error rate to expect, and of a word how probable it is that it is right; \
            scriptorium select goes by it.

            The score is the one that puts the rows with errors last, of rows whose speaker (or \
            recording) was left out of the fit; every figure that is printed is of such rows, too. A \
            calibration holds for speech like that which it saw: calibrate on a sample of the archive \
            that it is for, of a few hundred rows of many speakers.

            Examples:
              scriptorium transcribe dev.jsonl --features -o dev.out.jsonl
              scriptorium calibrate dev.out.jsonl -o archive.calibration
              scriptorium calibrate dev.out.jsonl -o archive.calibration --domain corpus
              scriptorium select archive.jsonl --calibration archive.calibration --wer 5%
            """)

    @Argument(help: "An output manifest.", completion: .file(extensions: ["jsonl", "json"]))
    var output: String

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("Where the calibration is written.", valueName: "path"),
        completion: .file())
    var destination: String

    @OptionGroup var labels: LabelOptions

    @Option(
        help: ArgumentHelp(
            "What belongs together: by default speaker, or the recording where rows have none.",
            valueName: "field"))
    var group: String?

    @Option(
        help: ArgumentHelp(
            "Also tell how well each domain is predicted, by this field.", valueName: "field"))
    var domain: String?

    @Flag(
        help: "Go by the model and the text alone, not by level, bandwidth, silence and clipping.")
    var noAudio = false

    @Option(help: ArgumentHelp("Of the draws for intervals.", valueName: "number"))
    var seed: UInt64 = 1

    package init() {}

    package func run() throws {
        try reporting {
            try mended {
                try LabelFiles.refuse(writing: destination, over: [output])
                var request = LabelledRows.Request(
                    output: try LabelFiles.output(output), comparison: labels.comparison)
                request.features = LabelFiles.features(of: output)
                request.reference = labels.reference
                request.group = group
                request.domain = domain
                let calibration = try Calibration(
                    fitting: LabelledRows(request), normalizer: labels.normalizer,
                    usesAudio: !noAudio, seed: seed)
                let file = CalibrationFile(calibration)
                try file.write(to: destination)
                LongWork.end()
                try StandardOutput.write(calibration.text(digest: file.digest.hex))
                return ExitStatus.done
            }
        }
    }
}
