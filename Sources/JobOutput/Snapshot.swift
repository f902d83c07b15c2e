internal import Files
internal import JobJournal
internal import JobState
internal import Manifests
internal import Processes

/// What is recorded of a job that is not finished: the records of all rows that have one, in input
/// order, and a file that says which rows they are.
///
/// The records are those of the output to come, byte for byte, but there is a line only for each row
/// that is done; so the ordinals stand beside them, a line each. No digests are written: those vouch
/// for whole outputs, and `verify` and `join` take nothing without them.
struct Snapshot {
    /// Records that were written.
    let rows: Int
    /// The first row without a record; nil if all have one.
    let firstOpenRow: Int?
    private let path: String
    private let rowCount: Int

    /// Where the records of the job with this output are written to.
    static func path(ofOutput output: String) -> String {
        output.hasSuffix(".jsonl") ? "\(output.dropLast(6)).now.jsonl" : "\(output).now"
    }

    /// Where the ordinals of those records are written to.
    static func ordinalsPath(ofOutput output: String) -> String {
        output.hasSuffix(".jsonl") ? "\(output.dropLast(6)).now.rows" : "\(output).now.rows"
    }

    /// Writes both files beside `output`, each whole or not at all.
    ///
    /// - Parameter goesOn: asked now and then; nothing is written where it says no.
    init(
        of journal: any RecordedRows, rows: any JobRows, output: String,
        goesOn: () -> Bool = { true }
    ) throws(RuntimeError) {
        path = Self.path(ofOutput: output)
        rowCount = rows.rowCount
        do {
            let records = try AtomicFile(path)
            let ordinals = try AtomicFile(Self.ordinalsPath(ofOutput: output))
            var expected = 0
            var written = 0
            var firstOpen: Int?
            var numbers = ""
            let next = try RecordReader.forEachBatch(
                of: journal, rows, .passedOver,
                onRecord: { row, _ in
                    if row.ordinal != expected { firstOpen = firstOpen ?? expected }
                    expected = row.ordinal + 1
                    numbers += "\(row.ordinal)\n"
                },
                onBatch: { batch in
                    guard goesOn() else { throw RuntimeError(.system, "the job ended meanwhile") }
                    try records.write(batch.bytes)
                    try ordinals.write(Array(numbers.utf8))
                    numbers = ""
                    written += batch.rows
                })
            firstOpenRow = firstOpen ?? (next < rows.rowCount ? next : nil)
            self.rows = written
            // A file of records without its ordinals would be the worse half.
            try ordinals.commit()
            try records.commit()
        } catch {
            throw RuntimeError(of: error)
        }
    }

    /// What was written, for people.
    var sentence: String {
        let ordinals = path.hasSuffix(".jsonl") ? "\(path.dropLast(6)).rows" : "\(path).rows"
        guard let firstOpenRow else {
            return "\(path) has all \(rowCount) rows, and \(ordinals) the number of each"
        }
        return "\(path) has \(rows) of \(rowCount) rows, in order, and \(ordinals) the number of "
            + "each; row \(firstOpenRow) is the first without a record"
    }
}
