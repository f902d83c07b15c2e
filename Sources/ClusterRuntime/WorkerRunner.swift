package import ClusterProtocol
package import ClusterSecurity
internal import Glibc
internal import JobState
package import Logging
package import Processes
package import SpeechTypes
internal import SystemErrors
internal import Threading
internal import WorkerCoordination
internal import ZeroMQ

/// Makes the engine once the job's options are known.
///
/// May take its time; may throw, which ends the
/// worker with status 70.
package typealias TranscriberFactory = @Sendable (Welcome) throws -> any RowTranscriber

/// Where a worker connects, and as whom.
package struct WorkerPlan: Sendable {
    /// Where the coordinator is: `tcp://HOST:PORT` or `ipc://PATH`.
    package var endpoint: String
    package var identity: WorkerIdentity
    package var security = ConnectSecurity.ipcOnly
    package var limits = ClusterLimits()
    /// Other coordinators may need the worker where this one does not.
    package var hasAlternatives = false
    /// A descriptor whose end of file says that the parent process is gone.
    package var parentPipe: Int32?
    /// Jobs may have commands of lists run; those that want it are refused otherwise.
    package var runsCommands = false
    /// What jobs may have fetched, a pattern each; those that want something else are refused.
    package var allowedSources: [String] = []
    /// Is told what the engine's threads do, on those threads; nil where nobody wants to know.
    package var onStage: EngineProgress.StageObserver?
    /// Is told what an operator may want to know.
    package var logger = Logger.silent

    package init(endpoint: String, identity: WorkerIdentity) {
        self.endpoint = endpoint
        self.identity = identity
    }

    /// Whether all that a job fetches is allowed here.
    fileprivate func allows(_ sources: [String]) -> Bool {
        sources.allSatisfy { allowedSources.contains($0) }
    }
}

/// A worker's process: a session on the calling thread, the engine on another.
///
/// The session never waits for the engine, so heartbeats go on while an engine is stuck, and the coordinator learns of it.
package enum WorkerRunner {
    /// How a worker ended.
    package struct End: Hashable, Sendable {
        /// What the process should exit with, at once: the engine may still be running.
        package var status: Int32
        /// Why, for people.
        package var reason: String
        /// Of a job in another arithmetic class that this machine has: start again with it.
        package var otherArithmetic: String?
        /// Files beside the acoustic model that the job takes and the worker does not have, or more than
        /// it has: with these it may try again.
        package var neededArtefacts: [ArtefactFile]?
        /// Whether another coordinator may need the worker.
        package var outlook = Outlook.over
    }

    /// What follows for a worker that knows several coordinators.
    package enum Outlook: Hashable, Sendable {
        /// Nothing: the process ends.
        case over
        /// This coordinator never needs it again.
        case jobFinished
        /// This coordinator may need it later.
        case elsewhere
    }

    /// Works until the job is finished, the worker is drained, or it cannot go on.
    ///
    /// Blocks.
    ///
    /// - Parameter signals: the first drains, a second ends at once.
    /// - Throws: if sockets or threads cannot be had.
    package static func run(
        _ plan: WorkerPlan, signals: SignalWatch, makeTranscriber: @escaping TranscriberFactory
    ) throws(RuntimeError) -> End {
        CrashPause.begin()
        let curve = try plan.security.curve(for: plan.endpoint)
        let endsAtOnce = signals.leaveToLoop()
        defer { if endsAtOnce { signals.endAtOnceAgain() } }
        do {
            var loop = try WorkerLoop(
                plan, curve, signals: signals, makeTranscriber: makeTranscriber)
            return try loop.run()
        } catch let error as ZeroMQError {
            throw RuntimeError(error.code == .badAddress ? .usage : .system, error.description)
        } catch let error as RuntimeError {
            throw error
        } catch {
            throw RuntimeError(.system, "\(error)")
        }
    }
}

/// The session's loop: what has happened, to the state machine; what it asks for, done.
private struct WorkerLoop {
    private let plan: WorkerPlan
    private let curve: CurveRole?
    private let signals: SignalWatch
    private let makeTranscriber: TranscriberFactory
    private let context: Context
    private let notices: Mailbox<EngineNotice>
    private var socket: Socket
    private var monitor: ConnectionMonitor
    private var session: WorkerSession
    private var engine: EngineThread?
    private var clock: LoopClock
    private var stepsSeen = 0
    private var isDraining = false
    /// What an operator was told about connections that failed.
    private var advice: Set<String> = []

    /// Messages taken between two looks at the engine.
    private static let messagesMax = 64
    private static let goodbyeLingerMilliseconds: Int32 = 2_000

    init(
        _ plan: WorkerPlan, _ curve: CurveRole?, signals: SignalWatch,
        makeTranscriber: @escaping TranscriberFactory
    ) throws {
        self.plan = plan
        self.curve = curve
        self.signals = signals
        self.makeTranscriber = makeTranscriber
        clock = LoopClock(heartbeat: plan.limits.heartbeat)
        context = try Context.ofService()
        notices = try Mailbox()
        (socket, monitor) = try Self.connect(plan, curve, in: context)
        session = WorkerSession(
            identity: plan.identity, limits: plan.limits, hasAlternatives: plan.hasAlternatives,
            at: MonotonicClock.now())
    }

    mutating func run() throws -> WorkerRunner.End {
        while true {
            try wait()
            if let end = try turn() {
                // What is queued, goodbye included, still has this long to leave.
                try socket.setLinger(milliseconds: Self.goodbyeLingerMilliseconds)
                return end
            }
        }
    }

    private mutating func wait() throws {
        var sources: [Poller.Source] = [
            .socket(socket), .monitor(monitor), .descriptor(notices.descriptor),
            .descriptor(signals.descriptor),
        ]
        if let parentPipe = plan.parentPipe { sources.append(.descriptor(parentPipe)) }
        let nanoseconds = (session.nextTick - now()).wholeNanoseconds
        // Rounded up, so that a tick is never early; at most a second, in case of a lost wake-up.
        let milliseconds = max(0, min(1_000, (nanoseconds + 999_999) / 1_000_000))
        try Poller.wait(for: sources, milliseconds: Int(milliseconds))
    }

    /// Takes all that has happened; an end if the process is to end.
    private mutating func turn() throws -> WorkerRunner.End? {
        if isOrphaned() {
            return .init(status: ExitStatus.tryAgain, reason: "the parent process is gone")
        }
        switch signals.request {
        case .none: break
        case .drain:
            if !isDraining {
                isDraining = true
                if let end = try handle(.drain) { return end }
            }
        case .stop:
            return .init(status: ExitStatus.tryAgain, reason: "stopped by a signal")
        }
        if let progress = engine?.progress, progress.steps != stepsSeen {
            stepsSeen = progress.steps
            let computed = progress.computedMilliseconds
            if let end = try handle(.progress(computedMilliseconds: computed)) { return end }
        }
        for notice in notices.takeAll() {
            switch notice {
            case .row(let event):
                if let end = try handle(.engine(event)) { return end }
            case .ended(let error):
                if let end = try handle(.engineEnded(error: error)) { return end }
            }
        }
        while let change = try monitor.next() {
            switch change {
            case .connected:
                advice = []
                if let end = try handle(.connected) { return end }
            case .disconnected:
                if let end = try handle(.disconnected) { return end }
            case .refused:
                advise(plan.security.refusalAdvice(plan.endpoint, role: .worker))
            case .handshakeFailed:
                advise(plan.security.handshakeAdvice(plan.endpoint))
            }
        }
        for _ in 0..<Self.messagesMax {
            guard let arrival = try socket.receive() else { break }
            if let end = try handle(event(of: arrival)) { return end }
        }
        return try handle(.tick)
    }

    /// Says once why there is no connection; the worker goes on trying.
    private mutating func advise(_ sentence: String) {
        if advice.insert(sentence).inserted {
            plan.logger.warning("\(sentence)", metadata: ["endpoint": "\(plan.endpoint)"])
        }
    }

    private func event(of arrival: Socket.Arrival) -> WorkerEvent {
        switch arrival {
        case .malformed:
            return .malformed(ProtocolError(.header, "a message has one frame"))
        case .message(_, let body):
            do throws(ProtocolError) {
                let message = try MessageCodec.decode(body, limits: plan.limits)
                if case .coordinator(let message) = message { return .message(message) }
                return .malformed(ProtocolError(.kind, "not a message of a coordinator"))
            } catch {
                return .malformed(error)
            }
        }
    }

    /// Takes one event, and those that its effects cause, each after all effects of the one before.
    private mutating func handle(_ event: WorkerEvent) throws -> WorkerRunner.End? {
        if case .malformed(let error) = event {
            plan.logger.warning("\(error.message)", metadata: ["endpoint": "\(plan.endpoint)"])
        }
        var events = [event]
        while !events.isEmpty {
            let time = now()
            for effect in session.handle(events.removeFirst(), at: time) {
                switch effect {
                case .send(let message):
                    _ = try socket.send(MessageCodec.encode(.worker(withLoad(message))))
                case .begin(let welcome) where !plan.allows(welcome.options.allowedSources):
                    return .init(
                        status: ExitStatus.jobRefused,
                        reason:
                            "the job fetches audio from \(welcome.options.allowedSources.joined(separator: ", ")), "
                            + "which this worker was not started for; start it with --allow-source and the "
                            + "same patterns")
                case .begin(let welcome) where welcome.options.runsCommands && !plan.runsCommands:
                    return .init(
                        status: ExitStatus.jobRefused,
                        reason:
                            "the job runs commands of its list, which this worker was not started for; "
                            + "start it with --allow-commands if you trust whoever wrote the list")
                case .begin(let welcome):
                    engine = try EngineThread(
                        for: welcome, notices: notices, onStage: plan.onStage,
                        makeTranscriber: makeTranscriber)
                case .give(let tasks):
                    engine?.inbox.append(tasks)
                case .withdraw(let ordinals):
                    events.append(.withdrawn(engine?.inbox.withdraw(ordinals) ?? ordinals))
                case .holdEngine(let isHeld):
                    engine?.inbox.setHeld(isHeld)
                case .closeInbox:
                    engine?.inbox.close()
                case .reconnect:
                    (socket, monitor) = try Self.connect(plan, curve, in: context)
                case .exit(let exit):
                    return WorkerRunner.End(exit)
                }
            }
        }
        return nil
    }

    /// A heartbeat with how the process spends time and memory, once it has an engine.
    private func withLoad(_ message: WorkerMessage) -> WorkerMessage {
        guard case .heartbeat(var heartbeat) = message, let load = engine?.progress.load else {
            return message
        }
        heartbeat.load = WorkerLoad(
            engine: load, residentBytes: ProcessMemory.residentBytes())
        return .heartbeat(heartbeat)
    }

    private func isOrphaned() -> Bool {
        guard let parentPipe = plan.parentPipe else { return false }
        var item = pollfd(fd: parentPipe, events: Int16(POLLIN), revents: 0)
        // Nothing is ever written to it: readable means ended.
        return poll(&item, 1, 0) > 0
    }

    private static func connect(
        _ plan: WorkerPlan, _ curve: CurveRole?, in context: Context
    ) throws(ZeroMQError) -> (Socket, ConnectionMonitor) {
        let socket = try Socket(.dealer, in: context, curve: curve)
        let monitor = try ConnectionMonitor(of: socket, in: context)
        try socket.connect(plan.endpoint)
        return (socket, monitor)
    }

    /// The time without this process's own pauses, in which its engine cannot have got on.
    private mutating func now() -> Instant { clock.now(MonotonicClock.now()) }
}

extension WorkerRunner.End {
    fileprivate init(_ exit: WorkerExit) {
        status = exit.status
        switch exit {
        case .done(let reason), .engine(let reason), .machine(let reason): self.reason = reason
        case .jobFinished(let reason):
            self.reason = reason
            outlook = .jobFinished
        case .changesCoordinator(let reason), .gaveUp(let reason):
            self.reason = reason
            outlook = .elsewhere
        case .refused(let rejected):
            reason = rejected.sentence
            neededArtefacts = rejected.artefacts
        case .otherArithmetic(let arithmetic):
            reason = "the job runs in the arithmetic class \(arithmetic)"
            otherArithmetic = arithmetic
        case .drained: reason = "drained"
        case .otherJob: reason = "another job is served at this address now"
        }
    }

    fileprivate init(status: Int32, reason: String) {
        self.init(status: status, reason: reason, otherArithmetic: nil, outlook: .over)
    }
}
