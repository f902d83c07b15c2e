package import SpeechTypes

/// What earlier attempts on a row cost.
///
/// Kept only for rows that had any, until they are recorded.
package struct RowTrouble: Hashable, Sendable {
    /// A session that ended with the row in its engine.
    package struct Loss: Hashable, Sendable {
        package var slot: String
        package var instance: String
        /// The session that ended: with the slot it names the incident.
        package var session: Int

        package init(slot: String, instance: String, session: Int) {
            self.slot = slot
            self.instance = instance
            self.session = session
        }
    }

    package var ordinal: Int
    /// Losses with other rows in the engine: the row runs alone next.
    ///
    /// Struck out when the same instance comes back.
    package var lossesInCompany: [Loss] = []
    /// Losses while the row was alone: never taken back.
    package var lossesAlone: [Loss] = []
    /// Leases that had the row alone and started, and that nobody claimed after a restart of the
    /// coordinator.
    ///
    /// Whoever died then did not die of the row alone, so many are needed for a verdict.
    package var unclaimedAlone = 0
    /// Losses of a sick fleet that were not written down.
    package var forgiven = 0
    /// Slots that failed on it with class `input`, one entry for each failure.
    package var inputSlots: [String] = []
    /// The code of the last `input` failure.
    package var inputCode: FailureCode?
    /// Slots that failed on it with class `engine`, one entry for each failure.
    package var engineSlots: [String] = []

    package init(ordinal: Int) {
        self.ordinal = ordinal
    }

    /// Nothing counts against the row (any more).
    package var isEmpty: Bool {
        lossesInCompany.isEmpty && lossesAlone.isEmpty && unclaimedAlone == 0 && forgiven == 0
            && inputSlots.isEmpty && engineSlots.isEmpty
    }

    /// The row must have a process to itself.
    package var needsToBeAlone: Bool {
        !lossesInCompany.isEmpty || !lossesAlone.isEmpty || unclaimedAlone > 0
    }
}
