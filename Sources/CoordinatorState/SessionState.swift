package import ClusterProtocol
package import JobState
internal import SpeechTypes

/// One connection-lifetime of a worker, as the coordinator sees it.
package struct SessionState: Sendable {
    package let number: Int
    package let peer: PeerID
    package let slot: String
    package let instance: String
    package let memoryBytes: Int
    /// It computes spans of rows that several workers share.
    package let computesSpans: Bool
    /// For people alone.
    package let arithmetic: String
    package let build: String
    package let cores: Int
    package var lastHeard: Instant
    package var credit: Credit
    /// It spoke in this session, so its `hello` was not a late message of a dead process.
    package var isProven = false
    /// Another instance holds the slot until this one is proven.
    package var isClaimant = false
    /// Stalled before and without a result since: it gets nothing.
    package var isBenched = false
    /// It was asked to finish and end.
    package var isDraining = false
    /// Current leases, oldest first.
    package var leases: [Int] = []
    package var heldRows = 0
    package var heldAudioMilliseconds = 0
    /// Rows of its current leases that were reported as in the engine.
    package var inEngine: Set<Int> = []
    /// What the worker listed as in its engine last, its leases' rows or not.
    package var engineList: [Int] = []
    /// Audio that is computed of those, as far as it was told.
    package var computedMilliseconds = 0
    package var misreadings = Misreadings()
    /// When rows of another session were revoked in favour of this one.
    package var helpedAt: Instant?
    /// When rows of this one were revoked.
    package var revokedAt: Instant?
    /// The number of the newest heartbeat.
    package var heartbeat = 0
    /// Numbered messages up to this one were processed.
    package var receivedNumber: Int
    /// Numbers beyond that which were processed, sorted.
    package var receivedAhead: [Int] = []
    /// Messages up to this number are durable.
    package var durableNumber: Int
    /// Something must be acknowledged at the end of this turn.
    package var owesAcknowledgement = false
    /// Rows that were not taken, to be said with the next acknowledgement.
    package var refusedOrdinals: [Int] = []
    package var refusedReasons: [RefusedReason] = []
    /// Malformed and impossible messages so far.
    package var refusals = 0
    /// How its process spends time and memory.
    package var loads: LoadHistory

    package init(
        number: Int, peer: PeerID, identity: WorkerIdentity, firstNumber: Int, at now: Instant
    ) {
        self.number = number
        self.peer = peer
        slot = identity.slot
        instance = identity.instance
        memoryBytes = identity.memoryBytes
        computesSpans = identity.computesSpans
        arithmetic = identity.arithmetic
        build = identity.build
        cores = identity.cores
        lastHeard = now
        credit = Credit(audioMilliseconds: 0, rows: 0, speed: identity.speed)
        receivedNumber = firstNumber - 1
        durableNumber = firstNumber - 1
        loads = LoadHistory(isContinued: firstNumber > 1)
    }

    /// It asks for work, and may be given some.
    package var mayBeGranted: Bool {
        credit.rows > 0 && credit.speed > 0 && !isBenched && !isClaimant && !isDraining
    }

    package var host: Substring { hostOfSlot(slot) }

    /// The worker, for people.
    package func status(at now: Instant) -> WorkerStatus {
        let state: WorkerStatus.State
        if isDraining {
            state = .draining
        } else if isBenched || isClaimant {
            state = .benched
        } else if !inEngine.isEmpty {
            state = .computing
        } else {
            state = heldRows > 0 ? .reading : .idle
        }
        var status = WorkerStatus(
            slot: slot, state: state, arithmetic: arithmetic, build: build, cores: cores,
            memoryBytes: memoryBytes, speed: credit.speed, rowsHeld: heldRows,
            audioMillisecondsHeld: heldAudioMilliseconds, rowsInEngine: inEngine.count,
            computedMilliseconds: computedMilliseconds,
            silentMilliseconds: (now - lastHeard).wholeMilliseconds)
        status.load = loads.latest
        status.recentLoad = loads.recent
        return status
    }

    /// Some rows were leased to it.
    package mutating func addLease(_ lease: Int, rows: Int, audioMilliseconds: Int) {
        leases.append(lease)
        heldRows += rows
        heldAudioMilliseconds += audioMilliseconds
    }

    /// A row that it held left its lease.
    package mutating func removeRow(_ ordinal: Int, audioMilliseconds: Int) {
        inEngine.remove(ordinal)
        heldRows -= 1
        heldAudioMilliseconds -= audioMilliseconds
    }

    /// What it was owed is on its way.
    package mutating func acknowledged() {
        owesAcknowledgement = false
        refusedOrdinals = []
        refusedReasons = []
    }

    /// Notes the number of a message; false if it was processed before or is too far ahead.
    package mutating func receive(number: Int, aheadMax: Int) -> Bool {
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
