internal import ArgumentParser
internal import CommandOptions
internal import HTTPService
internal import HealthService
internal import JobLaunch
internal import Processes

/// Ask a process of this program whether it is ready, for supervisors that run commands.
struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask a coordinator or a worker whether it is ready.",
        discussion: """
            Asks the process that was started with the same --http, and ends with 0 if it is ready, else \
            with 75. SCRIPTORIUM_HTTP in the environment does for both.

            Examples:
              scriptorium work --http 8080 --connect tcp://10.0.0.5:7100 --coordinator-key KEY
              scriptorium health --http 8080
            """)

    @Option(
        help: ArgumentHelp(
            "Where it answers; on this machine without an address.", valueName: "[address:]port"))
    var http: HTTPAddress

    @Flag(help: "Ask only whether it lives.")
    var live = false

    @Option(help: ArgumentHelp("Milliseconds to wait for an answer.", valueName: "ms"))
    var timeout = 3_000

    func validate() throws {
        guard (1...600_000).contains(timeout) else {
            throw ValidationError("--timeout must be 1 to 600000 milliseconds")
        }
    }

    func run() throws {
        try reporting {
            let path = live ? "/healthz" : "/readyz"
            guard
                let answer = HealthProbe.ask(http, for: path, withinMilliseconds: timeout)
            else {
                throw CommandFailure(
                    ExitStatus.tryAgain,
                    "nobody answers at \(http): the process has not begun or has ended, or was started without "
                        + "--http \(http)")
            }
            try StandardOutput.write(answer.body)
            return answer.status == 200 ? ExitStatus.done : ExitStatus.tryAgain
        }
    }
}
