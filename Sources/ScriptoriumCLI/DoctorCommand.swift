internal import ArgumentParser
internal import CommandOptions
internal import Diagnosis
internal import JobLaunch
internal import Processes

/// Find out what this machine can do, and what keeps it from more.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Examine this machine: what a job would find, and what helps.",
        discussion: """
            Processor and arithmetic, memory and its limits, libraries, the model with a trial of two \
            seconds, the disk's speed, keys, ports, open files and the clock. What it prints is the first \
            thing to put into a report of a fault. It ends with 0, or with 3 if something keeps this \
            machine from working.

            Examples:
              scriptorium doctor
              scriptorium doctor --model m.pt --folder /srv/out
              scriptorium doctor --connect tcp://10.0.0.5:7100
              scriptorium doctor --json | jq -r '.findings[] | select(.verdict != "good") | .remedy'
            """)

    @OptionGroup var modelOptions: ModelOptions

    @Option(
        help: ArgumentHelp("Where an output would be written.", valueName: "folder"),
        completion: .directory)
    var folder = "."

    @OptionGroup var keys: KeysOption

    @Option(
        help: ArgumentHelp(
            "Where a coordinator would listen here. May be repeated.", valueName: "endpoint"))
    var listen: [String] = ["tcp://127.0.0.1:7100"]

    @Option(
        help: ArgumentHelp(
            "A coordinator that should be reachable. May be repeated.", valueName: "endpoint"))
    var connect: [String] = []

    @Flag(help: "One JSON object instead of lines for people.")
    var json = false

    func run() throws {
        try reporting {
            let report = Doctor(
                model: modelOptions.files.request, arithmetic: modelOptions.arithmeticChoice,
                folder: folder, keys: keys.keys, listen: listen, connect: connect
            ).report()
            LongWork.end()
            try StandardOutput.write(json ? report.json : report.text)
            return report.worst == .problem ? ExitStatus.doneWithFailures : ExitStatus.done
        }
    }
}
