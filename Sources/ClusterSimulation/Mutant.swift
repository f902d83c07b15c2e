/// Rules that a simulated world can be told to break, to show that the checker sees it.
///
/// They sit around the real coordinator and the real sessions, in what reaches them and in what
/// becomes of what they ask for; the program itself has no such switches.
package enum Mutant: String, CaseIterable, Sendable {
    // The journal and the commit.

    /// The coordinator hears that a commit is durable before it is.
    case acknowledgeBeforeCommit
    /// A failed commit is taken for a finished one.
    case ignoreFailedCommit
    /// Some commits are reported as durable and are not.
    case loseCommits
    /// Entries of a batch are written in another order.
    case reorderEntries
    /// What earlier attempts cost is not written.
    case dropHistories
    /// Grants are not written.
    case dropGrants
    /// Ends of leases are not written.
    case dropLeaseEnds
    /// Rows that entered an engine are not written.
    case dropStarted
    /// Pauses are not written.
    case dropPauses
    /// Outcomes that are taken back stay.
    case dropRetries
    /// What the first worker fixed is not written.
    case dropFacts

    /// Pauses are written ahead of what was decided before them.
    case pauseEarlier
    /// Every batch is written twice.
    case writeTwice
    /// The journal takes the commits of a coordinator that another one replaced.
    case supersededCommits

    // The restart.

    /// A restart begins with a lease number that was given before.
    case reuseLeaseNumber
    /// A restart does not know of open leases.
    case forgetLeases
    /// A restart does not know of rows' histories.
    case forgetHistories
    /// A restart does not know of one recorded row.
    case forgetOutcome
    /// A restart does not know that the job is paused.
    case forgetPauses

    // Messages.

    /// Results land on whatever ordinal they name.
    case ignoreRowDigest
    /// Workers put the records of two rows in each other's place.
    case swapRecords
    /// A lease carries another row's bytes under the right digest.
    case leaseOtherRow
    /// Engines write the slot that they run in into their records.
    case recordsNameSlots
    /// Workers do not send again.
    case dropResends
    /// What workers give back does not arrive.
    case dropReleases
    /// Workers name a message as recorded that is not.
    case skipMessage
    /// The coordinator acknowledges one message too many.
    case acknowledgeOneMore
    /// Workers send whatever they have, whatever the window.
    case ignoreWindow

    /// Heartbeats of workers do not arrive.
    case dropHeartbeats
    /// Operators are not answered.
    case dropAnswers

    // Time.

    /// The coordinator takes its own pauses for time in which nobody was heard.
    case countPauses
    /// What a clock shows, and not only how much later it is, decides how large leases are.
    case readClock
    /// Some turns are not ended.
    case skipTurnEnds

    // Budgets.

    /// One death is enough to give up a row, and no rest is needed.
    case oneDeathIsProof
    /// Deaths are never enough.
    case deathsAreFree
    /// A row is given up when its source fails once.
    case oneSourceFailure
    /// Sources that are away are never tried again.
    case neverProbe
}
