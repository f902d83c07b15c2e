package import ClusterProtocol
internal import Digests
package import JobState
internal import SpeechTypes

/// A worker's side of the protocol as one value: events and the time go in, effects come out.
///
/// It lasts as long as the worker's process, over all its sessions with one job's coordinators. It
/// goes on computing without a coordinator until unrecorded results fill the window.
package struct WorkerSession: Sendable {
    let identity: WorkerIdentity
    let limits: ClusterLimits
    /// Other coordinators wait for this worker where this one does not need it.
    let hasAlternatives: Bool
    /// Since when there is a session and nothing to do; nil while there is something.
    var idleSince: Instant?
    /// When time was looked at last.
    var lastAdvance: Instant

    // MARK: The connection

    var isConnected = false
    /// Nil until `welcome`, and again when the session is not known any more.
    var session: Int?
    var highestEpoch = 0
    /// The last `welcome`.
    var terms: Welcome?
    /// When a coordinator was heard last; the start of the process before that.
    var lastHeard: Instant
    /// When the socket was made new last.
    var lastReconnect: Instant
    /// Said without a beat in between.
    var hellos = 0
    var nextHello: Instant
    /// `hello` is pointless before this: the coordinator said so.
    var rejectedUntil: Instant?
    var lastHeartbeat: Instant
    var heartbeats = 0
    var lastCredit: Credit = .none

    // MARK: The work

    /// Rows that were leased and are not known to be recorded.
    var rows = HeldRows()
    /// Leases with such rows, by number.
    var leases: [Int: WorkerLease] = [:]
    /// What `withdraw` effects asked for and was not answered, oldest first.
    var withdrawals: [[Int]] = []
    var outbox: Outbox
    var windowBytes: Int
    var isHeld = false
    /// Audio milliseconds a second, as measured.
    var speed: Int
    var rateMeter: RateMeter
    var lastProgress: Instant
    /// Audio that the engine has computed, and what of that was of rows that have ended.
    var computedMilliseconds = 0
    var endedMilliseconds = 0
    /// Rows that were started and not told of yet.
    var startedUntold: [Int] = []
    /// When started rows were told of last; nil if never.
    var startedToldAt: Instant?

    // MARK: The end

    var drainEnds: Instant?
    var inboxIsClosed = false
    var isOver = false
    var effects: [WorkerEffect] = []

    package init(
        identity: WorkerIdentity, limits: ClusterLimits = ClusterLimits(),
        hasAlternatives: Bool = false,
        at now: Instant
    ) {
        self.identity = identity
        self.limits = limits
        self.hasAlternatives = hasAlternatives
        lastAdvance = now
        lastHeard = now
        lastReconnect = now
        nextHello = now
        lastHeartbeat = now
        lastProgress = now
        outbox = Outbox(linger: limits.resultsLinger, rowsMax: limits.leaseRowsMax)
        windowBytes = limits.windowBytesMin
        speed = max(1, min(identity.speed, limits.speedMax))
        rateMeter = RateMeter()
    }

    /// Takes one event.
    package mutating func handle(_ event: WorkerEvent, at now: Instant) -> [WorkerEffect] {
        guard !isOver else { return [] }
        switch event {
        case .connected:
            isConnected = true
            // A new connection is a new routing id: the old session is not ours there.
            session = nil
            hellos = 0
            sayHello(at: now)
        case .disconnected:
            isConnected = false
            session = nil
        case .message(let message):
            receive(message, at: now)
        case .malformed(let error):
            if error.code == .version, terms == nil {
                exit(.refused(Rejected(code: .version, sentence: error.message)))
            }
        case .engine(let event):
            receive(event, at: now)
        case .progress(let computed):
            lastProgress = now
            computedMilliseconds = max(computedMilliseconds, computed)
        case .withdrawn(let ordinals):
            rowsWithdrawn(ordinals)
        case .engineEnded(let error):
            engineEnded(error, at: now)
        case .drain:
            beginDrain(at: now)
        case .tick:
            break
        }
        if !isOver { advance(at: now) }
        defer { effects = [] }
        return effects
    }

    /// When `tick` is due though nothing happened.
    package var nextTick: Instant {
        guard !isOver else { return Instant(nanoseconds: .max) }
        var next = lastAdvance + heartbeat / 5
        if session != nil {
            next = min(next, lastHeartbeat + heartbeat)
        } else if isConnected {
            next = min(next, max(nextHello, rejectedUntil ?? nextHello))
        }
        if let due = outbox.packingDue { next = min(next, due) }
        if session != nil, let due = startedDue { next = min(next, due) }
        if let drainEnds { next = min(next, drainEnds) }
        return next
    }

    var heartbeat: Duration {
        terms.map { .milliseconds($0.heartbeatMilliseconds) } ?? limits.heartbeat
    }

    var sessionTimeout: Duration {
        terms.map { .milliseconds($0.sessionTimeoutMilliseconds) } ?? limits.sessionTimeout
    }

    var isDraining: Bool { drainEnds != nil }

    /// Rows in the engine, by ordinal.
    var inEngine: [Int] { rows.ordinals(at: .engine) }

    mutating func send(_ message: WorkerMessage) { effects.append(.send(message)) }

    mutating func exit(_ reason: WorkerExit) {
        isOver = true
        effects.append(.exit(reason))
    }
}

struct WorkerLease: Sendable {
    /// Rows not known to be recorded.
    var ordinals: Set<Int>
    /// The first heartbeat of this session that listed it; nil if none did.
    var listedSince: Int?
}
