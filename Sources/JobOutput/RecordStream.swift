package import JobJournal
internal import JobState
package import Processes
internal import Threading
package import TranscriptRows

/// Hands out records in input order while the job runs, on a thread of its own.
///
/// A reader that is slow slows nobody else: what it has not taken waits in the journal.
package final class RecordStream: Sendable {
    private struct State {
        /// Counts commits, so that none is missed between a look and a wait.
        var news = 0
        var isClosed = false
        /// Nothing is written any more.
        var isAbandoned = false
        package var error: RuntimeError?
        var coverage: CoverageTotals?
    }

    private let state = Guarded(State())
    private let thread: DedicatedThread

    /// How often a reader that may have gone is looked for while there is nothing to write.
    private static let lookMilliseconds = 200
    /// What a reader may take to read what is recorded when the job is stopped before its end.
    private static let lastWriteMilliseconds = 5_000

    /// - Parameter hasCoverage: the job's records say how their seconds were spent.
    package init(
        _ journal: Journal, rows: any JobRows, hasCoverage: Bool = false,
        write: @escaping @Sendable ([UInt8]) throws -> Void
    ) throws(RuntimeError) {
        let state = state
        if hasCoverage { state.withLock { $0.coverage = CoverageTotals() } }
        thread = try DedicatedThread.ofService {
            var next = 0
            var seen = -1
            do {
                while next < rows.rowCount {
                    let news = state.wait(milliseconds: Self.lookMilliseconds) {
                        state -> Bool? in
                        guard state.news > seen || state.isClosed else { return nil }
                        seen = state.news
                        return state.isClosed
                    }
                    guard let isClosed = news else {
                        try write([])
                        continue
                    }
                    while !state.withLock({ $0.isAbandoned }) {
                        let recorded = try journal.recordedRows(from: next, .end)
                        var coverage = CoverageTotals()
                        let batch = try RecordBatch(
                            of: recorded, rows,
                            onRecord: { _, record in
                                if hasCoverage { record.withUnsafeBytes { coverage.add($0) } }
                            })
                        if batch.rows == 0 { break }
                        try write(batch.bytes)
                        state.withLock { $0.coverage?.add(coverage) }
                        next += batch.rows
                    }
                    if isClosed { break }
                }
            } catch {
                let error =
                    error as? RuntimeError ?? (error as? JournalError).map { RuntimeError($0) }
                    ?? RuntimeError(.storage, "the records could not be written: \(error)")
                state.withLock { $0.error = error }
            }
        }
    }

    /// There may be more rows.
    package func wake() {
        state.withLock { $0.news += 1 }
    }

    /// What ended the stream early.
    package var error: RuntimeError? { state.withLock { $0.error } }

    /// How the seconds of the records were spent that were written; nil where the job does not look for
    /// speech.
    package var coverage: CoverageTotals? { state.withLock { $0.coverage } }

    /// Writes what is recorded by now, and waits for that.
    package func finish() throws(RuntimeError) {
        state.withLock { $0.isClosed = true }
        thread.join()
        if let error { throw error }
    }

    /// The same of a job that is stopped before its end: a reader that takes nothing is not waited
    /// for long, since it would keep the job from ending.
    package func finishEarly() throws(RuntimeError) {
        state.withLock { $0.isClosed = true }
        _ = thread.join(milliseconds: Self.lastWriteMilliseconds)
        if let error { throw error }
    }

    /// Ends the stream without writing more, where it has not ended: the job cannot go on.
    ///
    /// A reader that takes nothing is not waited for long.
    package func abandon() {
        let wasClosed = state.withLock { state in
            defer {
                state.isClosed = true
                state.isAbandoned = true
            }
            return state.isClosed
        }
        // Whoever closed it has waited already.
        _ = thread.join(milliseconds: wasClosed ? 0 : Self.lastWriteMilliseconds)
    }
}
