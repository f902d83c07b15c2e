internal import ClusterProtocol
internal import CoordinatorState
internal import JobState
internal import SpeechTypes

/// One connection-lifetime of a worker, as the coordinator sees it.
struct SessionState: Sendable {
    let number: Int
    let peer: PeerID
    let slot: String
    let instance: String
    let memoryBytes: Int
    var lastHeard: Instant
    var credit: Credit
    /// It spoke in this session, so its `hello` was not a late message of a dead process.
    var isProven = false
    /// Another instance holds the slot until this one is proven.
    var isClaimant = false
    /// Stalled before and without a result since: it gets nothing.
    var isBenched = false
    /// It was asked to finish and end.
    var isDraining = false
    /// Current leases, oldest first.
    var leases: [Int] = []
    var heldRows = 0
    var heldAudioMilliseconds = 0
    /// Rows of its current leases that were reported as in the engine.
    var inEngine: Set<Int> = []
    /// What the worker listed as in its engine last, its leases' rows or not.
    var engineList: [Int] = []
    /// Audio that is computed of those, as far as it was told.
    var computedMilliseconds = 0
    var misreadings = Misreadings()
    /// When rows of another session were revoked in favour of this one.
    var helpedAt: Instant?
    /// When rows of this one were revoked.
    var revokedAt: Instant?
    /// The number of the newest heartbeat.
    var heartbeat = 0
    /// Numbered messages up to this one were processed.
    var receivedNumber: Int
    /// Numbers beyond that which were processed, sorted.
    var receivedAhead: [Int] = []
    /// Messages up to this number are durable.
    var durableNumber: Int
    /// Something must be acknowledged at the end of this turn.
    var owesAcknowledgement = false
    /// Rows that were not taken, to be said with the next acknowledgement.
    var refusedOrdinals: [Int] = []
    var refusedReasons: [RefusedReason] = []
    /// Malformed and impossible messages so far.
    var refusals = 0

    init(number: Int, peer: PeerID, identity: WorkerIdentity, firstNumber: Int, at now: Instant) {
        self.number = number
        self.peer = peer
        slot = identity.slot
        instance = identity.instance
        memoryBytes = identity.memoryBytes
        lastHeard = now
        credit = Credit(audioMilliseconds: 0, rows: 0, speed: identity.speed)
        receivedNumber = firstNumber - 1
        durableNumber = firstNumber - 1
    }

    /// It asks for work, and may be given some.
    var mayBeGranted: Bool {
        credit.rows > 0 && credit.speed > 0 && !isBenched && !isClaimant && !isDraining
    }

    var host: Substring { hostOfSlot(slot) }

    /// Some rows were leased to it.
    mutating func addLease(_ lease: Int, rows: Int, audioMilliseconds: Int) {
        leases.append(lease)
        heldRows += rows
        heldAudioMilliseconds += audioMilliseconds
    }

    /// A row that it held left its lease.
    mutating func removeRow(_ ordinal: Int, audioMilliseconds: Int) {
        inEngine.remove(ordinal)
        heldRows -= 1
        heldAudioMilliseconds -= audioMilliseconds
    }

    /// What it was owed is on its way.
    mutating func acknowledged() {
        owesAcknowledgement = false
        refusedOrdinals = []
        refusedReasons = []
    }

    /// Notes the number of a message; false if it was processed before or is too far ahead.
    mutating func receive(number: Int, aheadMax: Int) -> Bool {
        if number <= receivedNumber || receivedAhead.contains(number) {
            owesAcknowledgement = owesAcknowledgement || number <= durableNumber
            return false
        }
        guard number == receivedNumber + 1 else {
            guard receivedAhead.count < aheadMax else { return false }
            let index = receivedAhead.firstIndex { $0 > number } ?? receivedAhead.endIndex
            receivedAhead.insert(number, at: index)
            return true
        }
        receivedNumber = number
        while receivedAhead.first == receivedNumber + 1 {
            receivedNumber += 1
            receivedAhead.removeFirst()
        }
        owesAcknowledgement = true
        return true
    }
}
