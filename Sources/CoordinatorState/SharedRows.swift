/// What workers made of the spans of rows that they share, until the rows are joined: in memory, since spans that a
/// restart loses are computed again.
package struct SharedRows: Sendable {
    /// By row, then by the span's ordinal.
    private var results: [Int: [Int: [UInt8]]] = [:]
    /// Rows of which a span was given out, with their length.
    private var begun: [Int: Int] = [:]
    private var begunMilliseconds = 0
    /// Rows whose spans are all done, in the order in which they were.
    ///
    /// May hold rows that are leased or recorded by now; checked when taken.
    package var joins: [Int] = []

    package init() {}

    /// Whether a further row may be begun: what is held then stays within `millisecondsMax` of audio.
    package func mayBegin(_ row: Int, milliseconds: Int, millisecondsMax: Int) -> Bool {
        begun.isEmpty || begun[row] != nil || begunMilliseconds + milliseconds <= millisecondsMax
    }

    /// A span of the row is given out.
    package mutating func begin(_ row: Int, milliseconds: Int) {
        guard begun[row] == nil else { return }
        begun[row] = milliseconds
        begunMilliseconds += milliseconds
    }

    package mutating func add(_ result: [UInt8], of span: Int, in row: Int) {
        results[row, default: [:]][span] = result
    }

    /// Whether all spans of a row are here.
    package func isComplete(_ row: Int, _ spans: Range<Int>) -> Bool {
        !spans.isEmpty && results[row]?.count == spans.count
    }

    /// The results of a row's spans in their order; nil while one is missing.
    package func all(of row: Int, _ spans: Range<Int>) -> [[UInt8]]? {
        guard isComplete(row, spans), let known = results[row] else { return nil }
        return spans.compactMap { known[$0] }
    }

    /// Of what is held of a row.
    package func bytes(of row: Int) -> Int {
        results[row]?.values.reduce(0) { $0 + $1.count } ?? 0
    }

    /// Nobody needs what is held of the row any more.
    package mutating func remove(_ row: Int) {
        results[row] = nil
        begunMilliseconds -= begun.removeValue(forKey: row) ?? 0
        joins.removeAll { $0 == row }
    }

    /// How much is remembered.
    package var count: Int { results.count + begun.count + joins.count }
}
