package import ClusterProtocol

/// The sessions whose slot a newer worker took last: each may say once that its process runs.
package struct ReplacedSessions: Sendable {
    private var sessions: [(number: Int, peer: PeerID, instance: String)] = []

    /// Older ones are forgotten: a goodbye comes at once or not at all.
    private static let countMax = 256

    package mutating func add(_ number: Int, of peer: PeerID, _ instance: String) {
        if sessions.count == Self.countMax { sessions.removeFirst() }
        sessions.append((number, peer, instance))
    }

    /// The instance of a session, which is forgotten; nil unless it was this peer's.
    package mutating func remove(_ number: Int, of peer: PeerID) -> String? {
        guard let index = sessions.firstIndex(where: { $0.number == number && $0.peer == peer })
        else { return nil }
        return sessions.remove(at: index).instance
    }
}
