package import ClusterProtocol

/// A worker's side of the protocol as one value: events and the time go in, effects come out.
///
/// It lives as long as the worker's process, over all its sessions with one job's coordinators.
package struct WorkerSession: Sendable {
    package init(
        identity: WorkerIdentity, limits: ClusterLimits = ClusterLimits(), at now: Instant
    ) {
        fatalError("follows")
    }

    /// Takes one event.
    package mutating func handle(_ event: WorkerEvent, at now: Instant) -> [WorkerEffect] {
        fatalError("follows")
    }

    /// When `tick` is due though nothing happened.
    package var nextTick: Instant { fatalError("follows") }
}
