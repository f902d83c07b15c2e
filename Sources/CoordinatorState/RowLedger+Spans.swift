package import Digests
internal import HeapModule
internal import JobState
internal import SpeechTypes

/// Rows that several workers share: while a row is cut its spans are given out, and the row itself waits.
extension RowLedger {
    package var spans: SpanTable { lengths.spans }

    /// The spans of rows that are cut wait in the place of their rows.
    mutating func addSpans() {
        for row in spans.rows where isCut(row) {
            suspend(row)
            for span in spans.spans(of: row) {
                waitingAudioMilliseconds += workMilliseconds(of: span)
                waitingSpans += 1
                places[span] = .waiting
                enqueue(span)
            }
        }
    }

    /// Whether there is such a row, or such a span.
    package func knows(_ ordinal: Int) -> Bool { (0..<spans.ordinalCount).contains(ordinal) }

    /// Whether a row has its outcome; whether a span is done, or its row is not cut any more.
    package func isRecorded(_ ordinal: Int) -> Bool {
        guard spans.isSpan(ordinal) else { return recorded.contains(ordinal) }
        return endedSpans.contains(ordinal) || !isCut(spans.row(of: ordinal))
    }

    /// Whether spans stand for the row, which has no outcome.
    package func isCut(_ row: Int) -> Bool { lengths.cutRows.contains(row) }

    /// Of the row, or of the span's row.
    package func rowDigest(of ordinal: Int) -> ShortDigest {
        plan.rowDigest(of: spans.row(of: ordinal))
    }

    /// Where the audio of a row or a span comes from.
    package func source(of ordinal: Int) -> String { plan.source(of: spans.row(of: ordinal)) }

    /// The clean span to give out next: that of the longest row, and the first in it.
    package mutating func nextSpan() -> Int? {
        while let first = clearSpans.min {
            if isWaiting(first, in: .clean) { return first }
            clearSpans.removeMin()
        }
        return nil
    }

    /// Whether one of a row's spans was given out or is done.
    package func isBegun(_ row: Int) -> Bool {
        spans.spans(of: row).contains { endedSpans.contains($0) || lease(of: $0) != nil }
    }

    /// A span is done.
    ///
    /// - Precondition: it is not, and is in no lease that is open.
    package mutating func endSpan(_ span: Int) {
        precondition(!isRecorded(span), "a span has one end")
        dropSpan(span)
        endedSpans.insert(span)
        doneSpanMilliseconds += length(of: span).milliseconds
    }

    /// The row is one worker's from now on, or has its outcome: its spans are nobody's.
    ///
    /// - Precondition: the row and its spans are in no lease.
    package mutating func uncut(_ row: Int) {
        guard isCut(row) else { return }
        for span in spans.spans(of: row) {
            if endedSpans.remove(span) != nil {
                doneSpanMilliseconds -= length(of: span).milliseconds
            } else {
                dropSpan(span)
            }
        }
        lengths.cutRows.remove(row)
        if !recorded.contains(row) { waitingAudioMilliseconds += workMilliseconds(of: row) }
    }

    /// What is known of a span's place is forgotten.
    private mutating func dropSpan(_ span: Int) {
        let audio = workMilliseconds(of: span)
        if case .leased = places[span] {
            leasedSpans -= 1
            leasedAudioMilliseconds -= audio
        } else {
            waitingSpans -= 1
            waitingAudioMilliseconds -= audio
        }
        forgetHold(span)
        places[span] = nil
        copies[span] = nil
        histories[span] = nil
    }
}
