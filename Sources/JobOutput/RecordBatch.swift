internal import JobJournal
internal import JobState
internal import Processes
internal import SpeechTypes

/// Some recorded rows as they stand in the output.
struct RecordBatch {
    /// Records with their line ends.
    private(set) var bytes: [UInt8] = []
    let rows: Int
    /// The last row's; nil if there is none.
    let lastOrdinal: Int?

    /// - Parameter engineOfRest: the earlier one whose form the records of rows have that are of no engine, since they
    ///   were found unusable at planning; nil for the present one.
    /// - Parameter onRecord: called with each row and its record, in order.
    init(
        of recorded: [RecordedRow], _ rows: any JobRows, engineOfRest: Int? = nil,
        onRecord: (RecordedRow, [UInt8]) throws -> Void = { _, _ in }
    ) throws {
        for row in recorded {
            var record = row.record ?? []
            if let code = row.code {
                record = try rows.record(
                    of: row.ordinal, failedWith: code,
                    formerEngine: code.isFoundAtPlanning ? engineOfRest : row.formerEngine)
            }
            try onRecord(row, record)
            bytes.append(contentsOf: record)
            bytes.append(0x0A)
        }
        self.rows = recorded.count
        lastOrdinal = recorded.last?.ordinal
    }
}
