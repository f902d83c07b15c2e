package import SpeechTypes

/// What earlier attempts on a row cost.
///
/// Kept only for rows that had any, until they are recorded.
package struct AttemptHistory: Hashable, Sendable {
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
    /// Taken off again when the same instance comes back.
    package var lossesInCompany: [Loss] = []
    /// Deaths while the row was alone.
    ///
    /// Taken off again only when a worker that another one replaced says goodbye, and so was alive.
    package var lossesAlone: [Loss] = []
    /// Losses while the row was alone that prove nothing: the worker may live, or may have died of
    /// something else.
    ///
    /// So many are needed for a verdict.
    package var unprovenAlone = 0
    /// Losses of a sick fleet that were not written down.
    package var waivedLosses = 0
    /// Slots that failed on it with class `input`, one entry for each failure.
    package var inputSlots: [String] = []
    /// The code of the last `input` failure.
    package var inputCode: FailureCode?
    /// Slots that failed on it with class `engine`, one entry for each failure.
    package var engineSlots: [String] = []
    /// Slots that did not reach its source, one entry for each charged failure.
    package var sourceSlots: [String] = []
    /// Memory of the workers that it did not fit, in bytes, one entry for each failure.
    package var memorySizes: [Int] = []
    /// Slots whose worker failed itself, one entry for each failure.
    package var workerSlots: [String] = []

    package init(ordinal: Int) {
        self.ordinal = ordinal
    }

    /// Nothing counts against the row (any more).
    package var isEmpty: Bool {
        lossesInCompany.isEmpty && lossesAlone.isEmpty && unprovenAlone == 0 && waivedLosses == 0
            && !isBetterElsewhere
    }

    /// The row must have a process to itself.
    package var needsToBeAlone: Bool {
        !lossesInCompany.isEmpty || !lossesAlone.isEmpty || unprovenAlone > 0
    }

    /// Failed somewhere: another place may do better.
    package var isBetterElsewhere: Bool {
        !inputSlots.isEmpty || !engineSlots.isEmpty || !sourceSlots.isEmpty || !memorySizes.isEmpty
            || !workerSlots.isEmpty
    }
}
