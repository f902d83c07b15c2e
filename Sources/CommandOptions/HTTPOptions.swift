package import ArgumentParser
package import HTTPService

/// Where a worker answers for its health.
package struct HealthOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Answer /healthz and /readyz there over HTTP; on this machine alone without an address.",
            discussion: """
                /healthz says that the process lives; /readyz that the worker has computed its canary. Whoever reaches the port may ask. scriptorium health asks, too.
                """,
            valueName: "[address:]port"))
    package var http: HTTPAddress?

    package init() {}
}

/// Where a job is shown, and to whom.
package struct DashboardOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Show the job in a browser there, and its numbers to other programs; on this machine alone without "
                + "an address.",
            discussion: """
                http://localhost:PORT/ is a page, /metrics is for Prometheus, /api/v1/status for programs. To be \
                seen from other machines they need --http-token. /healthz says that the process lives, /readyz \
                that the coordinator listens: whoever reaches the port may ask for those two.
                """,
            valueName: "[address:]port"))
    package var http: HTTPAddress?

    @Option(
        help: ArgumentHelp(
            "A file with the token that the page and its numbers ask for; any address needs one that other "
                + "machines reach.", valueName: "file"))
    package var httpToken: String?

    package init() {}

    package func validate() throws {
        if httpToken != nil, http == nil {
            throw ValidationError("--http-token is for --http; give both")
        }
    }

    package var choice: HTTPChoice? { http.map { HTTPChoice(address: $0, tokenFile: httpToken) } }
}

/// Where it is written what threads do.
package struct TraceOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write what threads do and when to a file for ui.perfetto.dev or chrome://tracing.",
            discussion: """
                The coordinator's turns and commits, and the stages of one worker's threads; half a million events of each, \
                at most some 100 MB.
                """,
            valueName: "file"), completion: .file(extensions: ["json"]))
    package var trace: String?

    package init() {}
}

extension HTTPAddress: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
