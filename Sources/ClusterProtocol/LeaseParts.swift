internal import SpeechTypes

/// What minor 5 added to `lease`: spans, and what rows are joined of.
///
/// Only leases with such have it.
struct LeaseParts {
    /// Windows of each row; nil for a row that is no span.
    private var spans: [RowSpan?]
    /// Pieces that each row is made of, and where they begin among all; nil for a row that is not joined.
    private var joins: [Range<Int>?]
    /// Bytes of all pieces, in the order of the rows.
    private(set) var lengths: [Int]

    /// Reads them.
    init(_ meta: MetaReader, rows: Int, _ limits: ClusterLimits) throws(ProtocolError) {
        spans = Array(repeating: nil, count: rows)
        joins = Array(repeating: nil, count: rows)
        lengths = []
        let windowsMax = limits.recordingMillisecondsMax
        if meta.has("spanFirsts") {
            let firsts = try meta.ints(
                "spanFirsts", countMax: limits.leaseRowsMax, -1...windowsMax)
            let ends = try meta.ints("spanEnds", countMax: limits.leaseRowsMax, -1...windowsMax)
            try requireEqualCounts("the arrays of spans", rows, firsts.count, ends.count)
            for row in 0..<rows where firsts[row] >= 0 {
                guard ends[row] < 0 || ends[row] > firsts[row] else {
                    throw ProtocolError(.field, "a span ends before it begins")
                }
                spans[row] = RowSpan(
                    firstWindow: firsts[row], endWindow: ends[row] < 0 ? nil : ends[row])
            }
        }
        if meta.has("joinCounts") {
            let counts = try meta.ints(
                "joinCounts", countMax: limits.leaseRowsMax, 0...limits.rowSpansMax)
            try requireEqualCounts("the arrays of joins", rows, counts.count)
            lengths = try meta.ints(
                "joinLengths", countMax: limits.rowSpansMax, 0...limits.joinBytesMax)
            var start = 0
            for row in 0..<rows where counts[row] > 0 {
                joins[row] = start..<start + counts[row]
                start += counts[row]
            }
            guard start == lengths.count else {
                throw ProtocolError(.field, "joinCounts do not add up to joinLengths")
            }
        }
    }

    /// - Parameter pieces: of all joins.
    func part(of row: Int, _ pieces: ArraySlice<[UInt8]>) -> RowPart? {
        if let join = joins[row] {
            return .join(Array(pieces.dropFirst(join.lowerBound).prefix(join.count)))
        }
        return spans[row].map { .span($0) }
    }
}

extension Lease {
    /// - Returns: the pieces of all joins.
    func writeParts(to meta: inout MetaWriter) -> [[UInt8]] {
        let spans = rows.map { row -> RowSpan? in
            if case .span(let span) = row.part { span } else { nil }
        }
        if spans.contains(where: { $0 != nil }) {
            meta.field("spanFirsts", spans.map { $0?.firstWindow ?? -1 })
            meta.field("spanEnds", spans.map { $0?.endWindow ?? -1 })
        }
        let joins = rows.map { row -> [[UInt8]] in
            if case .join(let pieces) = row.part { pieces } else { [] }
        }
        let pieces = joins.flatMap { $0 }
        if !pieces.isEmpty {
            meta.field("joinCounts", joins.map(\.count))
            meta.field("joinLengths", pieces.map(\.count))
        }
        return pieces
    }
}
