package import ArgumentParser
internal import CommandOptions
internal import Glibc
internal import HTTPService
internal import JobDashboard
internal import JobLaunch
internal import Logging
internal import Processes
internal import StoredDashboards

/// Jobs in a browser, whether or not somebody works on them.
package struct DashboardCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Show jobs in a browser: running, stopped or finished.",
        discussion: """
            The page, its numbers and /metrics are those of transcribe --http. While a coordinator works on a job it \
            is asked; otherwise the journal is read, or the report where the job's folder is gone. Nothing is changed, and a \
            job that is looked at can be gone on with at any time. Several jobs are listed on one page.

            Examples:
              scriptorium dashboard transcripts.jsonl
              scriptorium dashboard part-1.jsonl part-2.jsonl --http 8080
              scriptorium dashboard transcripts.jsonl --audio --audio-root /archive
              scriptorium dashboard transcripts.jsonl --http 10.0.0.5:8080 --http-token job.token
            """)

    @Argument(
        help: ArgumentHelp("The outputs of jobs on this machine.", valueName: "out"),
        completion: .file(extensions: ["jsonl"]))
    var outputs: [String]

    @Option(
        help: ArgumentHelp(
            "Where the page is shown; on this machine alone without an address, at a free port without a port.",
            valueName: "[address:]port"))
    var http: HTTPAddress?

    @Option(
        help: ArgumentHelp(
            "A file with the token that the page and its numbers ask for; any address needs one that other "
                + "machines reach.", valueName: "file"))
    var httpToken: String?

    @Flag(
        help: """
            Play the audio of rows in the page: files of this machine that rows name, and nothing else. Whoever sees \
            the page hears them.
            """)
    var audio = false

    @Option(
        help: ArgumentHelp(
            "With --audio, play only files below this folder, all links resolved. May be repeated.",
            valueName: "folder"), completion: .directory)
    var audioRoot: [String] = []

    package init() {}

    package func validate() throws {
        if outputs.isEmpty { throw ValidationError("give the output of a job") }
        if !audioRoot.isEmpty, !audio {
            throw ValidationError("--audio-root is for --audio; give both")
        }
    }

    /// Jobs are looked at this often.
    private static let periodMilliseconds = 1_000
    private static let stepMicroseconds: UInt32 = 100_000

    package func run() throws {
        try reporting {
            let signals = try LongWork.signals.get()
            _ = signals.leaveToLoop()
            guard let http = http ?? HTTPAddress("0") else { return ExitStatus.usage }
            let access = try HTTPAccess(http, tokenFile: httpToken)
            let start = MetricsText.Process.wallSeconds()
            let members = outputs.map { output in
                DashboardSet.Member(
                    output, access,
                    processNumbers: { .now(version: Version.text, startSeconds: start) },
                    wallSeconds: { MetricsText.Process.wallSeconds() })
            }
            let followers = members.map {
                JobFollower(
                    $0.output, $0.board, $0.dashboard, audioRoots: audio ? audioRoot : nil)
            }
            // A job that is none is told of before anything is shown.
            for follower in followers { try follower.look() }
            let set = DashboardSet(members, access)
            let listener = try HTTPListener(http) {
                set.answer(to: $0) ?? .reply(HTTPReply(404, "there is no such path\n"))
            }
            try StandardOutput.write("http://\(listener.address)/ (Ctrl-C ends)\n")
            var told: Set<String> = []
            while signals.request == .none {
                for _ in 0..<(Self.periodMilliseconds * 1_000 / Int(Self.stepMicroseconds))
                where signals.request == .none {
                    usleep(Self.stepMicroseconds)
                }
                for (member, follower) in zip(members, followers) where signals.request == .none {
                    do throws(RuntimeError) {
                        try follower.look()
                    } catch {
                        // It may be whole again later; the page shows what was known last.
                        if told.insert("\(member.output) \(error)").inserted {
                            ProgramLog.tellAtOnce(.warning, "\(member.output): \(error)")
                        }
                    }
                }
            }
            listener.stop()
            return ExitStatus.done
        }
    }
}
