internal import ClusterProtocol
internal import Coordination
internal import Digests
internal import JobJournal
internal import Threading
internal import ZeroMQ

/// Runs the coordinator: one thread takes what has happened, lets the state machine decide, and
/// does what it asks for; another waits for the disk.
///
/// Messages that depend on entries come out of the state machine only after their commit, so the
/// order of the safety argument (append, commit, send) is not this service's to get wrong.
final class CoordinatorService: Sendable {
    /// How the coordinator ended.
    enum End: Sendable {
        /// Every row has a durable outcome.
        case finished
        /// Drained, or stopped from outside.
        case drained
        /// An operator cancelled the job.
        case cancelled
        /// A commit failed; nothing was sent after it.
        case commitFailed(JournalError)
        /// The loop itself could not go on.
        case failed(RuntimeError)
    }

    /// What the service needs besides its state machine.
    struct Settings: Sendable {
        var endpoints: [String]
        var limits = ClusterLimits()
        /// Called about four times a second, on the coordinator's thread.
        var onStatus: @Sendable (JobStatus) -> Void = { _ in }
        /// Called when a worker says that rows are, or were, in its engine.
        var onWork: @Sendable () -> Void = {}
        /// Asked about four times a second: whether the journal's disk is nearly full.
        var isShortOfSpace: @Sendable () -> Bool = { false }
        /// Called after every commit, on the thread that waits for the disk.
        var onCommit: @Sendable () -> Void = {}
    }

    /// What reaches the loop from other threads.
    enum Command: Sendable {
        case event(CoordinatorEvent)
        case commitFailed(batch: Int, JournalError)
        /// The output is written, or nobody waits any more: end the loop.
        case close
    }

    private struct Progress {
        var endpoints: [String]?
        var end: End?
    }

    private let mailbox: Mailbox<Command>
    private let progress = Guarded(Progress())
    private let thread: DedicatedThread

    /// Listens on all endpoints and begins; returns when workers can connect.
    init(
        coordinator: sending Coordinator, rows: any JobRows, store: any JobStore, context: Context,
        settings: Settings
    ) throws(RuntimeError) {
        let mailbox: Mailbox<Command>
        do {
            mailbox = try Mailbox()
        } catch {
            throw RuntimeError(.system, error.description)
        }
        self.mailbox = mailbox
        let progress = progress
        let start = Guarded<Coordinator?>(coordinator)
        thread = DedicatedThread {
            let coordinator: Coordinator = start.wait { $0 }
            let end = CoordinatorLoop.run(
                coordinator, rows: rows, store: store, context: context, settings: settings,
                mailbox: mailbox,
                onListening: { endpoints in progress.withLock { $0.endpoints = endpoints } },
                onEnd: { end in progress.withLock { $0.end = $0.end ?? end } })
            progress.withLock { $0.end = $0.end ?? end }
        }
        let failure: RuntimeError? = progress.wait { progress -> RuntimeError?? in
            if progress.endpoints != nil { return .some(nil) }
            if case .failed(let error) = progress.end { return error }
            return nil
        }
        if let failure { throw failure }
    }

    /// Where the coordinator listens, with ports that were chosen.
    var endpoints: [String] { progress.withLock { $0.endpoints ?? [] } }

    /// Hands an event to the state machine.
    func post(_ event: CoordinatorEvent) {
        mailbox.post(.event(event))
    }

    /// How the job ended, once it has; nil while it runs, after `milliseconds` at the latest.
    ///
    /// After `finished` the loop goes on telling late workers so, until ``close()``.
    func waitForEnd(milliseconds: Int) -> End? {
        progress.wait(milliseconds: milliseconds) { $0.end }
    }

    /// Ends the loop and waits for it; sockets are closed and no commit is under way afterwards.
    func close() {
        mailbox.post(.close)
        thread.join()
    }
}

/// The loop, all of it on the coordinator's thread.
private struct CoordinatorLoop {
    private var coordinator: Coordinator
    private let rows: any JobRows
    private let router: Socket
    private let mailbox: Mailbox<CoordinatorService.Command>
    private let commits: CommitThread
    private let settings: CoordinatorService.Settings
    private let onEnd: (CoordinatorService.End) -> Void
    /// Where the search for rows without a usable line goes on; nil once all are handed over.
    private var nextRejection: Int? = 0
    private var commitError: JournalError?
    private var nextStatus = Instant(nanoseconds: 0)
    /// Nil until it was looked at.
    private var isShortOfSpace: Bool?
    private var isStopped = false

    /// Messages taken in one turn: bounds how long others wait for theirs.
    private static let messagesMax = 256
    /// Unusable rows handed over in one turn.
    private static let rejectionsMax = 4_096
    private static let statusInterval = Duration.milliseconds(250)
    /// How long the last messages may take to leave.
    private static let lingerMilliseconds: Int32 = 2_000

    static func run(
        _ coordinator: Coordinator, rows: any JobRows, store: any JobStore, context: Context,
        settings: CoordinatorService.Settings,
        mailbox: Mailbox<CoordinatorService.Command>, onListening: ([String]) -> Void,
        onEnd: (CoordinatorService.End) -> Void
    ) -> CoordinatorService.End {
        withoutActuallyEscaping(onEnd) { onEnd in
            do {
                let router = try Socket(.router, in: context)
                var endpoints: [String] = []
                for endpoint in settings.endpoints { endpoints.append(try router.bind(endpoint)) }
                let commits = try CommitThread(store: store) { notice in
                    switch notice {
                    case .event(let event): mailbox.post(.event(event))
                    case .failed(let batch, let error):
                        mailbox.post(.commitFailed(batch: batch, error))
                    }
                    settings.onCommit()
                }
                defer { commits.finish() }
                onListening(endpoints)
                var loop = CoordinatorLoop(
                    coordinator: coordinator, rows: rows, router: router, mailbox: mailbox,
                    commits: commits, settings: settings, onEnd: onEnd)
                try loop.run()
                return .drained
            } catch let error as ZeroMQError {
                let code: RuntimeError.Code =
                    error.code == .badAddress || error.code == .nameTooLong ? .usage : .system
                return .failed(RuntimeError(code, error.description))
            } catch let error as RuntimeError {
                return .failed(error)
            } catch {
                return .failed(RuntimeError(.system, "\(error)"))
            }
        }
    }

    private init(
        coordinator: Coordinator, rows: any JobRows, router: Socket,
        mailbox: Mailbox<CoordinatorService.Command>, commits: CommitThread,
        settings: CoordinatorService.Settings, onEnd: @escaping (CoordinatorService.End) -> Void
    ) {
        self.coordinator = coordinator
        self.rows = rows
        self.router = router
        self.mailbox = mailbox
        self.commits = commits
        self.settings = settings
        self.onEnd = onEnd
    }

    private mutating func run() throws {
        while !isStopped {
            try wait()
            try turn()
        }
        settings.onStatus(coordinator.status(at: Self.now()))
        try router.setLinger(milliseconds: Self.lingerMilliseconds)
    }

    private func wait() throws {
        let due = nextRejection == nil ? min(coordinator.nextTurn, nextStatus) : Self.now()
        let nanoseconds = (due - Self.now()).wholeNanoseconds
        try Poller.wait(
            for: [.socket(router), .descriptor(mailbox.descriptor)],
            milliseconds: Int(max(0, min(1_000, (nanoseconds + 999_999) / 1_000_000))))
    }

    private mutating func turn() throws {
        // What a worker said before it died is heard before its death: what it had started counts.
        if nextRejection == nil { try takeMessages() }
        if isStopped { return }
        for command in mailbox.takeAll() {
            switch command {
            case .event(let event):
                try handle(event)
            case .commitFailed(let batch, let error):
                commitError = error
                try handle(.commitFailed(batch: batch))
            case .close:
                isStopped = true
            }
            if isStopped { return }
        }
        if let first = nextRejection {
            let (rejections, next) = try rows.rejections(from: first, max: Self.rejectionsMax)
            nextRejection = next
            if !rejections.isEmpty { try handle(.rejectedAtPlanning(rejections)) }
        }
        try handle(.turnEnded)
        if Self.now() >= nextStatus {
            nextStatus = Self.now() + Self.statusInterval
            let isShort = settings.isShortOfSpace()
            if isShort != isShortOfSpace {
                isShortOfSpace = isShort
                try handle(.space(isShort: isShort))
            }
            settings.onStatus(coordinator.status(at: Self.now()))
        }
    }

    private mutating func takeMessages() throws {
        for _ in 0..<Self.messagesMax where !isStopped {
            guard let arrival = try router.receive() else { return }
            switch arrival {
            case .malformed(let peer):
                let error = ProtocolError(.header, "a message has one frame")
                try handle(.malformed(error, from: PeerID(peer)))
            case .message(let peer, let body):
                try handle(event(of: body, from: PeerID(peer)))
            }
        }
    }

    private func event(of body: [UInt8], from peer: PeerID) -> CoordinatorEvent {
        do throws(ProtocolError) {
            switch try MessageCodec.decode(body, limits: settings.limits) {
            case .worker(let message):
                switch message {
                case .started, .results, .failure: settings.onWork()
                case .hello, .requestWork, .release, .heartbeat, .goodbye: break
                }
                return .message(message, from: peer)
            case .statusRequest: return .statusRequested(from: peer)
            case .coordinator, .statusReply:
                let error = ProtocolError(.kind, "a coordinator does not take this kind")
                return .malformed(error, from: peer)
            }
        } catch {
            return .malformed(error, from: peer)
        }
    }

    private mutating func handle(_ event: CoordinatorEvent) throws {
        for effect in coordinator.handle(event, at: Self.now()) {
            switch effect {
            case .send(let message, let peer):
                try send(.coordinator(message), to: peer)
            case .sendLease(let grant, let peer):
                let rows = try leaseRows(grant.ordinals)
                try send(.coordinator(grant.message(rows: rows)), to: peer)
            case .sendStatus(let status, let peer):
                try send(.statusReply(status), to: peer)
            case .answer:
                break
            case .commit(let batch):
                commits.commit(batch)
            case .compareDuplicate(let claim):
                commits.compare(claim)
            case .finished:
                onEnd(.finished)
            case .stopped(let reason):
                isStopped = true
                switch reason {
                case .drained: onEnd(.drained)
                case .cancelled: onEnd(.cancelled)
                case .commitFailed:
                    if let commitError { onEnd(.commitFailed(commitError)) }
                }
            }
        }
    }

    /// What a peer cannot take is dropped: acknowledgements and heartbeats mend it.
    private func send(_ message: ClusterMessage, to peer: PeerID) throws {
        _ = try router.send(MessageCodec.encode(message), to: peer.bytes)
    }

    private func leaseRows(_ ordinals: [Int]) throws -> [LeaseRow] {
        try ordinals.map { ordinal in
            let raw = try rows.raw(of: ordinal)
            return LeaseRow(
                ordinal: ordinal, rowDigest: SHA256Hasher.digest(of: raw).short,
                audioMilliseconds: rows.audioMilliseconds(of: ordinal), raw: raw)
        }
    }

    private static func now() -> Instant {
        Instant(nanoseconds: Int64(MonotonicClock.nanoseconds()))
    }
}
