/// What this machine needs to work with others: a key, a port, open files and a clock.
package struct ClusterFacts: Hashable, Sendable {
    package enum Keys: Hashable, Sendable {
        case none(folder: String)
        case present(publicKey: String, allowed: Int)
        /// Files that are refused, and why.
        case refused(String)
    }

    /// A place where workers would connect.
    package struct Port: Hashable, Sendable {
        package var endpoint: String
        /// Why nobody can listen there; nil if somebody can.
        package var refusal: String?

        package init(endpoint: String, refusal: String?) {
            self.endpoint = endpoint
            self.refusal = refusal
        }
    }

    /// A coordinator elsewhere.
    package struct Peer: Hashable, Sendable {
        package var endpoint: String
        package var isReachable: Bool

        package init(endpoint: String, isReachable: Bool) {
            self.endpoint = endpoint
            self.isReachable = isReachable
        }
    }

    package var keys: Keys
    package var ports: [Port] = []
    package var peers: [Peer] = []
    /// Open files that this process may have.
    package var descriptors: Int
    /// Seconds since 1970.
    package var clockSeconds: Int
    /// Something keeps the clock right; nil where the system does not tell.
    package var isClockKept: Bool?

    package init(keys: Keys, descriptors: Int, clockSeconds: Int, isClockKept: Bool?) {
        self.keys = keys
        self.descriptors = descriptors
        self.clockSeconds = clockSeconds
        self.isClockKept = isClockKept
    }

    private static let descriptorsFew = 4_096
    /// 2025: no clock that is right says less.
    private static let clockSecondsMin = 1_735_689_600

    package var findings: [Finding] {
        [keysFinding] + ports.map(Self.finding) + peers.map(Self.finding)
            + [descriptorsFinding, clockFinding]
    }

    private var keysFinding: Finding {
        switch keys {
        case .none(let folder):
            Finding(
                "keys",
                "none in \(folder); machines that work together need one each (scriptorium keys new)"
            )
        case .present(let publicKey, let allowed):
            Finding(
                "keys", "\(publicKey), and lets in \(allowed) others",
                values: ["public_key": .text(publicKey), "allowed": .count(allowed)])
        case .refused(let reason):
            Finding(
                "keys", .problem, reason,
                remedy:
                    "make key files yours alone (chmod 600, folders 700), or make new ones elsewhere with --keys"
            )
        }
    }

    private static func finding(_ port: Port) -> Finding {
        let values: [String: Finding.Value] = ["endpoint": .text(port.endpoint)]
        guard let refusal = port.refusal else {
            return Finding("port", "\(port.endpoint) is free", values: values)
        }
        return Finding(
            "port", .warning, "\(port.endpoint): \(refusal)",
            remedy: "a coordinator may be there already; otherwise name another with --listen",
            values: values)
    }

    private static func finding(_ peer: Peer) -> Finding {
        let values: [String: Finding.Value] = ["endpoint": .text(peer.endpoint)]
        guard !peer.isReachable else {
            return Finding("coordinator", "\(peer.endpoint) takes connections", values: values)
        }
        return Finding(
            "coordinator", .problem, "\(peer.endpoint) takes no connection",
            remedy:
                "start scriptorium coordinate there with --listen \(peer.endpoint), and open the port in firewalls "
                + "between",
            values: values)
    }

    private var descriptorsFinding: Finding {
        let values: [String: Finding.Value] = ["open_files": .count(descriptors)]
        guard descriptors < Self.descriptorsFew else {
            return Finding("open files", "\(descriptors) are allowed", values: values)
        }
        return Finding(
            "open files", .warning,
            "\(descriptors) are allowed, which is few for a coordinator of a fleet",
            remedy: "ulimit -n \(Self.descriptorsFew), or LimitNOFILE= of a unit", values: values)
    }

    private var clockFinding: Finding {
        var values: [String: Finding.Value] = ["seconds": .count(clockSeconds)]
        values["is_kept"] = isClockKept.map { .text($0 ? "yes" : "no") }
        let remedy = "let something keep it, for example: timedatectl set-ntp true"
        guard clockSeconds >= Self.clockSecondsMin else {
            return Finding(
                "clock", .warning,
                "it says \(clockSeconds) s since 1970, which is over: hubs of models refuse that",
                remedy: remedy, values: values)
        }
        guard isClockKept == false else {
            return Finding("clock", "its time may be right", values: values)
        }
        return Finding(
            "clock", .warning, "nothing keeps it; records do not depend on it, times in notices do",
            remedy: remedy, values: values)
    }
}
