package import ClusterProtocol
package import SpeechTypes

/// What can happen to a worker's session.
package enum WorkerEvent: Sendable {
    /// The socket has a connection (again): the socket monitor says so.
    case connected
    /// It has none. ZeroMQ goes on trying by itself.
    case disconnected
    /// A decoded message of the coordinator.
    case message(CoordinatorMessage)
    /// A message that could not be decoded; logged by the runtime, otherwise without effect.
    case malformed(ProtocolError)
    /// The engine said something about rows.
    case engine(RowEvent)
    /// The engine has made a step since this was said last, or since the beginning.
    ///
    /// With it, the audio that it has computed since the beginning, every lane counted; 0 where it does
    /// not tell.
    case progress(computedMilliseconds: Int)
    /// What ``WorkerEffect/withdraw(_:)`` asked for: these rows had not been started, and the
    /// engine will not see them. Handed back for every `withdraw`, also with none.
    case withdrawn([Int])
    /// `RowTranscriber.run` returned or threw (`error` then).
    case engineEnded(error: String?)
    /// `SIGTERM`, or the parent is gone: finish what is in the engine, give back the rest, end.
    case drain
    /// Time passes. At the latest at ``WorkerSession/nextTick``.
    case tick
}

/// What a worker's session asks for, to be done in the order given.
package enum WorkerEffect: Sendable {
    /// Send without blocking. What cannot be taken is dropped; the session sends again by itself.
    case send(WorkerMessage)
    /// The options of the job, before the first `give`: given once. The engine is started with them.
    case begin(Welcome)
    /// Append rows to the engine's inbox, in this order.
    case give([RowTask])
    /// Take rows back out of the inbox that the engine has not taken; answer with `withdrawn`.
    case withdraw([Int])
    /// Let the engine take no row (true) or go on (false): unrecorded results fill the window.
    case holdEngine(Bool)
    /// No more rows will come: the inbox ends when it is empty.
    case closeInbox
    /// Close the socket and make a new one.
    case reconnect
    /// End the process (after the last messages were handed to the network, at most 2 s). Nothing follows.
    case exit(WorkerExit)
}

/// Why and how a worker's process ends.
package enum WorkerExit: Hashable, Sendable {
    /// A newer worker took the slot, or an operator wants no worker here.
    case done(String)
    /// The job is finished or cancelled.
    case jobFinished(String)
    /// This coordinator does not need the worker now, or does not answer; another may.
    case changesCoordinator(String)
    /// Drained by a signal, its parent or a coordinator that stops.
    case drained
    /// Version, model, engine, canary: starting again will not help.
    case refused(Rejected)
    /// The job runs in another arithmetic class, which this machine has: start again with it.
    case otherArithmetic(String)
    /// The engine failed or stands still.
    case engine(String)
    /// The machine is at fault: it cannot write what the job asks for.
    case machine(String)
    /// No coordinator for too long.
    case gaveUp(String)
    /// Another job is served at this address now: start again.
    case otherJob

    /// The process's exit status.
    package var status: Int32 {
        switch self {
        case .done, .jobFinished: 0
        case .refused, .otherArithmetic: 65
        case .engine: 70
        case .machine: 74
        case .drained, .gaveUp, .otherJob, .changesCoordinator: 75
        }
    }
}
