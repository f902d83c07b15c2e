internal import ClusterProtocol
internal import Digests
internal import GRDB
internal import JobState
internal import SpeechTypes

/// Writes entries within an open transaction.
struct EntryWriter {
    private let db: Database
    private let epoch: Int
    private let job: JobDescription
    private let outcomeInsertion: RowStatement
    private let recordInsertion: RowStatement
    /// Nil where the job has no features.
    private let featuresInsertion: RowStatement?

    /// Events beyond this are dropped, oldest first.
    private static let eventsMax = 100_000

    init(_ db: Database, epoch: Int, of job: JobDescription) throws {
        self.db = db
        self.epoch = epoch
        self.job = job
        outcomeInsertion = try RowStatement(StoredOutcome.insertion, in: db)
        recordInsertion = try RowStatement(
            "INSERT INTO record (ordinal, bytes) VALUES (?, ?)", in: db)
        featuresInsertion =
            job.hasFeatures ? try RowStatement(StoredFeatures.insertion, in: db) : nil
    }

    /// - Returns: false if it is an outcome of a row that has one already; nothing is written then.
    func write(_ entry: JournalEntry) throws -> Bool {
        switch entry {
        case .outcome(let outcome): return try write(outcome)
        case .leaseGranted(let lease): try write(lease)
        case .leaseStarted(let lease, let ordinals): try writeStarted(ordinals, of: lease)
        case .leaseEnded(let lease, let end): try writeEnd(end, of: lease)
        case .history(let history): try write(history)
        case .retried(let ordinals):
            for table in ["outcome", "trouble", "former_engine"] {
                let statement = try db.cachedStatement(
                    sql: "DELETE FROM \(table) WHERE ordinal = ?")
                for ordinal in ordinals { try statement.execute(arguments: [ordinal]) }
            }
            try db.execute(sql: "DELETE FROM job WHERE name IN ('final', 'features')")
        case .pauses(let reasons):
            try db.execute(sql: "DELETE FROM pause")
            for reason in reasons {
                try db.execute(
                    sql: "INSERT INTO pause (reason) VALUES (?)", arguments: [reason.rawValue])
            }
        case .fleetFacts(let facts):
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO fleet_facts (only, arithmetic, canary_digest, slot, engine)
                    VALUES (1, ?, ?, ?, ?)
                    """,
                arguments: [
                    facts.arithmetic, facts.canaryDigest.bytes.data, facts.slot, facts.engineNumber,
                ])
            let header = job.header(facts: facts).text
            try db.execute(
                sql: "UPDATE job SET value = ? WHERE name = 'card'", arguments: [header])
            try db.execute(
                sql: "UPDATE incarnation SET card = ? WHERE number = ?",
                arguments: [header, epoch])
        case .note(let note): try write(note)
        }
        return true
    }

    private func write(_ outcome: RowOutcome) throws -> Bool {
        guard try StoredOutcome(outcome).insert(outcomeInsertion) else { return false }
        if let record = outcome.record {
            try recordInsertion.bind(outcome.ordinal, at: 1)
            try recordInsertion.bind(record, at: 2)
            try recordInsertion.run()
            if let featuresInsertion {
                try StoredFeatures.insert(
                    outcome.features, crc: outcome.featuresCRC, of: outcome.ordinal,
                    featuresInsertion)
            }
        }
        return true
    }

    private func write(_ lease: LeaseRecord) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO lease (number, slot, instance, session, alone, rows, row_count)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            lease.lease, lease.slot, lease.instance, lease.session, lease.isAlone,
            PackedOrdinals.bytes(lease.ordinals).data, lease.ordinals.count,
        ])
    }

    private func writeStarted(_ ordinals: [Int], of lease: Int) throws {
        try db.cachedStatement(
            sql: """
                UPDATE lease SET started = CAST(coalesce(started, x'') || ? AS BLOB)
                WHERE number = ? AND ended IS NULL
                """
        ).execute(arguments: [PackedOrdinals.bytes(ordinals).data, lease])
    }

    private func writeEnd(_ end: LeaseEnd, of lease: Int) throws {
        try db.cachedStatement(
            sql: "UPDATE lease SET ended = ?, rows = NULL, started = NULL WHERE number = ?"
        ).execute(arguments: [end.rawValue, lease])
    }

    private func write(_ history: AttemptHistory) throws {
        if history.isEmpty {
            try db.cachedStatement(sql: "DELETE FROM trouble WHERE ordinal = ?")
                .execute(arguments: [history.ordinal])
        } else {
            try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO trouble (ordinal, json) VALUES (?, ?)"
            ).execute(arguments: [history.ordinal, history.encoded])
        }
    }

    private func write(_ note: JobNote) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO event (incarnation, kind, slot, ordinal, text) VALUES (?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            epoch, note.kind.rawValue, note.slot, note.ordinal, note.text,
        ])
        let number = db.lastInsertedRowID
        if number.isMultiple(of: 1_000) {
            try db.cachedStatement(sql: "DELETE FROM event WHERE number <= ?")
                .execute(arguments: [number - Int64(Self.eventsMax)])
        }
    }
}

/// Row ordinals as the journal keeps them in one value: 4 bytes each, little endian.
enum PackedOrdinals {
    static func bytes(_ ordinals: [Int]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ordinals.count * 4)
        for ordinal in ordinals {
            // Jobs have at most 50 million rows.
            let value = UInt32(ordinal)
            for shift in [0, 8, 16, 24] as [UInt32] {
                bytes.append(UInt8(truncatingIfNeeded: value >> shift))
            }
        }
        return bytes
    }

    static func ordinals(_ bytes: [UInt8]) -> [Int] {
        stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map { start in
            (0..<4).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
        }
    }
}
