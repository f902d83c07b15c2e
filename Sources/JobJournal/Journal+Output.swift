package import Digests
internal import GRDB
package import SpeechTypes

/// How a row ended, as the output needs it.
package struct RecordedRow: Hashable, Sendable {
    package var ordinal: Int
    package var status: RowStatus
    /// Nil exactly for transcribed rows.
    package var code: FailureCode?
    /// The record of a transcribed row, its digests compared; nil for all others.
    package var record: [UInt8]?
    package var recordDigest: ShortDigest?
    /// Of the decoded audio of a transcribed row; nil for all others.
    package var audioDigest: ShortDigest?
    /// The engine that made it, where that is an earlier one than the job's present one.
    package var formerEngine: Int?
    /// Of a transcribed row of a job with features: one JSON object.
    package var features: [UInt8]?
    /// Tells the object that the audio was fetched from; empty for files.
    package var object: String

    package init(
        ordinal: Int, status: RowStatus, code: FailureCode? = nil, record: [UInt8]? = nil,
        recordDigest: ShortDigest? = nil, audioDigest: ShortDigest? = nil, formerEngine: Int? = nil,
        features: [UInt8]? = nil, object: String = ""
    ) {
        self.object = object
        self.ordinal = ordinal
        self.status = status
        self.code = code
        self.record = record
        self.recordDigest = recordDigest
        self.audioDigest = audioDigest
        self.formerEngine = formerEngine
        self.features = features
    }
}

/// Where a recorded row's record came from.
package struct RecordOrigin: Hashable, Sendable {
    package var recordDigest: ShortDigest
    package var slot: String
}

/// A journal that records can be read from.
package protocol RecordedRows: Sendable {
    /// The journal's file.
    var path: String { get }

    /// Some of the recorded rows from `ordinal` on, in order.
    ///
    /// - Parameter gaps: what becomes of rows without an outcome.
    /// - Returns: empty if there are none, or none before a gap that ends them.
    /// - Throws: `damaged` if a checksum does not hold.
    func recordedRows(from ordinal: Int, _ gaps: RowGaps) throws(JournalError) -> [RecordedRow]
}

/// What becomes of rows without an outcome where recorded rows are read.
package enum RowGaps: Hashable, Sendable {
    /// The first one ends the reading.
    case end
    /// They are passed over.
    case passedOver
}

/// What the output is written from.
extension Journal: RecordedRows {
    package func recordedRows(
        from ordinal: Int, _ gaps: RowGaps
    ) throws(JournalError) -> [RecordedRow] {
        try rows(from: ordinal, gaps)
    }

    /// The recorded rows from `ordinal` on, as far as limits allow.
    ///
    /// - Parameter gaps: what becomes of rows without an outcome.
    /// - Parameter rowsMax: at most so many rows.
    /// - Parameter bytesMax: no further row once the records are longer than this together.
    /// - Returns: empty if there are none, or none before a gap that ends them.
    /// - Throws: `damaged` if a checksum does not hold.
    package func rows(
        from ordinal: Int, _ gaps: RowGaps = .end, rowsMax: Int = 1_024, bytesMax: Int = 8 << 20
    ) throws(JournalError) -> [RecordedRow] {
        try perform { db in
            try RecordedRow.fetch(
                from: ordinal, gaps, rowsMax: rowsMax, bytesMax: bytesMax, path: self.path, in: db)
        }
    }

    /// The digest of a recorded row's record and the slot that it came from; nil without a record.
    package func recordOrigin(of ordinal: Int) throws(JournalError) -> RecordOrigin? {
        try perform { db in
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT record_digest, slot FROM outcome WHERE ordinal = ?"),
                arguments: [ordinal])
            guard let row, let digest = row.bytes("record_digest") else { return nil }
            guard digest.count == 16 else { throw self.damaged("a digest has the wrong length") }
            return RecordOrigin(recordDigest: ShortDigest(digest), slot: row["slot"])
        }
    }

    /// Remembers what the finished output will be; called before it takes another's place, so that it
    /// is known again if nothing more can be written.
    package func recordIntended(outputDigest: ContentDigest) throws(JournalError) {
        try perform { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO job (name, value) VALUES ('intended', ?)",
                arguments: [outputDigest.hex])
        }
    }

    /// Remembers the finished output; called once it is in its place, durable.
    ///
    /// - Parameter featuresDigest: of the file with the rows' features, where the job has one.
    package func recordFinal(
        outputDigest: ContentDigest, featuresDigest: ContentDigest? = nil
    ) throws(JournalError) {
        try perform { db in
            if let featuresDigest {
                try db.execute(
                    sql: "INSERT OR REPLACE INTO job (name, value) VALUES ('features', ?)",
                    arguments: [featuresDigest.hex])
            }
            try db.execute(
                sql: "INSERT OR REPLACE INTO job (name, value) VALUES ('final', ?)",
                arguments: [outputDigest.hex])
            try db.execute(sql: "DELETE FROM job WHERE name IN ('replaced', 'intended')")
        }
    }

    /// The digest of the finished output; nil as long as there is none.
    package func finalDigest() throws(JournalError) -> ContentDigest? { try digest("final") }

    /// The digest of the output that the job finished before its rows changed.
    package func replacedDigest() throws(JournalError) -> ContentDigest? { try digest("replaced") }

    /// The digest of the output that was about to take its place.
    package func intendedDigest() throws(JournalError) -> ContentDigest? { try digest("intended") }

    private func digest(_ name: String) throws(JournalError) -> ContentDigest? {
        try perform { db in
            let text = try String.fetchOne(
                db, sql: "SELECT value FROM job WHERE name = ?", arguments: [name])
            return text.flatMap { ContentDigest(hex: $0) }
        }
    }
}

extension RecordedRow {
    static func fetch(
        from ordinal: Int, _ gaps: RowGaps, rowsMax: Int, bytesMax: Int, path: String,
        in db: Database
    ) throws -> [RecordedRow] {
        // Read side by side: joined by SQLite, each record would be looked for from the top.
        let outcomes = try RowStatement(
            """
            SELECT \(StoredOutcome.columns) FROM outcome
            WHERE ordinal >= ? ORDER BY ordinal LIMIT ?
            """, in: db)
        let records = try RowStatement(
            "SELECT ordinal, bytes FROM record WHERE ordinal >= ? ORDER BY ordinal", in: db)
        let engines = try RowStatement(
            "SELECT ordinal, engine FROM former_engine WHERE ordinal >= ? ORDER BY ordinal", in: db)
        var features = try FeaturesReading(from: ordinal, path: path, in: db)
        defer {
            features?.end()
            outcomes.reset()
            records.reset()
            engines.reset()
        }
        try outcomes.bind(ordinal, at: 1)
        try outcomes.bind(rowsMax, at: 2)
        try records.bind(ordinal, at: 1)
        try engines.bind(ordinal, at: 1)
        var nextRecord = try records.next()
        var nextEngine = try engines.next()
        var rows: [RecordedRow] = []
        var bytes = 0
        while bytes <= bytesMax, let values = try outcomes.next() {
            let next = gaps == .end ? ordinal + rows.count : values[0].integer
            guard let next, values[0].integer == next else { break }
            guard let outcome = StoredOutcome(values) else {
                throw JournalError(
                    damaged: "the outcome of row \(next) is not what was written", path: path)
            }
            var record: [UInt8]?
            if let found = nextRecord, found[0].integer == next {
                record = found[1].bytes
                nextRecord = try records.next()
            }
            guard outcome.isOutcome(of: record) else {
                throw JournalError(
                    damaged: "the record of row \(next) is not what was written", path: path)
            }
            while let found = nextEngine?[0].integer, found < next {
                nextEngine = try engines.next()
            }
            let rowFeatures = record == nil ? nil : try features?.bytes(of: next)
            bytes += (record?.count ?? 0) + (rowFeatures?.count ?? 0)
            rows.append(
                RecordedRow(
                    ordinal: next, status: outcome.status, code: outcome.code, record: record,
                    recordDigest: outcome.recordDigest, audioDigest: outcome.audioDigest,
                    formerEngine: nextEngine?[0].integer == next ? nextEngine?[1].integer : nil,
                    features: rowFeatures, object: outcome.object))
        }
        return rows
    }
}
