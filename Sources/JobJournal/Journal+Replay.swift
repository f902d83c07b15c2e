internal import ClusterProtocol
internal import Digests
internal import GRDB
package import JobState
internal import SpeechTypes

/// What a start reads.
extension Journal {
    /// The state that the committed entries of all earlier epochs amount to.
    ///
    /// - Parameter rowCount: rows of the job, as its description says.
    package func replay(rowCount: Int) throws(JournalError) -> ReplayState {
        try perform { db in
            var state = ReplayState(
                epoch: self.epoch, recorded: RowSet(rowCount: rowCount))
            try self.readOutcomes(into: &state, from: db)
            state.lastLease = try Int.fetchOne(db, sql: "SELECT max(number) FROM lease") ?? 0
            guard (0..<Self.numbersMax).contains(state.lastLease) else {
                throw self.damaged("the number of a lease")
            }
            state.openLeases = try self.openLeases(in: db)
            for lease in state.openLeases {
                guard (lease.ordinals + lease.started).allSatisfy({ $0 < rowCount }) else {
                    throw self.damaged("a lease of rows beyond the end of the job")
                }
            }
            state.histories = try self.histories(in: db)
            guard state.histories.allSatisfy({ (0..<rowCount).contains($0.ordinal) }) else {
                throw self.damaged("trouble with a row beyond the end of the job")
            }
            state.facts = try Self.facts(in: db, path: self.path)
            state.pauses = try self.pauses(in: db)
            return state
        }
    }

    /// More leases than a coordinator ever grants; one more still has a number.
    private static let numbersMax = 1 << 52

    private func readOutcomes(into state: inout ReplayState, from db: Database) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT ordinal, code, audio_ms FROM outcome")
        while let row = try rows.next() {
            let ordinal: Int = row["ordinal"]
            guard (0..<state.recorded.rowCount).contains(ordinal) else {
                throw damaged("a row beyond the end of the job")
            }
            state.recorded.insert(ordinal)
            let code = try failureCode(row["code"])
            state.counts.add(code)
            if let code, !code.isFoundAtPlanning { state.givenUp[ordinal] = code }
            let (sum, overflow) = state.transcribedAudioMilliseconds
                .addingReportingOverflow(row["audio_ms"])
            guard !overflow else { throw damaged("the audio of row \(ordinal) has no end") }
            state.transcribedAudioMilliseconds = sum
        }
    }

    private func openLeases(in db: Database) throws -> [LeaseRecord] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT number, slot, instance, session, alone, rows, started FROM lease
                WHERE ended IS NULL ORDER BY number
                """)
        return rows.map { row in
            LeaseRecord(
                lease: row["number"], slot: row["slot"], instance: row["instance"],
                session: row["session"], isAlone: row["alone"],
                ordinals: PackedOrdinals.ordinals(row.bytes("rows") ?? []),
                started: Set(PackedOrdinals.ordinals(row.bytes("started") ?? [])).sorted())
        }
    }

    private func histories(in db: Database) throws -> [AttemptHistory] {
        // Troubles of recorded rows are history.
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT ordinal, json FROM trouble
                WHERE ordinal NOT IN (SELECT ordinal FROM outcome) ORDER BY ordinal
                """)
        return try rows.map { row in
            guard let history = AttemptHistory(ordinal: row["ordinal"], encoded: row["json"]) else {
                throw self.damaged("what earlier attempts on row \(row["ordinal"] as Int) cost")
            }
            return history
        }
    }

    private func pauses(in db: Database) throws -> [PauseReason] {
        let names = try String.fetchAll(db, sql: "SELECT reason FROM pause")
        let reasons = PauseReason.allCases.filter { names.contains($0.rawValue) }
        guard reasons.count == names.count else { throw damaged("an unknown reason for a pause") }
        return reasons
    }

    static func facts(in db: Database, path: String) throws -> FleetFacts? {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM fleet_facts") else { return nil }
        guard let digest = row.bytes("canary_digest"), digest.count == 32 else {
            throw JournalError(damaged: "the canary's digest has the wrong length", path: path)
        }
        // Form 4 does not say it: then it is the engine of the whole job.
        let engine =
            row.hasColumn("engine")
            ? row["engine"]
            : try String.fetchOne(db, sql: "SELECT value FROM job WHERE name = 'engine'")
                .flatMap { Int($0) } ?? 0
        return FleetFacts(
            arithmetic: row["arithmetic"], canaryDigest: ContentDigest(digest), slot: row["slot"],
            engineNumber: engine)
    }

    /// Reads a failure code; nil for NULL.
    func failureCode(_ text: String?) throws -> FailureCode? {
        guard let text else { return nil }
        guard let code = FailureCode(rawValue: text) else { throw damaged("an unknown code") }
        return code
    }

    /// The error for a value that no version of this program wrote.
    func damaged(_ what: String) -> JournalError {
        JournalError(damaged: what, path: path)
    }
}
