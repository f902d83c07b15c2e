package import ClusterProtocol
internal import Coordination
package import JobJournal
internal import Processes
internal import Threading

/// Writes the rows recorded so far beside the output while the job runs, on a thread of its own.
package final class SnapshotWriter: Sendable {
    private struct State {
        var isBusy = false
        var isClosed = false
    }

    private let journal: Journal
    private let rows: any JobRows
    private let output: RecordDestination
    private let state = Guarded(State())

    package init(_ journal: Journal, rows: any JobRows, output: RecordDestination) {
        self.journal = journal
        self.rows = rows
        self.output = output
    }

    /// Begins to write; one snapshot at a time.
    ///
    /// - Parameter onAnswer: called once, on any thread, when it is there or cannot be had.
    package func write(onAnswer: @escaping @Sendable (OperatorAnswer) -> Void) {
        guard case .file(let path) = output else {
            return onAnswer(
                OperatorAnswer(isDone: false, sentence: "the records of this job go to a stream"))
        }
        let isFree = state.withLock { state in
            guard !state.isBusy, !state.isClosed else { return false }
            state.isBusy = true
            return true
        }
        guard isFree else {
            return onAnswer(
                OperatorAnswer(isDone: false, sentence: "a snapshot is being written already"))
        }
        do throws(RuntimeError) {
            _ = try DedicatedThread.ofService { [journal, rows, state] in
                onAnswer(
                    Self.answer(from: journal, rows, path) { !state.withLock { $0.isClosed } })
                state.withLock { $0.isBusy = false }
            }
        } catch {
            state.withLock { $0.isBusy = false }
            onAnswer(OperatorAnswer(isDone: false, sentence: error.description))
        }
    }

    /// Ends what is being written.
    package func finish() {
        state.withLock { $0.isClosed = true }
        state.wait { $0.isBusy ? nil : () }
    }

    private static func answer(
        from journal: Journal, _ rows: any JobRows, _ path: String, goesOn: () -> Bool
    ) -> OperatorAnswer {
        do throws(RuntimeError) {
            let snapshot = try Snapshot(of: journal, rows: rows, output: path, goesOn: goesOn)
            return OperatorAnswer(isDone: true, sentence: snapshot.sentence, count: snapshot.rows)
        } catch {
            return OperatorAnswer(isDone: false, sentence: error.description)
        }
    }
}
