package import ArgumentParser
package import HealthService

/// Where a job's process answers for its health.
package struct HealthOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Answer /healthz and /readyz there over HTTP; on this machine alone without an address.",
            discussion: """
                /healthz says that the process lives; /readyz that a coordinator listens, or that a worker has \
                computed its canary. Whoever reaches the port may ask. scriptorium health asks, too.
                """,
            valueName: "[address:]port"))
    package var http: HTTPAddress?

    package init() {}
}

extension HTTPAddress: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
