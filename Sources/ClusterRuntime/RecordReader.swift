internal import JobJournal
internal import Threading

/// Recorded rows in input order, read and checked on a thread of their own while earlier ones are
/// written.
final class RecordReader: Sendable {
    private struct State {
        var ready: [Result<[RecordedRow], JournalError>] = []
        var isClosed = false
    }

    private let state = Guarded(State())
    private let thread: DedicatedThread

    /// Reads that may wait to be taken: with the one in hand, what is held in memory.
    private static let aheadMax = 2

    /// - Parameter gaps: what becomes of rows that are not recorded.
    init(
        _ journal: any RecordedRows, rowCount: Int, _ gaps: RowGaps = .end
    ) throws(RuntimeError) {
        let state = state
        thread = try DedicatedThread.ofService {
            var next = 0
            while next < rowCount {
                let read = Result { () throws(JournalError) in
                    try journal.recordedRows(from: next, gaps)
                }
                let isWanted = state.wait { state -> Bool? in
                    if state.isClosed { return false }
                    guard state.ready.count < Self.aheadMax else { return nil }
                    state.ready.append(read)
                    return true
                }
                guard isWanted, let last = try? read.get().last else { return }
                next = last.ordinal + 1
            }
        }
    }

    /// The next rows; empty where one is not recorded, or where none is that comes later.
    ///
    /// - Precondition: there are rows left, and neither an error nor an empty answer came before.
    func next() throws(JournalError) -> [RecordedRow] {
        try state.wait { $0.ready.isEmpty ? nil : $0.ready.removeFirst() }.get()
    }

    /// Ends the reading; must be called.
    func close() {
        state.withLock { $0.isClosed = true }
        thread.join()
    }
}
