internal import GRDB
internal import JobState
package import SpeechTypes

/// What people look at first in a job that nobody works on: numbers, and the newest of each kind.
package struct JournalOverview: Sendable {
    /// A row without a transcript.
    package struct Failure: Hashable, Sendable {
        package let ordinal: Int
        package let code: FailureCode
        package let slot: String
        package let detail: String
    }

    /// A row with one, and its record.
    package struct Transcript: Hashable, Sendable {
        package let ordinal: Int
        package let slot: String
        package let record: [UInt8]
    }

    package var rowCount = 0
    package var rowsTranscribed = 0
    /// Rows without a transcript, by code.
    package var failureCounts: [FailureCode: Int] = [:]
    package var audioMilliseconds = 0
    /// Of each code those with the highest numbers, by number.
    package var failures: [Failure] = []
    /// Those with the highest numbers, by number.
    package var transcripts: [Transcript] = []
    package var workers: [JobHistory.Worker] = []
    /// The newest last.
    package var events: [JobHistory.Event] = []
    package var pauses: [String] = []
    package var epochs = 0
    package var leasesLost = 0
    /// The output was written.
    package var isFinal = false
}

extension JournalInspection {
    /// - Parameters:
    ///   - failuresMax: of each code.
    ///   - recordBytesMax: longer records are left out.
    package func overview(
        failuresMax: Int, transcriptsMax: Int, recordBytesMax: Int, eventsMax: Int
    ) throws(JournalError) -> JournalOverview {
        try perform { db in
            var overview = JournalOverview()
            overview.rowCount = self.header.rowCount
            let counts = try Row.fetchAll(
                db, sql: "SELECT code, count(*), sum(audio_ms) FROM outcome GROUP BY code")
            for count in counts.map(\.storedValues) {
                let rows = count[1].integer ?? 0
                overview.audioMilliseconds += count[2].integer ?? 0
                if count[0].isNull {
                    overview.rowsTranscribed = rows
                } else if let code = count[0].text.flatMap({ FailureCode(rawValue: $0) }) {
                    overview.failureCounts[code] = rows
                }
            }
            for code in FailureCode.allCases where overview.failureCounts[code] ?? 0 > 0 {
                let rows = try Row.fetchAll(
                    db,
                    sql: """
                        SELECT ordinal, slot, detail FROM outcome WHERE code = ?
                        ORDER BY ordinal DESC LIMIT ?
                        """, arguments: [code.rawValue, failuresMax])
                overview.failures += rows.reversed().compactMap { row in
                    let values = row.storedValues
                    return values[0].integer.map {
                        JournalOverview.Failure(
                            ordinal: $0, code: code, slot: values[1].text ?? "",
                            detail: values[2].text ?? "")
                    }
                }
            }
            let records = try Row.fetchAll(
                db,
                sql: """
                    SELECT record.ordinal, slot, bytes FROM record JOIN outcome USING (ordinal)
                    WHERE length(bytes) <= ? ORDER BY record.ordinal DESC LIMIT ?
                    """, arguments: [recordBytesMax, transcriptsMax])
            overview.transcripts = records.reversed().compactMap { row in
                let values = row.storedValues
                guard let ordinal = values[0].integer, let bytes = values[2].bytes else {
                    return nil
                }
                return JournalOverview.Transcript(
                    ordinal: ordinal, slot: values[1].text ?? "", record: bytes)
            }
            try self.readHistory(of: db, eventsMax: eventsMax, into: &overview)
            return overview
        }
    }

    private func readHistory(
        of db: Database, eventsMax: Int, into overview: inout JournalOverview
    ) throws {
        overview.workers = try Row.fetchAll(
            db,
            sql: """
                SELECT slot, count(*), sum(audio_ms) FROM outcome
                WHERE status = 'transcribed' GROUP BY slot ORDER BY slot
                """
        ).map(\.storedValues).map {
            JobHistory.Worker(
                slot: $0[0].text ?? "", rows: $0[1].integer ?? 0,
                audioMilliseconds: $0[2].integer ?? 0)
        }
        overview.events = try Row.fetchAll(
            db,
            sql: """
                SELECT incarnation, kind, slot, ordinal, text FROM event
                ORDER BY number DESC LIMIT ?
                """, arguments: [eventsMax]
        ).reversed().map(\.storedValues).map {
            JobHistory.Event(
                epoch: $0[0].integer ?? 0, kind: $0[1].text ?? "", slot: $0[2].text ?? "",
                ordinal: $0[3].integer, text: $0[4].text ?? "")
        }
        overview.pauses = try String.fetchAll(db, sql: "SELECT reason FROM pause ORDER BY reason")
        overview.epochs = try Int.fetchOne(db, sql: "SELECT count(*) FROM incarnation") ?? 0
        overview.leasesLost =
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM lease WHERE ended IN ('lost', 'stalled')") ?? 0
        overview.isFinal =
            try String.fetchOne(db, sql: "SELECT value FROM job WHERE name = 'final'")
            .map { $0.count == 64 } ?? false
    }
}
