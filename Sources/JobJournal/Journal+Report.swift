internal import GRDB
package import JobState
internal import SpeechTypes

/// What the report tells beside the output: how it went, and what went wrong.
package struct JobHistory: Sendable {
    /// A row without a transcript, or one with a warning.
    package struct RowDetail: Hashable, Sendable {
        package var ordinal: Int
        package var status: String
        package var code: String?
        /// The slot that the outcome came from.
        package var slot: String
        /// Paths, numbers and the like, as the worker worded them.
        package var detail: String
    }

    /// What one slot did.
    package struct Worker: Hashable, Sendable {
        package var slot: String
        package var rows: Int
        package var audioMilliseconds: Int
    }

    /// An event of the job's epoch.
    package struct Event: Hashable, Sendable {
        package var epoch: Int
        package var kind: String
        package var slot: String
        package var ordinal: Int?
        package var text: String
    }

    package var rowsTranscribed = 0
    package var rowsRejected = 0
    package var rowsQuarantined = 0
    package var audioMilliseconds = 0
    package var leases = 0
    package var leasesLost = 0
    package var epochs = 0
    package var facts: FleetFacts?
    /// Which engines made how many of the rows, in the order of their numbers.
    package var engines: [EngineRows] = []
    package var details: [RowDetail] = []
    /// There were more rows with details than the report lists.
    package var isTruncated = false
    package var workers: [Worker] = []
    package var events: [Event] = []
}

extension Journal {
    /// Rows and events that a report lists at most: it is for people.
    private static let reportLinesMax = 10_000

    /// Without the object that a row's audio was fetched from.
    private static func text(ofDetail detail: String) -> String {
        String(detail.prefix { $0 != StoredOutcome.objectMark })
    }

    /// The job's history so far.
    package func history() throws(JournalError) -> JobHistory {
        try perform { db in
            var history = JobHistory()
            for row in try Row.fetchAll(
                db, sql: "SELECT status, count(*) AS rows FROM outcome GROUP BY status")
            {
                switch RowStatus(rawValue: row["status"]) {
                case .transcribed: history.rowsTranscribed = row["rows"]
                case .rejected: history.rowsRejected = row["rows"]
                case .quarantined: history.rowsQuarantined = row["rows"]
                case nil: throw self.damaged("an unknown status")
                }
            }
            history.audioMilliseconds =
                try Int.fetchOne(db, sql: "SELECT sum(audio_ms) FROM outcome") ?? 0
            history.leases = try Int.fetchOne(db, sql: "SELECT count(*) FROM lease") ?? 0
            history.leasesLost =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM lease WHERE ended IN ('lost', 'stalled')") ?? 0
            history.epochs =
                try Int.fetchOne(db, sql: "SELECT count(*) FROM incarnation") ?? 0
            history.facts = try Self.facts(in: db, path: self.path)
            history.engines = try JournalMigration.engines(
                in: db, present: self.job.engineNumber)
            history.details = try Row.fetchAll(
                db,
                sql: """
                    SELECT ordinal, status, code, slot, detail FROM outcome
                    WHERE code IS NOT NULL OR (detail <> '' AND substr(detail, 1, 1) <> char(31))
                    ORDER BY ordinal LIMIT ?
                    """,
                arguments: [Self.reportLinesMax + 1]
            ).map { row in
                JobHistory.RowDetail(
                    ordinal: row["ordinal"], status: row["status"], code: row["code"],
                    slot: row["slot"], detail: Self.text(ofDetail: row["detail"]))
            }
            if history.details.count > Self.reportLinesMax {
                history.details.removeLast()
                history.isTruncated = true
            }
            history.workers = try Row.fetchAll(
                db,
                sql: """
                    SELECT slot, count(*) AS rows, sum(audio_ms) AS audio_ms FROM outcome
                    WHERE status = 'transcribed' GROUP BY slot ORDER BY slot
                    """
            ).map { row in
                JobHistory.Worker(
                    slot: row["slot"], rows: row["rows"], audioMilliseconds: row["audio_ms"])
            }
            history.events = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM (SELECT * FROM event ORDER BY number DESC LIMIT ?) ORDER BY number
                    """,
                arguments: [Self.reportLinesMax]
            ).map { row in
                JobHistory.Event(
                    epoch: row["incarnation"], kind: row["kind"], slot: row["slot"],
                    ordinal: row["ordinal"], text: row["text"])
            }
            return history
        }
    }
}
