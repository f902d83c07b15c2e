internal import ClusterProtocol
internal import Glibc
internal import JobState
internal import SpeechTypes
internal import WorkerCoordination
internal import ZeroMQ

/// A fleet on one thread: real sessions over real sockets, with engines that take no time.
struct WorkerSwarm {
    /// One worker; its engine is a list.
    private final class Worker {
        let socket: Socket
        var session: WorkerSession
        var inbox: ArraySlice<RowTask> = []
        var isHeld = false
        var exit: WorkerExit?

        init(socket: Socket, session: WorkerSession) {
            self.socket = socket
            self.session = session
        }
    }

    private var workers: [Worker] = []
    private let engine: StandInEngine
    private let limits: ClusterLimits

    /// Rows that an engine takes at once, and messages that a worker takes before the next has its turn.
    private static let batchRows = 256
    private static let messagesMax = 16
    private static let restMicroseconds: UInt32 = 5_000
    /// Sessions without a message are looked at this often.
    private static let ticksMilliseconds = 20

    /// - Parameter makeIdentity: of each worker; slots and instances differ.
    init(
        count: Int, endpoint: String, curve: CurveRole?, limits: ClusterLimits,
        engine: StandInEngine, makeIdentity: (Int) -> WorkerIdentity
    ) throws {
        self.engine = engine
        self.limits = limits
        let context = try Context()
        for index in 0..<count {
            let socket = try Socket(.dealer, in: context, curve: curve)
            try socket.connect(endpoint)
            let session = WorkerSession(
                identity: makeIdentity(index), limits: limits, at: Self.now())
            workers.append(Worker(socket: socket, session: session))
        }
    }

    /// Works until every session has ended.
    ///
    /// - Returns: how many ended otherwise than with a finished job.
    mutating func run() throws -> Int {
        // Without a monitor a session is told at once that it is connected: what it says too early is
        // dropped, and said again.
        for worker in workers { try handle(.connected, of: worker) }
        var nextTicks = Self.now()
        while workers.contains(where: { $0.exit == nil }) {
            let active = workers.filter { $0.exit == nil }
            // Not a poll: one of a thousand sockets costs more than all that comes through them.
            usleep(Self.restMicroseconds)
            let ticks = Self.now() >= nextTicks
            if ticks { nextTicks = Self.now() + .milliseconds(Self.ticksMilliseconds) }
            for worker in active {
                try takeMessages(of: worker)
                try compute(worker)
                if ticks { try handle(.tick, of: worker) }
            }
        }
        return workers.count { $0.exit?.status != 0 }
    }

    private func takeMessages(of worker: Worker) throws {
        for _ in 0..<Self.messagesMax {
            guard case .message(_, let body)? = try worker.socket.receive() else { return }
            guard case .coordinator(let message) = try MessageCodec.decode(body, limits: limits)
            else { continue }
            try handle(.message(message), of: worker)
        }
    }

    private func compute(_ worker: Worker) throws {
        while !worker.isHeld, !worker.inbox.isEmpty {
            let batch = worker.inbox.prefix(Self.batchRows)
            worker.inbox = worker.inbox.dropFirst(batch.count)
            try handle(.engine(.started(batch.map(\.ordinal))), of: worker)
            for row in batch { try handle(.engine(engine.outcome(of: row)), of: worker) }
        }
    }

    private func handle(_ event: WorkerEvent, of worker: Worker) throws {
        guard worker.exit == nil else { return }
        for effect in worker.session.handle(event, at: Self.now()) {
            switch effect {
            case .send(let message):
                _ = try worker.socket.send(MessageCodec.encode(.worker(message)))
            case .give(let tasks):
                worker.inbox += tasks
            case .withdraw(let ordinals):
                let asked = Set(ordinals)
                let withdrawn = worker.inbox.filter { asked.contains($0.ordinal) }.map(\.ordinal)
                worker.inbox.removeAll { asked.contains($0.ordinal) }
                try handle(.withdrawn(withdrawn), of: worker)
            case .holdEngine(let isHeld):
                worker.isHeld = isHeld
            case .exit(let exit):
                worker.exit = exit
            case .begin, .closeInbox, .reconnect:
                break
            }
        }
    }

    private static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
