package import ClusterProtocol
package import JobState
package import SpeechTypes

/// Which rows several workers share, and the spans that they are cut into.
///
/// Made of the plan alone, so that it is the same after every restart. A span has an ordinal as rows have, behind those of all rows, so that leases, losses and
/// budgets mean it as they mean a row.
package struct SpanTable: Sendable {
    /// A row that is cut.
    fileprivate struct Cut: Sendable {
        let row: Int
        /// Of its first span.
        let firstOrdinal: Int
        let spanCount: Int
        let windows: Int
        let milliseconds: Int
    }

    package let rowCount: Int
    /// Rows and spans: all ordinals are below.
    package let ordinalCount: Int
    /// In the order of work: the longest row first.
    private let cuts: [Cut]
    private let placeOfRow: [Int: Int]

    /// A window's own frames.
    private static let windowMilliseconds =
        FrameClock.chunkSamples * 1_000 / FrameClock.sampleRate

    /// Rows that nobody shares.
    package init(rowCount: Int) {
        self.rowCount = rowCount
        ordinalCount = rowCount
        cuts = []
        placeOfRow = [:]
    }

    /// The rows that are longer than most of the job is worth waiting for.
    package init(plan: any RowPlan, limits: ClusterLimits) {
        rowCount = plan.rowCount
        var total = 0
        for ordinal in 0..<plan.rowCount { total += plan.audioMilliseconds(of: ordinal) }
        let least = max(limits.sharedMillisecondsMin, total / limits.sharedShareOfJob)
        var cuts: [Cut] = []
        var next = plan.rowCount
        let rows = (0..<plan.rowCount).filter { ordinal in
            let milliseconds = plan.audioMilliseconds(of: ordinal)
            return milliseconds >= least && milliseconds <= limits.sharedMillisecondsMax
                && plan.lanes(of: ordinal) == 1 && plan.duplicates.first(of: ordinal) == nil
        }
        let longestFirst = rows.sorted {
            (plan.audioMilliseconds(of: $1), $0) < (plan.audioMilliseconds(of: $0), $1)
        }
        for row in longestFirst {
            let milliseconds = plan.audioMilliseconds(of: row)
            let windows =
                (milliseconds + Self.windowMilliseconds - 1) / Self.windowMilliseconds
            let spans = (windows + limits.spanWindows - 1) / limits.spanWindows
            guard spans > 1 else { continue }
            cuts.append(
                Cut(
                    row: row, firstOrdinal: next, spanCount: spans, windows: windows,
                    milliseconds: milliseconds))
            next += spans
        }
        self.cuts = cuts
        ordinalCount = next
        placeOfRow = Dictionary(uniqueKeysWithValues: cuts.enumerated().map { ($1.row, $0) })
    }

    package func isSpan(_ ordinal: Int) -> Bool { (rowCount..<ordinalCount).contains(ordinal) }

    /// Rows that are cut, the longest first.
    package var rows: [Int] { cuts.map(\.row) }

    /// The row of a span; any other number stands for itself.
    package func row(of ordinal: Int) -> Int {
        isSpan(ordinal) ? cut(of: ordinal).row : ordinal
    }

    /// Ordinals of a row's spans, in their order; empty for a row that is not cut.
    package func spans(of row: Int) -> Range<Int> {
        guard let place = placeOfRow[row] else { return 0..<0 }
        let cut = cuts[place]
        return cut.firstOrdinal..<cut.firstOrdinal + cut.spanCount
    }

    /// The windows of a span.
    ///
    /// - Precondition: the ordinal is a span's.
    package func span(_ ordinal: Int) -> RowSpan {
        let cut = cut(of: ordinal)
        let index = ordinal - cut.firstOrdinal
        return RowSpan(
            firstWindow: cut.firstWindow(of: index),
            endWindow: index + 1 < cut.spanCount ? cut.firstWindow(of: index + 1) : nil)
    }

    /// How long a span is, as planned; those of a row sum to its length.
    package func length(of ordinal: Int) -> RowLength {
        let cut = cut(of: ordinal)
        let span = span(ordinal)
        let start = span.firstWindow * Self.windowMilliseconds
        let end = span.endWindow.map { $0 * Self.windowMilliseconds } ?? cut.milliseconds
        return RowLength(milliseconds: end - start)
    }

    private func cut(of ordinal: Int) -> Cut {
        precondition((rowCount..<ordinalCount).contains(ordinal), "the ordinal is a span's")
        var low = 0
        var high = cuts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if cuts[middle].firstOrdinal <= ordinal { low = middle } else { high = middle }
        }
        return cuts[low]
    }
}

extension SpanTable.Cut {
    /// Where one of its spans begins: all are as long as each other, but for one window.
    fileprivate func firstWindow(of span: Int) -> Int { span * windows / spanCount }
}
