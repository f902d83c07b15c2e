internal import JobState
internal import SpeechTypes

/// How long rows are: as planned, or as a worker found them, of those without an outcome.
struct RowLengths: Sendable {
    let plan: any RowPlan
    var measured: [Int: RowLength] = [:]

    init(plan: any RowPlan) {
        self.plan = plan
    }

    subscript(ordinal: Int) -> RowLength {
        measured[ordinal]
            ?? RowLength(
                milliseconds: plan.audioMilliseconds(of: ordinal), lanes: plan.lanes(of: ordinal))
    }
}
