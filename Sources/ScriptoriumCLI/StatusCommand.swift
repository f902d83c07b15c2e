internal import ArgumentParser
internal import ClusterProtocol
internal import ClusterRuntime
internal import CommandOptions
internal import Glibc
internal import JobLaunch
internal import JobOutput
internal import Logging
internal import Processes

/// How a job is going, asked of its coordinator.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how a job is going.",
        discussion: """
            Asks the coordinator, which answers from memory while it lives. Name it by the endpoint \
            that it listens on, or by the output that it writes. Several (the parts of a manifest) \
            are shown one a line, and added up.

            Examples:
              scriptorium status transcripts.jsonl
              scriptorium status transcripts.jsonl --watch
              scriptorium status --connect tcp://10.0.0.5:7100 --coordinator-key KEY
              scriptorium status part-1.jsonl part-2.jsonl part-3.jsonl
            """)

    @Argument(help: "The outputs of jobs on this machine.", completion: .file())
    var outputs: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where the coordinator listens. May be repeated.", valueName: "endpoint"))
    var connect: [String] = []

    @OptionGroup var connectOptions: ConnectOptions

    @Flag(help: "One JSON object instead of lines for people.")
    var json = false

    @Flag(
        help: """
            Go on until the coordinator ends: on a terminal all of it, elsewhere a line, with --json an object \
            now and then.
            """)
    var watch = false

    func validate() throws {
        if outputs.isEmpty, connect.isEmpty {
            throw ValidationError("give an output file or --connect ENDPOINT")
        }
        if watch, outputs.count + connect.count > 1 {
            throw ValidationError("--watch shows one job; leave it out, or name one")
        }
    }

    func run() throws {
        try reporting {
            guard let (client, status) = try answer() else {
                let jobs = try JobStatuses(
                    outputs: outputs,
                    others: connectOptions.places(at: connect).map {
                        ($0.endpoint, try connectOptions.security(of: $0))
                    })
                if !jobs.isKnown, outputs.count == 1, connect.isEmpty {
                    throw CommandFailure.nobodyWorks(onOutput: outputs[0])
                }
                try StandardOutput.write(json ? jobs.json : jobs.text)
                return jobs.isKnown ? 0 : ExitStatus.tryAgain
            }
            guard watch else {
                try StandardOutput.write(json ? StatusText.json(status) : StatusText.lines(status))
                return 0
            }
            return try watch(client, from: status)
        }
    }

    /// The coordinator of a single job, and what it says; nil where there are several, or the one of
    /// this machine is finished or stopped.
    private func answer() throws -> (client: OperatorClient, status: JobStatus)? {
        guard outputs.count + connect.count == 1 else { return nil }
        if let endpoint = connect.first {
            let client = try connectOptions.client(of: endpoint)
            guard let status = try client.status() else {
                throw CommandFailure.noAnswer(endpoint)
            }
            return (client, status)
        }
        guard let endpoint = try? JobFolder.endpoint(ofOutput: outputs[0]),
            EndpointProbe.listens(at: endpoint)
        else { return nil }
        let client = try connectOptions.client(of: endpoint)
        return try client.status().map { (client, $0) }
    }

    /// Shows what changes until there is no answer any more.
    private func watch(_ client: OperatorClient, from first: JobStatus) throws -> Int32 {
        if !json, StandardError.isTerminal { return try watchOnScreen(client, from: first) }
        var screen = ProgressReporter(isQuiet: false)
        var last = first
        var next: JobStatus? = first
        while let status = next {
            last = status
            if json {
                try StandardOutput.write(StatusText.json(status))
            } else {
                screen.show(status)
            }
            sleep(1)
            next = try client.status()
        }
        screen.close()
        return tellEnd(last, on: &screen)
    }

    /// The same on a whole terminal, which is given back at the end.
    private func watchOnScreen(_ client: OperatorClient, from first: JobStatus) throws -> Int32 {
        let signals = try LongWork.signals.get()
        _ = signals.leaveToLoop()
        var screen = StatusScreen(name: outputs.first ?? connect.first ?? "")
        var last = first
        StandardError.write(StatusScreen.begin)
        defer { StandardError.write(StatusScreen.end) }
        var next: JobStatus? = first
        while let status = next, signals.request == .none {
            last = status
            let size = StandardError.size
            StandardError.write(screen.drawing(status, columns: size.columns, rows: size.rows))
            for _ in 0..<10 where signals.request == .none { usleep(100_000) }
            next = try client.status()
        }
        if signals.request != .none { return signals.request.exitStatus }
        StandardError.write(StatusScreen.end)
        var reporter = ProgressReporter(isQuiet: false)
        return tellEnd(last, on: &reporter)
    }

    private func tellEnd(_ last: JobStatus, on screen: inout ProgressReporter) -> Int32 {
        let isComplete = last.rowsDone == last.rowsTotal
        screen.tell(
            .notice, isComplete ? "every row has its record" : "the coordinator has stopped")
        return isComplete ? 0 : ExitStatus.tryAgain
    }
}
