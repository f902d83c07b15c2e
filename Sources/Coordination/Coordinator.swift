package import ClusterProtocol

/// The job's coordinator as one value: events and the time go in, effects come out.
///
/// It owns no clock, socket or file and draws no random number.
package struct Coordinator: Sendable {
    /// What a coordinator is told about its job.
    package struct Configuration: Sendable {
        package var identity: JobIdentity
        /// The folder that relative paths start from, for `welcome`.
        package var manifestFolder: String
        package var limits: ClusterLimits

        package init(
            identity: JobIdentity, manifestFolder: String, limits: ClusterLimits = ClusterLimits()
        ) {
            self.identity = identity
            self.manifestFolder = manifestFolder
            self.limits = limits
        }
    }

    /// Begins a life on what the journal gave back.
    ///
    /// - Precondition: `replay.recorded`, `plan` and `configuration.identity` have the same number of rows.
    package init(
        configuration: Configuration, plan: any RowPlan, replay: ReplayState, at now: Instant
    ) {
        fatalError("follows")
    }

    /// Takes one event.
    package mutating func handle(
        _ event: CoordinatorEvent, at now: Instant
    ) -> [CoordinatorEffect] {
        fatalError("follows")
    }

    /// When `turnEnded` is due though nothing happened.
    package var nextTurn: Instant { fatalError("follows") }

    /// Progress, from memory.
    package func status(at now: Instant) -> JobStatus { fatalError("follows") }
}
