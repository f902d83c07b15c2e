package import Digests
internal import GRDB
package import JobState
internal import SpeechTypes
internal import Threading

/// What is in a journal, for people.
package struct JournalSummary: Hashable, Sendable {
    /// One epoch of a coordinator.
    package struct Epoch: Hashable, Sendable {
        package var number: Int
        package var host: String
        /// In UTC.
        package var opened: String
        /// Nil where the journal cannot tell.
        package var jobID: String?
        package var rowCount: Int
    }

    package var header: JobHeader
    package var epochs: [Epoch] = []
    /// Rows by outcome: the status, or the code of rows without a transcript.
    package var outcomes: [JobDescription.Part] = []
    package var rowsRecorded = 0
    package var audioMilliseconds = 0
    package var openLeases = 0
    package var rowsInOpenLeases = 0
    package var troubledRows: [Int] = []
    package var pauses: [String] = []
    /// The digest of the finished output; nil as long as there is none.
    package var finalDigest: String?
}

/// A journal that is looked at and begins no new epoch.
package final class JournalInspection: RecordedRows {
    /// Troubled rows that are listed.
    private static let rowsMax = 1_000

    package let path: String
    private let queue: DatabaseQueue
    package let header: JobHeader

    /// Opens the journal at `path`; it must be there.
    package init(at path: String) throws(JournalError) {
        self.path = path
        do {
            var configuration = Journal.configuration()
            configuration.label = "journal to look at"
            queue = try DatabaseQueue(path: path, configuration: configuration)
            header = try queue.writeWithoutTransaction { db in
                _ = try JournalSchema.prepare(db, path: path)
                try JournalMigration.readAsPresent(db)
                return try StoredHeader.read(db, path: path)
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

    package func summary() throws(JournalError) -> JournalSummary {
        try perform { db in
            var summary = JournalSummary(header: self.header)
            let epochs = try Row.fetchAll(
                db, sql: "SELECT number, host, opened, card FROM incarnation ORDER BY number")
            for epoch in epochs.map(\.storedValues) {
                let header = epoch[3].text.flatMap { JobHeader(text: $0) }
                summary.epochs.append(
                    JournalSummary.Epoch(
                        number: epoch[0].integer ?? 0,
                        host: epoch[1].text ?? "",
                        opened: epoch[2].text ?? "", jobID: header?["jobID"],
                        rowCount: header?.rowCount ?? 0))
            }
            let outcomes = try Row.fetchAll(
                db,
                sql: """
                    SELECT coalesce(code, status), count(*), sum(audio_ms) FROM outcome
                    GROUP BY 1 ORDER BY 1
                    """)
            for outcome in outcomes.map(\.storedValues) {
                let rows = outcome[1].integer ?? 0
                summary.outcomes.append(
                    .init(name: outcome[0].text ?? "unreadable", value: "\(rows)"))
                summary.rowsRecorded += rows
                summary.audioMilliseconds += outcome[2].integer ?? 0
            }
            let leases = try Row.fetchAll(
                db,
                sql: "SELECT count(*), coalesce(sum(row_count), 0) FROM lease WHERE ended IS NULL")
            summary.openLeases = leases.first.flatMap { $0.storedValues[0].integer } ?? 0
            summary.rowsInOpenLeases =
                leases.first.flatMap { $0.storedValues[1].integer } ?? 0
            summary.troubledRows = try Int.fetchAll(
                db,
                sql: """
                    SELECT ordinal FROM trouble
                    WHERE ordinal NOT IN (SELECT ordinal FROM outcome) ORDER BY ordinal LIMIT ?
                    """,
                arguments: [Self.rowsMax])
            summary.pauses = try String.fetchAll(
                db, sql: "SELECT reason FROM pause ORDER BY reason")
            summary.finalDigest = try String.fetchOne(
                db, sql: "SELECT value FROM job WHERE name = 'final'")
            return summary
        }
    }

    package func recordedRows(
        from ordinal: Int, _ gaps: RowGaps
    ) throws(JournalError) -> [RecordedRow] {
        try perform { db in
            try RecordedRow.fetch(
                from: ordinal, gaps, rowsMax: 1_024, bytesMax: 8 << 20, path: self.path, in: db)
        }
    }

    /// Reads everything and says what is not as it was written; empty if all is.
    ///
    /// - Parameter rowDigest: the digest of each row as the input has it now; nil if the input is not
    ///   there.
    /// - Parameter findingsMax: no more are looked for.
    package func verify(
        findingsMax: Int, rowDigest: ((Int) throws -> ShortDigest)?
    ) throws(JournalError) -> [String] {
        try perform { db in
            WorkMeter.shared.begin("checking \(self.path)", .rows)
            var findings = try String.fetchAll(db, sql: "PRAGMA integrity_check(\(findingsMax))")
                .filter { $0 != "ok" }.map { "SQLite: \($0)" }
            findings += try self.findingsBesideRows(db)
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT \(StoredOutcome.columns), bytes FROM outcome
                    LEFT JOIN record USING (ordinal) ORDER BY ordinal
                    """)
            let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM outcome")
            WorkMeter.shared.begin("reading the records", .rows, total: count ?? 0)
            while findings.count < findingsMax, let row = try rows.next() {
                WorkMeter.shared.advance(1, .rows)
                if let finding = try self.finding(row.storedValues, rowDigest) {
                    findings.append(finding)
                }
            }
            let orphans = try Int.fetchAll(
                db,
                sql: """
                    SELECT ordinal FROM record
                    WHERE ordinal NOT IN (SELECT ordinal FROM outcome) LIMIT ?
                    """,
                arguments: [findingsMax])
            findings += orphans.map { "row \($0) has a record and no outcome" }
            findings += try self.findingsOfFeatures(db, findingsMax)
            return Array(findings.prefix(findingsMax))
        }
    }

    /// What is wrong with the job's name, its epochs and its facts, all of which the header has too.
    private func findingsBesideRows(_ db: Database) throws -> [String] {
        var findings: [String] = []
        let fields = try Row.fetchAll(db, sql: "SELECT name, value FROM job").map(\.storedValues)
        for field in fields {
            guard let name = field[0].text, let wanted = header[name] else { continue }
            if field[1].text != wanted {
                findings.append("the job's \(name) is not what was written")
            }
        }
        let epochs = try Row.fetchAll(db, sql: "SELECT number, card FROM incarnation")
        for epoch in epochs.map(\.storedValues)
        where epoch[1].text.flatMap({ JobHeader(text: $0) }) == nil {
            let number = epoch[0].integer ?? 0
            findings.append("the job of run \(number) is not what was written")
        }
        let facts = try Row.fetchAll(
            db, sql: "SELECT arithmetic, hex(canary_digest), slot FROM fleet_facts")
        let found = facts.map { $0.storedValues.map { $0.text?.lowercased() } }
        let names = ["facts.arithmetic", "facts.canary", "facts.slot"]
        let wanted = names.map { header[$0]?.lowercased() }
        if found != (header["facts.canary"] == nil ? [] : [wanted]) {
            findings.append("what the first worker fixed is not what was written")
        }
        return findings
    }

    /// Rows whose features are missing, damaged, or of no record.
    private func findingsOfFeatures(_ db: Database, _ findingsMax: Int) throws -> [String] {
        guard try StoredFeatures.exist(in: db) else { return [] }
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT record.ordinal, features.bytes, crc FROM record
                LEFT JOIN features USING (ordinal) ORDER BY ordinal
                """)
        var findings: [String] = []
        while findings.count < findingsMax, let row = try rows.next()?.storedValues {
            guard StoredFeatures.bytes(row[1...]) == nil else { continue }
            findings.append(
                "the features of row \(row[0].integer ?? 0) are not what was written")
        }
        let orphans = try Int.fetchAll(
            db,
            sql: """
                SELECT ordinal FROM features
                WHERE ordinal NOT IN (SELECT ordinal FROM record) LIMIT ?
                """,
            arguments: [findingsMax])
        return findings + orphans.map { "row \($0) has features and no record" }
    }

    private func finding(
        _ values: [StoredValue], _ rowDigest: ((Int) throws -> ShortDigest)?
    ) throws -> String? {
        guard let ordinal = values[0].integer else { return "a row has no number" }
        guard (0..<header.rowCount).contains(ordinal) else {
            return "row \(ordinal) is beyond the end of the job"
        }
        guard let outcome = StoredOutcome(values) else {
            return "the outcome of row \(ordinal) is not what was written"
        }
        guard outcome.isOutcome(of: values[StoredOutcome.columnCount].bytes) else {
            return "the record of row \(ordinal) is not what was written"
        }
        if let rowDigest, try rowDigest(ordinal) != outcome.rowDigest {
            return "row \(ordinal) of the input is not the one that was recorded"
        }
        return nil
    }

    func perform<Value>(_ body: (Database) throws -> Value) throws(JournalError) -> Value {
        do {
            return try queue.writeWithoutTransaction(body)
        } catch {
            throw JournalError(error, path: path)
        }
    }
}

/// The newest header of a journal.
enum StoredHeader {
    static func read(_ db: Database, path: String) throws -> JobHeader {
        if try Int.fetchOne(db, sql: "SELECT count(*) FROM job") == 0 {
            throw JournalError(
                .format, path: path, "the job has not begun; run its command again")
        }
        let text = try String.fetchOne(db, sql: "SELECT value FROM job WHERE name = 'card'")
        guard let header = text.flatMap({ JobHeader(text: $0) }) else {
            throw JournalError(damaged: "what the job is cannot be read", path: path)
        }
        return header
    }
}
