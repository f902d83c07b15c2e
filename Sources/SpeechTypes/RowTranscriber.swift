/// Where an engine takes its rows from; safe to call from any thread.
package protocol RowInbox: Sendable {
    /// The next row to work on. Blocks until there is one; nil when no more will come.
    ///
    /// A row that was returned counts as started. A row that is to run alone is returned only when
    /// every row returned before has ended, and blocks the next call until it has ended itself.
    func next() -> RowTask?

    /// The next row if one is at hand, without waiting.
    func nextIfAvailable() -> RowTask?

    /// The rows that are to come next, at most so many; they stay where they are, and may yet not come.
    ///
    /// Blocks while they are as they were at `version`; nil when no more will come, or none can be told. Nothing is
    /// told beyond a row that runs alone, nor beside it: what happens meanwhile is to be that row's doing.
    func upcoming(_ count: Int, after version: Int) -> UpcomingRows?
}

extension RowInbox {
    package func upcoming(_ count: Int, after version: Int) -> UpcomingRows? { nil }
}

/// Rows that are to come, as ``RowInbox/upcoming(_:after:)`` tells them.
package struct UpcomingRows: Sendable {
    package let rows: [RowTask]
    /// Of the rows: another one, once they are others.
    package let version: Int

    package init(rows: [RowTask], version: Int) {
        self.rows = rows
        self.version = version
    }
}

/// What a worker needs of an engine; the cluster knows nothing else of it.
package protocol RowTranscriber: Sendable {
    /// Works on rows until the inbox ends, then returns when all of them have ended.
    ///
    /// Called on a thread of its own, which it may block. Every row taken from `inbox` ends in
    /// exactly one `.finished` or `.failed`. Events come from any thread.
    ///
    /// - Parameter progress: is told of every step, from any thread, for as long as the engine has rows.
    ///   An engine that has rows and makes neither a step nor an event for
    ///   ``StallLimits/engineSeconds`` is taken for one that hangs.
    /// - Throws: what leaves the engine unusable; the worker then ends and is started again.
    func run(
        inbox: any RowInbox, progress: EngineProgress,
        emit: @escaping @Sendable (RowEvent) -> Void
    ) throws
}
