package import JobState
package import SpeechTypes

/// How long rows are: as planned, or as a worker found them, of those without an outcome.
package struct RowLengths: Sendable {
    package let plan: any RowPlan
    package var measured: [Int: RowLength] = [:]

    package init(plan: any RowPlan) {
        self.plan = plan
    }

    package subscript(ordinal: Int) -> RowLength {
        measured[ordinal]
            ?? RowLength(
                milliseconds: plan.audioMilliseconds(of: ordinal), lanes: plan.lanes(of: ordinal))
    }
}
