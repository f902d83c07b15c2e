internal import ClusterProtocol
internal import Coordination
internal import Digests
internal import GRDB
internal import SpeechTypes

/// How each entry is written.
extension JournalEntry {
    /// Events beyond this are dropped, oldest first.
    private static let eventsMax = 100_000

    /// Writes the entry within the open transaction.
    ///
    /// - Returns: false if it is an outcome of a row that has one already; nothing is written then.
    func write(to db: Database, incarnation: Int) throws -> Bool {
        switch self {
        case .outcome(let outcome): return try Self.write(outcome, to: db)
        case .leaseGranted(let lease): try Self.write(lease, to: db)
        case .leaseStarted(let lease, let ordinals):
            try Self.writeStarted(ordinals, of: lease, to: db)
        case .leaseEnded(let lease, let end): try Self.writeEnd(end, of: lease, to: db)
        case .trouble(let trouble): try Self.write(trouble, to: db)
        case .retried(let ordinals):
            for table in ["outcome", "trouble"] {
                let statement = try db.cachedStatement(
                    sql: "DELETE FROM \(table) WHERE ordinal = ?")
                for ordinal in ordinals { try statement.execute(arguments: [ordinal]) }
            }
            try db.execute(sql: "DELETE FROM job WHERE name = 'final'")
        case .pauses(let reasons):
            try db.execute(sql: "DELETE FROM pause")
            for reason in reasons {
                try db.execute(
                    sql: "INSERT INTO pause (reason) VALUES (?)", arguments: [reason.rawValue])
            }
        case .fleetFacts(let facts):
            try db.execute(
                sql: """
                    INSERT INTO fleet_facts (only, arithmetic, canary_digest, slot)
                    VALUES (1, ?, ?, ?)
                    """,
                arguments: [facts.arithmetic, facts.canaryDigest.bytes.data, facts.slot])
        case .note(let note): try Self.write(note, incarnation: incarnation, to: db)
        }
        return true
    }

    private static func write(_ outcome: RowOutcome, to db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO outcome (ordinal, status, code, record_crc, record_digest,
                    audio_digest, audio_ms, slot, lease, detail)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            outcome.ordinal, outcome.status.rawValue, outcome.code?.rawValue, outcome.recordCRC,
            outcome.recordDigest?.bytes.data, outcome.audioDigest?.bytes.data,
            outcome.audioMilliseconds, outcome.slot, outcome.lease, outcome.detail,
        ])
        guard db.changesCount == 1 else { return false }
        if let record = outcome.record {
            try db.cachedStatement(sql: "INSERT INTO record (ordinal, bytes) VALUES (?, ?)")
                .execute(arguments: [outcome.ordinal, record.data])
        }
        return true
    }

    private static func write(_ lease: LeaseRecord, to db: Database) throws {
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

    private static func writeStarted(_ ordinals: [Int], of lease: Int, to db: Database) throws {
        let isOpen = try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT ended IS NULL FROM lease WHERE number = ?"),
            arguments: [lease])
        guard isOpen == true else { return }
        let statement = try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO lease_started (lease, ordinal) VALUES (?, ?)")
        for ordinal in ordinals { try statement.execute(arguments: [lease, ordinal]) }
    }

    private static func writeEnd(_ end: LeaseEnd, of lease: Int, to db: Database) throws {
        try db.cachedStatement(sql: "UPDATE lease SET ended = ?, rows = NULL WHERE number = ?")
            .execute(arguments: [end.rawValue, lease])
        try db.cachedStatement(sql: "DELETE FROM lease_started WHERE lease = ?")
            .execute(arguments: [lease])
    }

    private static func write(_ trouble: RowTrouble, to db: Database) throws {
        if trouble.isEmpty {
            try db.cachedStatement(sql: "DELETE FROM trouble WHERE ordinal = ?")
                .execute(arguments: [trouble.ordinal])
        } else {
            try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO trouble (ordinal, json) VALUES (?, ?)"
            ).execute(arguments: [trouble.ordinal, trouble.encoded])
        }
    }

    private static func write(_ note: JobNote, incarnation: Int, to db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO event (incarnation, kind, slot, ordinal, text) VALUES (?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            incarnation, note.kind.rawValue, note.slot, note.ordinal, note.text,
        ])
        let number = db.lastInsertedRowID
        if number.isMultiple(of: 1_000) {
            try db.cachedStatement(sql: "DELETE FROM event WHERE number <= ?")
                .execute(arguments: [number - Int64(eventsMax)])
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
