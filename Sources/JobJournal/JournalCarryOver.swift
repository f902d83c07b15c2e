package import Digests
internal import Foundation
internal import GRDB
package import JobState
internal import SpeechTypes
internal import Threading

/// Takes the outcomes of rows that a changed input still has into a new journal.
///
/// Rows are known by their digest, wherever they stand now and however often.
package final class JournalCarryOver {
    /// The rows as they are now.
    package struct Rows {
        var count: Int
        /// The digest of a row.
        var digest: (Int) throws -> ShortDigest
        /// Whether a row at `ordinal` would end as it did at `before`.
        var mayKeep: (_ ordinal: Int, _ before: Int) throws -> Bool

        package init(
            count: Int, digest: @escaping (Int) throws -> ShortDigest,
            mayKeep: @escaping (_ ordinal: Int, _ before: Int) throws -> Bool
        ) {
            self.count = count
            self.digest = digest
            self.mayKeep = mayKeep
        }
    }

    private let path: String
    private let rows: Rows
    private let queue: DatabaseQueue

    /// The engine of rows of which the journal says nothing else.
    private let engine: Int

    /// What the journal was made for.
    package let manifest: StoredManifest
    /// Rows with an outcome in it.
    package let recordedRows: Int

    private static let rowsPerTransaction = 4_096

    /// Opens the journal at `path`, which begins no new epoch and is not changed.
    package init(
        from path: String, rows: (StoredManifest) -> Rows
    ) throws(JournalError) {
        self.path = path
        do {
            queue = try DatabaseQueue(path: path, configuration: Journal.configuration())
            let (header, facts, count) = try queue.writeWithoutTransaction { db in
                _ = try JournalSchema.prepare(db, path: path)
                try JournalMigration.readAsPresent(db)
                // The first of equal rows stands for all; what planning finds is found again.
                try db.execute(
                    sql: """
                        CREATE TEMP TABLE known (digest BLOB PRIMARY KEY, ordinal INTEGER) \
                        WITHOUT ROWID;
                        INSERT OR IGNORE INTO known
                            SELECT row_digest, ordinal FROM outcome
                            WHERE code IS NULL OR code NOT LIKE 'manifest.%' ORDER BY ordinal
                        """)
                return (
                    try StoredHeader.read(db, path: path), try Journal.facts(in: db, path: path),
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM outcome") ?? 0
                )
            }
            guard let manifest = StoredManifest(header) else {
                throw JournalError(damaged: "it does not say what its rows are", path: path)
            }
            self.manifest = manifest
            engine = header["engine"].flatMap { Int($0) } ?? facts?.engineNumber ?? 0
            self.rows = rows(manifest)
            recordedRows = count
        } catch {
            throw JournalError(error, path: path)
        }
    }

    /// How many of the rows have an outcome already.
    package func count() throws(JournalError) -> Int {
        var count = 0
        try forEachPart { part in count += part.count }
        return count
    }

    /// Makes a journal of `job` at `target` with the outcomes of the rows that have one.
    ///
    /// - Returns: how many rows that is.
    package func write(
        to target: String, of job: JobDescription, host: String
    ) throws(JournalError) -> Int {
        do {
            let builder = try JournalBuilder(at: target)
            do {
                let count = try build(builder, job, host)
                try builder.finish()
                return count
            } catch {
                builder.abandon()
                throw error
            }
        } catch {
            throw JournalError(error, path: path)
        }
    }

    package func close() throws(JournalError) {
        do {
            try queue.close()
        } catch {
            throw JournalError(error, path: path)
        }
    }

    private func build(
        _ builder: JournalBuilder, _ job: JobDescription, _ host: String
    ) throws -> Int {
        let (facts, epoch, lease, pauses, final, intended) = try queue.writeWithoutTransaction {
            db in
            (
                try Journal.facts(in: db, path: path),
                try Int.fetchOne(db, sql: "SELECT max(number) FROM incarnation") ?? 0,
                try Int.fetchOne(db, sql: "SELECT max(number) FROM lease") ?? 0,
                try String.fetchAll(db, sql: "SELECT reason FROM pause"),
                try String.fetchOne(
                    db,
                    sql: "SELECT value FROM job WHERE name IN ('final', 'replaced') ORDER BY name"),
                try String.fetchOne(db, sql: "SELECT value FROM job WHERE name = 'intended'")
            )
        }
        try builder.begin(
            job.header(facts: facts), epoch: epoch, host: host, lease: lease)
        var kept = 0
        try forEachPart { part in
            let outcomes = try outcomes(of: part)
            try builder.write { db in
                for (outcome, record, engine, features) in outcomes {
                    try JournalBuilder.add(outcome, to: db)
                    if engine < job.engineNumber {
                        try JournalBuilder.add(engine: engine, of: outcome.ordinal, to: db)
                    }
                    if let record {
                        try JournalBuilder.add(record, of: outcome.ordinal, to: db)
                    }
                    if let features {
                        try StoredFeatures.add(features, of: outcome.ordinal, to: db)
                    }
                }
            }
            kept += outcomes.count
        }
        try builder.write { db in
            for reason in pauses {
                try db.execute(sql: "INSERT INTO pause (reason) VALUES (?)", arguments: [reason])
            }
            for (name, digest) in [("replaced", final), ("intended", intended)] {
                guard let digest else { continue }
                try db.execute(
                    sql: "INSERT INTO job (name, value) VALUES (?, ?)", arguments: [name, digest])
            }
            try JournalBuilder.note(
                "journal_reconciled", "\(kept) rows were carried over from the rows before",
                epoch: epoch, in: db)
        }
        return kept
    }

    /// Calls `body` with pairs of a row and the one that it was, some thousands at a time.
    private func forEachPart(
        _ body: ([(ordinal: Int, before: Int)]) throws -> Void
    ) throws(JournalError) {
        WorkMeter.shared.begin("comparing the rows with those before", .rows, total: rows.count)
        defer { WorkMeter.shared.end() }
        do {
            for first in stride(from: 0, to: rows.count, by: Self.rowsPerTransaction) {
                defer { WorkMeter.shared.advance(Self.rowsPerTransaction, .rows) }
                let range = first..<min(rows.count, first + Self.rowsPerTransaction)
                let digests = try range.map { try rows.digest($0) }
                let known = try queue.writeWithoutTransaction { db in
                    let statement = try db.cachedStatement(
                        sql: "SELECT ordinal FROM known WHERE digest = ?")
                    return try digests.map {
                        try Int.fetchOne(statement, arguments: [$0.bytes.data])
                    }
                }
                try body(
                    try zip(range, known).compactMap { ordinal, before in
                        guard let before, try rows.mayKeep(ordinal, before) else { return nil }
                        return (ordinal, before)
                    })
            }
        } catch {
            if error is JournalError || error is DatabaseError {
                throw JournalError(error, path: path)
            }
            throw JournalError(.inputOutput, path: path, "\(error)")
        }
    }

    private func outcomes(
        of part: [(ordinal: Int, before: Int)]
    ) throws -> [(StoredOutcome, [UInt8]?, engine: Int, features: [UInt8]?)] {
        try queue.writeWithoutTransaction { db in
            let hasFeatures = try StoredFeatures.exist(in: db)
            let statement = try db.cachedStatement(
                sql: """
                    SELECT \(StoredOutcome.columns), bytes, engine
                    FROM outcome LEFT JOIN record USING (ordinal)
                    LEFT JOIN former_engine USING (ordinal) WHERE outcome.ordinal = ?
                    """)
            return try part.map { ordinal, before in
                guard let row = try Row.fetchOne(statement, arguments: [before]),
                    var outcome = StoredOutcome(row.storedValues)
                else {
                    throw JournalError(
                        damaged: "the outcome of row \(before) is not what was written", path: path)
                }
                let record = row.storedValues[StoredOutcome.columnCount].bytes
                guard outcome.isOutcome(of: record) else {
                    throw JournalError(
                        damaged: "the record of row \(before) is not what was written", path: path)
                }
                var features: [UInt8]?
                if hasFeatures, record != nil {
                    features = try StoredFeatures.of(before, in: db)
                    guard features != nil else {
                        throw StoredFeatures.damaged(before, path: path)
                    }
                }
                outcome.ordinal = ordinal
                let engine = row.storedValues[StoredOutcome.columnCount + 1].integer
                return (outcome, record, engine ?? self.engine, features)
            }
        }
    }
}
