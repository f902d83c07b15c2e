package import JobState
package import SpeechTypes

/// How long rows are: as planned, or as a worker found them, of those without an outcome.
package struct RowLengths: Sendable {
    package let plan: any RowPlan
    package let spans: SpanTable
    package var measured: [Int: RowLength] = [:]
    /// Rows that are cut and without an outcome.
    package internal(set) var cutRows: Set<Int>

    package init(plan: any RowPlan, spans: SpanTable) {
        self.plan = plan
        self.spans = spans
        cutRows = []
    }

    /// Of a row or a span.
    ///
    /// A row that is cut has no lane to compute: its spans have.
    package subscript(ordinal: Int) -> RowLength {
        if spans.isSpan(ordinal) { return spans.length(of: ordinal) }
        var length =
            measured[ordinal]
            ?? RowLength(
                milliseconds: plan.audioMilliseconds(of: ordinal), lanes: plan.lanes(of: ordinal))
        if cutRows.contains(ordinal) { length.lanes = 0 }
        return length
    }

    /// Bytes of the raw row, or of the row of a span.
    func rawBytes(of ordinal: Int) -> Int { plan.rawBytes(of: spans.row(of: ordinal)) }
}
