package import ClusterProtocol
internal import JobState

/// The sessions that are open, by number, slot and peer, and what is remembered of those that ended.
package struct SessionTable: Sendable {
    private var sessions = NumberedTable<SessionState>()
    /// Numbers of `sessions`, ascending: the order in which sessions are looked at.
    package private(set) var order: [Int] = []
    private var numberBySlot: [String: Int] = [:]
    private var numberByPeer: [PeerID: Int] = [:]
    private var openedCount = 0
    /// Instances that a newer one of the same slot replaced.
    private var superseded: Set<String> = []
    /// The sessions that ended so, whose goodbye would show that nobody died.
    private var replaced = ReplacedSessions()
    /// Instances whose engine made no step for too long, and that have shown no result since.
    private var stalledInstances: Set<String> = []
    /// Slots that an operator drained: no worker of theirs is welcome.
    private var drainedSlots: Set<String> = []

    package init() {}

    package var count: Int { sessions.count }
    package var isEmpty: Bool { sessions.isEmpty }
    /// In no order that means anything.
    package var values: some Sequence<SessionState> { sessions.values }

    /// An open session, to be looked at or changed; ``open(_:)`` and ``close(_:)`` add and remove them.
    package subscript(number: Int) -> SessionState? {
        @inline(__always) get { sessions[number] }
        @inline(__always) _modify { yield &sessions[number] }
    }

    /// The session that holds a slot.
    package func number(inSlot slot: String) -> Int? { numberBySlot[slot] }

    /// The session of a connection.
    package func number(of peer: PeerID) -> Int? { numberByPeer[peer] }

    /// Hosts with a session.
    package var hosts: Set<Substring> { Set(order.compactMap { sessions[$0]?.host }) }

    /// Slots with a session.
    package var slots: Set<String> { Set(order.compactMap { sessions[$0]?.slot }) }

    /// Names held beside the sessions, for the measure of what is remembered.
    package var indexCount: Int { numberByPeer.count + numberBySlot.count }

    // MARK: Opening and closing

    /// A number that no other session ever has, in any epoch.
    package mutating func nextNumber(inEpoch epoch: Int) -> Int {
        openedCount += 1
        return epoch << 32 | openedCount
    }

    /// Opens a session, which does not hold its slot yet.
    package mutating func open(_ session: SessionState) {
        sessions[session.number] = session
        order.append(session.number)
        numberByPeer[session.peer] = session.number
    }

    /// The slot is this session's from now on.
    package mutating func occupySlot(of number: Int) {
        guard let slot = sessions[number]?.slot else { return }
        numberBySlot[slot] = number
    }

    /// - Returns: the session that was open.
    package mutating func close(_ number: Int) -> SessionState? {
        guard let session = sessions.removeValue(forKey: number) else { return nil }
        order.removeAll { $0 == number }
        if numberBySlot[session.slot] == number { numberBySlot[session.slot] = nil }
        if numberByPeer[session.peer] == number { numberByPeer[session.peer] = nil }
        return session
    }

    package mutating func closeAll() {
        sessions.removeAll()
        order = []
        numberBySlot = [:]
        numberByPeer = [:]
    }

    /// A session takes over what another one of the same instance holds, and that one is closed.
    package mutating func moveHoldings(from old: Int, to new: Int) {
        guard let session = close(old) else { return }
        sessions[new]?.leases = session.leases
        sessions[new]?.heldRows = session.heldRows
        sessions[new]?.heldAudioMilliseconds = session.heldAudioMilliseconds
        sessions[new]?.inEngine = session.inEngine
    }

    // MARK: Instances

    /// A newer worker has the slot of this session: its instance is never welcome again.
    package mutating func noteReplaced(_ session: SessionState) {
        superseded.insert(session.instance)
        replaced.add(session.number, of: session.peer, session.instance)
    }

    package func isSuperseded(_ instance: String) -> Bool { superseded.contains(instance) }

    /// The instance of a replaced session, which can be asked for once; nil unless it was this peer's.
    package mutating func removeReplaced(_ number: Int, of peer: PeerID) -> String? {
        replaced.remove(number, of: peer)
    }

    package mutating func noteStalled(_ instance: String) { stalledInstances.insert(instance) }

    package mutating func noteProgress(of instance: String) { stalledInstances.remove(instance) }

    package func isStalled(_ instance: String) -> Bool { stalledInstances.contains(instance) }

    // MARK: Drained slots

    package func isDrained(_ slot: String) -> Bool { drainedSlots.contains(slot) }

    /// The worker of the slot is to finish and end, and no other is welcome in it.
    package mutating func drain(_ number: Int) {
        guard let slot = sessions[number]?.slot else { return }
        drainedSlots.insert(slot)
        sessions[number]?.isDraining = true
    }

    /// Drained slots may work again.
    package mutating func endDrains() {
        drainedSlots = []
        for number in order { sessions[number]?.isDraining = false }
    }
}
