package import Coordination
internal import Digests
internal import GRDB
internal import SpeechTypes

/// What a start reads.
extension Journal {
    /// The state that the committed entries of all earlier lives amount to.
    ///
    /// - Parameter rowCount: rows of the job, as its description says.
    package func replay(rowCount: Int) throws(JournalError) -> ReplayState {
        try perform { db in
            var state = ReplayState(
                incarnation: self.incarnation, recorded: RowSet(rowCount: rowCount))
            try self.readOutcomes(into: &state, from: db)
            state.lastLease = try Int.fetchOne(db, sql: "SELECT max(number) FROM lease") ?? 0
            state.openLeases = try self.openLeases(in: db)
            state.troubles = try self.troubles(in: db)
            state.facts = try self.facts(in: db)
            return state
        }
    }

    private func readOutcomes(into state: inout ReplayState, from db: Database) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT ordinal, code, audio_ms FROM outcome")
        while let row = try rows.next() {
            let ordinal: Int = row["ordinal"]
            guard (0..<state.recorded.rowCount).contains(ordinal) else {
                throw damaged("a row beyond the end of the job")
            }
            state.recorded.insert(ordinal)
            state.counts.add(try failureCode(row["code"]))
            state.transcribedAudioMilliseconds += row["audio_ms"]
        }
    }

    private func openLeases(in db: Database) throws -> [LeaseRecord] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT number, slot, instance, session, alone, rows FROM lease
                WHERE ended IS NULL ORDER BY number
                """)
        return try rows.map { row in
            let started = try Int.fetchAll(
                db, sql: "SELECT ordinal FROM lease_started WHERE lease = ? ORDER BY ordinal",
                arguments: [row["number"] as Int])
            return LeaseRecord(
                lease: row["number"], slot: row["slot"], instance: row["instance"],
                session: row["session"], isAlone: row["alone"],
                ordinals: PackedOrdinals.ordinals(row.bytes("rows") ?? []), started: started)
        }
    }

    private func troubles(in db: Database) throws -> [RowTrouble] {
        var troubles: [RowTrouble] = []
        var indices: [Int: Int] = [:]
        // Troubles of recorded rows are history.
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT ordinal, forgiven, input_code FROM trouble
                WHERE ordinal NOT IN (SELECT ordinal FROM outcome) ORDER BY ordinal
                """)
        while let row = try rows.next() {
            var trouble = RowTrouble(ordinal: row["ordinal"])
            trouble.forgiven = row["forgiven"]
            trouble.inputCode = try failureCode(row["input_code"])
            indices[trouble.ordinal] = troubles.count
            troubles.append(trouble)
        }
        let slots = try Row.fetchCursor(
            db,
            sql: """
                SELECT ordinal, kind, slot, instance, session FROM trouble_slot ORDER BY number
                """)
        while let row = try slots.next() {
            guard let index = indices[row["ordinal"]] else { continue }
            guard let kind = TroubleKind(rawValue: row["kind"]) else {
                throw damaged("an unknown kind of trouble")
            }
            let loss = RowTrouble.Loss(
                slot: row["slot"], instance: row["instance"], session: row["session"])
            switch kind {
            case .company: troubles[index].lossesInCompany.append(loss)
            case .alone: troubles[index].lossesAlone.append(loss)
            case .input: troubles[index].inputSlots.append(loss.slot)
            case .engine: troubles[index].engineSlots.append(loss.slot)
            }
        }
        return troubles
    }

    func facts(in db: Database) throws -> FleetFacts? {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM fleet_facts") else { return nil }
        guard let digest = row.bytes("canary_digest"), digest.count == 32 else {
            throw damaged("the canary's digest has the wrong length")
        }
        return FleetFacts(
            arithmetic: row["arithmetic"], canaryDigest: ContentDigest(digest), slot: row["slot"])
    }

    /// Reads a failure code; nil for NULL.
    func failureCode(_ text: String?) throws -> FailureCode? {
        guard let text else { return nil }
        guard let code = FailureCode(rawValue: text) else { throw damaged("an unknown code") }
        return code
    }

    /// The error for a value that no version of this program wrote.
    func damaged(_ what: String) -> JournalError {
        JournalError(
            .damaged, path: path, "the journal is damaged: \(what); \(JournalError.damageRemedy)")
    }
}
