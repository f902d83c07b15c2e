internal import ClusterProtocol
internal import ClusterSecurity
internal import Coordination
internal import JobJournal
internal import JobOutput
internal import JobState
internal import Logging
internal import Processes
internal import SystemErrors
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
        /// The first is for this machine, over ipc.
        var endpoints: [String]
        var security = ListenSecurity.ipcOnly
        var limits = ClusterLimits()
        /// Is told what an operator may want to know, on any thread, which must not wait here.
        var logger = Logger.silent
        /// Called about four times a second, on the coordinator's thread, which must not wait for a
        /// terminal or a disk here.
        var onStatus: @Sendable (JobStatus, [WorkerStatus]) -> Void = { _, _ in }
        /// Called after each turn of the loop with its times, on the coordinator's thread; nil where nobody wants to
        /// know.
        var onTurn: (@Sendable (_ from: Int, _ to: Int) -> Void)?
        /// Called when a worker says that rows are, or were, in its engine.
        var onWork: @Sendable () -> Void = {}
        /// Asked about four times a second, on a thread of its own: whether the journal's disk is nearly
        /// full.
        var isShortOfSpace: @Sendable () -> Bool = { false }
        /// Called when an operator wants the rows recorded so far; answers on any thread.
        var onExport: @Sendable (@escaping @Sendable (OperatorAnswer) -> Void) -> Void = { _ in }
        /// Called after every commit with what is durable and how long that took, on the thread that waits for
        /// the disk.
        var onCommit: @Sendable (_ entries: [JournalEntry], _ nanoseconds: Int) -> Void = { _, _ in
        }
    }

    /// What reaches the loop from other threads.
    enum Command: Sendable {
        case event(CoordinatorEvent)
        case commitFailed(batch: Int, JournalError)
        /// These keys may connect from now on.
        case allow(AllowList)
        /// Tell an operator what came of a command.
        case answer(OperatorAnswer, PeerID)
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
        do throws(SystemError) {
            mailbox = try Mailbox()
        } catch {
            throw RuntimeError(withoutDescriptors: error)
        }
        self.mailbox = mailbox
        let progress = progress
        let start = Guarded<Coordinator?>(coordinator)
        thread = try DedicatedThread.ofService {
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
