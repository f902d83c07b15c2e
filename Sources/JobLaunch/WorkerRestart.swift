internal import ClusterRuntime
internal import ClusterSecurity
internal import Glibc
internal import Logging
package import Processes

/// A worker that goes on as another process: a library is loaded once, and nothing of one job is left for
/// the next.
package enum WorkerRestart {
    /// Replaces this process by one that works for the first of `places`, perhaps in another class.
    ///
    /// - Parameter words: of this process, the program's name first.
    /// - Parameter afterOne: from now on one of its jobs is finished.
    /// - Throws: if the system does not start it.
    package static func startAgain(
        _ words: [String], at places: [CoordinatorPlace], in arithmetic: String? = nil,
        afterOne: Bool = false
    ) throws {
        var arguments = words.filter { $0 != "--in-order" }
        let replaced =
            ["--connect", "--coordinator-key"]
            + (arithmetic == nil ? [] : ["--arithmetic", "--precision"])
        for option in replaced {
            while let position = arguments.firstIndex(of: option) {
                arguments.removeSubrange(position..<min(position + 2, arguments.count))
            }
            arguments.removeAll { $0.hasPrefix(option + "=") }
        }
        for place in places {
            arguments += ["--connect", place.endpoint]
            if let key = place.key { arguments += ["--coordinator-key", "\(key)"] }
        }
        arguments.append("--in-order")
        if afterOne { arguments.append("--after-one") }
        if let arithmetic { arguments += ["--arithmetic", arithmetic] }
        unsetenv("OPENBLAS_CORETYPE")
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &pointers)
        throw CommandFailure(ExitStatus.tryAgain, "the program cannot start itself again")
    }
}

extension Endpoints {
    /// How long nobody may listen anywhere.
    private static let patienceMilliseconds = 3_600_000
    /// The same once a job is finished: the others may have ended while the worker was elsewhere, and
    /// a coordinator that is started again is there by then.
    private static let patienceAfterOneMilliseconds = 60_000

    /// The coordinators, the first of which listens; with a single one, the worker waits for it later.
    ///
    /// - Parameter slot: see ``init(_:slot:)``.
    /// - Parameter afterOne: one of the worker's jobs is finished.
    /// - Returns: nil if one of them is finished and the others are gone.
    package static func reachable(
        _ places: [CoordinatorPlace], slot: String?, afterOne: Bool, saysThatItWaits: Bool,
        _ signals: SignalWatch
    ) throws -> Endpoints? {
        var endpoints = Endpoints(places, slot: slot)
        let names = endpoints.list.map(\.endpoint)
        if saysThatItWaits, !names.contains(where: EndpointProbe.listens) {
            ProgramLog.logger.notice(
                "waiting for a coordinator at \(names.joined(separator: ", "))")
        }
        guard names.count > 1 || afterOne else { return endpoints }
        let found = EndpointProbe.firstListening(
            of: names,
            withinMilliseconds: afterOne ? patienceAfterOneMilliseconds : patienceMilliseconds
        ) { signals.request != .none }
        guard let found else {
            if afterOne, signals.request == .none { return nil }
            let asked = places.map(\.endpoint).joined(separator: ", ")
            throw CommandFailure(
                ExitStatus.tryAgain,
                signals.request == .none
                    ? "no coordinator listens at any of \(asked)"
                    : "stopped while waiting for a coordinator")
        }
        endpoints.begin(with: found)
        return endpoints
    }
}
