internal import JobJournal
internal import JobState
internal import Processes
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

    /// Reads all records, and closes.
    ///
    /// - Parameters:
    ///   - engineOfRest: as for ``RecordBatch``.
    ///   - onRecord: called with each row and its record, in order.
    ///   - onBatch: called with the rows of one read as they stand in the output.
    /// - Returns: the row after the last that was read: all of them, unless one that counts is missing.
    /// - Throws: what the journal or the rows throw, or `onBatch`.
    static func forEachBatch(
        of journal: any RecordedRows, _ rows: any JobRows, _ gaps: RowGaps = .end,
        engineOfRest: Int? = nil,
        onRecord: (RecordedRow, [UInt8]) throws -> Void, onBatch: (RecordBatch) throws -> Void
    ) throws -> Int {
        let reader = try RecordReader(journal, rowCount: rows.rowCount, gaps)
        defer { reader.close() }
        var next = 0
        while next < rows.rowCount {
            let batch = try RecordBatch(
                of: reader.next(), rows, engineOfRest: engineOfRest, onRecord: onRecord)
            guard let last = batch.lastOrdinal else { break }
            try onBatch(batch)
            next = last + 1
        }
        return next
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
