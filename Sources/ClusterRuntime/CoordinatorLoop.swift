internal import ClusterProtocol
internal import ClusterSecurity
internal import Coordination
internal import Glibc
internal import JobJournal
internal import JobOutput
internal import JobState
internal import Logging
internal import Processes
internal import Threading
internal import ZeroMQ

/// The loop, all of it on the coordinator's thread.
struct CoordinatorLoop {
    private var coordinator: Coordinator
    private let rows: any JobRows
    // What a peer cannot take is dropped: acknowledgements and heartbeats mend it.
    private let listener: PeerListener
    private let mailbox: Mailbox<CoordinatorService.Command>
    private let commits: CommitThread
    private let settings: CoordinatorService.Settings
    private let onEnd: (CoordinatorService.End) -> Void
    /// Where the search for rows without a usable line goes on; nil once all are handed over.
    private var nextRejection: Int? = 0
    private var commitError: JournalError?
    private var nextStatus = Instant(nanoseconds: 0)
    private var clock: LoopClock
    private var isStopped = false

    /// Messages taken in one turn: bounds how long others wait for theirs.
    private static let messagesMax = 256
    /// Unusable rows handed over in one turn.
    private static let rejectionsMax = 4_096
    private static let statusInterval = Duration.milliseconds(250)
    private static let cancelAnswerMicroseconds: UInt32 = 200_000
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
                let listener = try PeerListener(settings, in: context, at: MonotonicClock.now())
                let commits = try CommitThread(store: store, onCommit: settings.onCommit) {
                    notice in
                    switch notice {
                    case .event(let event): mailbox.post(.event(event))
                    case .failed(let batch, let error):
                        mailbox.post(.commitFailed(batch: batch, error))
                    }
                }
                defer { commits.finish() }
                let keys = try watchKeys(settings, mailbox)
                defer { keys?.finish() }
                let space = try SpaceWatch(settings.isShortOfSpace) { isShort in
                    mailbox.post(.event(.space(isShort: isShort)))
                }
                defer { space.finish() }
                onListening(listener.endpoints)
                var loop = CoordinatorLoop(
                    coordinator: coordinator, rows: rows, listener: listener, mailbox: mailbox,
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

    private static func watchKeys(
        _ settings: CoordinatorService.Settings,
        _ mailbox: Mailbox<CoordinatorService.Command>
    ) throws(RuntimeError) -> KeyWatch? {
        guard case .curve(let folder) = settings.security else { return nil }
        return try KeyWatch(
            folder, onChange: { mailbox.post(.allow($0)) }, logger: settings.logger)
    }

    private init(
        coordinator: Coordinator, rows: any JobRows, listener: PeerListener,
        mailbox: Mailbox<CoordinatorService.Command>, commits: CommitThread,
        settings: CoordinatorService.Settings, onEnd: @escaping (CoordinatorService.End) -> Void
    ) {
        self.coordinator = coordinator
        self.rows = rows
        self.listener = listener
        self.mailbox = mailbox
        self.commits = commits
        self.settings = settings
        self.onEnd = onEnd
        clock = LoopClock(heartbeat: settings.limits.heartbeat)
    }

    private mutating func run() throws {
        while !isStopped {
            try wait()
            let began = settings.onTurn == nil ? 0 : MonotonicClock.nanoseconds()
            try turn()
            settings.onTurn?(began, MonotonicClock.nanoseconds())
        }
        tellStatus()
        try listener.setLinger(milliseconds: Self.lingerMilliseconds)
    }

    private mutating func wait() throws {
        let due = nextRejection == nil ? min(coordinator.nextTurn, nextStatus) : now()
        let nanoseconds = (due - now()).wholeNanoseconds
        try Poller.wait(
            for: listener.sources + [.descriptor(mailbox.descriptor)],
            milliseconds: Int(max(0, min(1_000, (nanoseconds + 999_999) / 1_000_000))))
    }

    private mutating func turn() throws {
        try listener.answerHandshakes()
        // Messages are read before the news that a worker's process has ended: rows that it had reported as
        // started must count as started.
        if nextRejection == nil { try receiveMessages() }
        if isStopped { return }
        for command in mailbox.takeAll() {
            switch command {
            case .event(let event):
                try handle(event)
            case .commitFailed(let batch, let error):
                commitError = error
                try handle(.commitFailed(batch: batch))
            case .allow(let list):
                for peer in listener.allow(list) { try handle(.forbidden(peer)) }
            case .answer(let answer, let peer):
                try listener.send(.commandReply(answer), to: peer)
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
        if now() >= nextStatus {
            nextStatus = now() + Self.statusInterval
            tellStatus()
        }
    }

    private mutating func tellStatus() {
        let time = now()
        settings.onStatus(coordinator.status(at: time), coordinator.workerStatuses(at: time))
    }

    private mutating func receiveMessages() throws {
        for _ in 0..<Self.messagesMax where !isStopped {
            guard let arrival = try listener.receive(at: now()) else { return }
            switch arrival {
            case .dropped: break
            case .forbidden(let peer):
                try handle(.forbidden(peer))
            case .malformed(let error, let peer):
                try handle(.malformed(error, from: peer))
            case .message(let body, let peer, let roles):
                try dispatch(body, from: peer, roles)
            }
        }
    }

    private mutating func dispatch(
        _ body: [UInt8], from peer: PeerID, _ roles: Set<PeerRole>
    ) throws {
        let message: ClusterMessage
        do throws(ProtocolError) {
            message = try MessageCodec.decode(body, limits: settings.limits)
        } catch {
            return try handle(.malformed(error, from: peer))
        }
        switch message {
        case .worker(let message):
            guard roles.contains(.worker) else { return try handle(.forbidden(peer)) }
            switch message {
            case .started, .results, .failure: settings.onWork()
            case .hello, .requestWork, .release, .heartbeat, .goodbye: break
            }
            try handle(.message(message, from: peer))
        case .statusRequest:
            guard roles.contains(.observer) else { return try forbid(peer) }
            try handle(.statusRequested(from: peer))
        case .command(let command):
            guard roles.contains(.operator) else { return try forbid(peer) }
            try handle(.command(command, from: peer))
        case .coordinator, .statusReply, .commandReply:
            let error = ProtocolError(.kind, "a coordinator does not take this kind")
            try handle(.malformed(error, from: peer))
        }
    }

    /// Says that a key lacks the role that a message needs.
    private func forbid(_ peer: PeerID) throws {
        try listener.send(.coordinator(.refused(.forbidden)), to: peer)
    }

    private mutating func handle(_ event: CoordinatorEvent) throws {
        let time = now()
        for effect in coordinator.handle(event, at: time) {
            switch effect {
            case .send(let message, let peer):
                try listener.send(.coordinator(message), to: peer)
            case .sendLease(let grant, let peer):
                let rows = try leaseRows(grant.ordinals)
                try listener.send(.coordinator(grant.message(rows: rows)), to: peer)
            case .sendStatus(let status, let peer):
                try listener.send(.statusReply(status), to: peer)
            case .answer(let answer, let peer):
                try listener.send(.commandReply(answer), to: peer)
            case .exportSnapshot(let peer):
                settings.onExport { [mailbox] in mailbox.post(.answer($0, peer)) }
            case .commit(let batch):
                tell(batch.entries)
                commits.commit(batch)
            case .compareDuplicate(let claim):
                commits.compare(claim)
            case .finished:
                onEnd(.finished)
            case .stopped(let reason):
                isStopped = true
                switch reason {
                case .drained: onEnd(.drained)
                case .cancelled:
                    // A dealer whose connection ends drops what it has not read (libzmq 4.3.4, with
                    // IMMEDIATE): whoever cancelled gets this long to read the answer.
                    usleep(Self.cancelAnswerMicroseconds)
                    onEnd(.cancelled)
                case .commitFailed:
                    if let commitError { onEnd(.commitFailed(commitError)) }
                }
            }
        }
    }

    /// Says at once what only an operator can mend: keys that have expired, a mount that is gone.
    private func tell(_ entries: [JournalEntry]) {
        for case .note(let note) in entries {
            switch note.kind {
            case .sourceFailing, .sourceDown: settings.logger.warning("\(note.text)")
            case .sourceBack: settings.logger.notice("\(note.text)")
            default: break
            }
        }
    }

    private func leaseRows(_ ordinals: [Int]) throws -> [LeaseRow] {
        try ordinals.map { ordinal in
            let (raw, digest) = try rows.named(coordinator.row(of: ordinal))
            return LeaseRow(
                ordinal: ordinal, rowDigest: digest,
                audioMilliseconds: coordinator.plannedMilliseconds(of: ordinal), raw: raw)
        }
    }

    /// The time without this loop's own pauses, which are nobody's silence.
    private mutating func now() -> Instant {
        clock.now(MonotonicClock.now())
    }
}
