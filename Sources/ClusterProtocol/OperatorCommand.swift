/// What an operator may ask of a running job.
package enum OperatorCommand: Hashable, Sendable {
    /// Grant nothing more; what workers hold goes on.
    case pause
    /// End the pauses of operators and of a suspect fleet, let benched and drained slots work again,
    /// and try closed sources at once.
    case resume
    /// Take back outcomes, so that rows are tried again with new budgets.
    case retry(RetryScope)
    /// Let the worker in this slot finish what is in its engine and end; until ``resume`` no worker
    /// of the slot is welcome.
    case drain(slot: String)
    /// Stop now; the same command goes on with the job another time.
    case cancel
}

/// Which rows to try again.
package enum RetryScope: Hashable, Sendable {
    /// One row that a worker failed on: quarantined, or rejected for its audio.
    case row(Int)
    case allQuarantined
}

/// What came of a command: said when it is durable.
package struct OperatorAnswer: Hashable, Sendable {
    package var isDone: Bool
    /// What was done or why not, for people.
    package var sentence: String
    /// Rows or workers that it concerned.
    package var count: Int

    package init(isDone: Bool, sentence: String, count: Int = 0) {
        self.isDone = isDone
        self.sentence = sentence
        self.count = count
    }
}
