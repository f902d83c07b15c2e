internal import ClusterProtocol
internal import Processes
internal import SpeechTypes
internal import Threading
internal import ZeroMQ

/// What the engine's thread tells the session's.
enum EngineNotice: Sendable {
    case row(RowEvent)
    /// The engine returned, or threw what `error` says.
    case ended(error: String?)
}

/// Runs the engine on a thread of its own, which it may block or lose itself in.
struct EngineThread {
    let inbox = EngineInbox()
    /// Steps of the engine, to be looked at now and then.
    let progress: EngineProgress

    /// Makes the engine and runs it until its inbox ends.
    ///
    /// - Parameter makeTranscriber: called on the new thread, since models take time to load.
    init(
        for welcome: Welcome, notices: Mailbox<EngineNotice>,
        onStage: EngineProgress.StageObserver?,
        makeTranscriber: @escaping TranscriberFactory
    ) throws(RuntimeError) {
        let inbox = inbox
        let progress = EngineProgress(
            nanoseconds: { MonotonicClock.nanoseconds() }, observer: onStage)
        self.progress = progress
        _ = try DedicatedThread.ofService {
            do {
                let transcriber = try makeTranscriber(welcome)
                try transcriber.run(inbox: inbox, progress: progress) { event in
                    switch event {
                    case .finished(let row): inbox.ended(row.ordinal)
                    case .failed(let row): inbox.ended(row.ordinal)
                    case .started, .measured: break
                    }
                    notices.post(.row(event))
                }
                notices.post(.ended(error: nil))
            } catch {
                notices.post(.ended(error: "\(error)"))
            }
        }
    }
}
