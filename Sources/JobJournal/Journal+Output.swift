package import Digests
internal import GRDB
package import SpeechTypes

/// How a row ended, as the output needs it.
package struct RecordedRow: Hashable, Sendable {
    package var ordinal: Int
    package var status: RowStatus
    /// Nil exactly for transcribed rows.
    package var code: FailureCode?
    /// The record of a transcribed row, its checksum compared; nil for all others.
    package var record: [UInt8]?
    /// Of the decoded audio of a transcribed row; nil for all others.
    package var audioDigest: ShortDigest?
}

/// Where a recorded row's record came from.
package struct RecordOrigin: Hashable, Sendable {
    package var recordDigest: ShortDigest
    package var slot: String
}

/// What the output is written from.
extension Journal {
    /// The recorded rows from `ordinal` on without a gap, as far as limits allow.
    ///
    /// - Parameter rowsMax: at most so many rows.
    /// - Parameter bytesMax: no further row once the records are longer than this together.
    /// - Returns: empty if the row `ordinal` has no outcome yet.
    /// - Throws: `damaged` if a record's checksum does not hold.
    package func rows(
        from ordinal: Int, rowsMax: Int = 1_024, bytesMax: Int = 8 << 20
    ) throws(JournalError) -> [RecordedRow] {
        try perform { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT outcome.ordinal, status, code, record_crc, audio_digest, bytes
                    FROM outcome LEFT JOIN record USING (ordinal)
                    WHERE outcome.ordinal >= ? ORDER BY outcome.ordinal LIMIT ?
                    """)
            let cursor = try Row.fetchCursor(statement, arguments: [ordinal, rowsMax])
            var rows: [RecordedRow] = []
            var bytes = 0
            while bytes <= bytesMax, let row = try cursor.next() {
                guard row["ordinal"] == ordinal + rows.count else { break }
                let recorded = try self.recordedRow(row)
                bytes += recorded.record?.count ?? 0
                rows.append(recorded)
            }
            return rows
        }
    }

    /// The digest of a recorded row's record and the slot that it came from; nil without a record.
    package func recordOrigin(of ordinal: Int) throws(JournalError) -> RecordOrigin? {
        try perform { db in
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT record_digest, slot FROM outcome WHERE ordinal = ?"),
                arguments: [ordinal])
            guard let row, let digest = try self.digest(row.bytes("record_digest")) else {
                return nil
            }
            return RecordOrigin(recordDigest: digest, slot: row["slot"])
        }
    }

    /// Remembers the finished output; called once it is in its place, durable.
    package func recordFinal(outputDigest: ContentDigest) throws(JournalError) {
        try perform { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO job (name, value) VALUES ('final', ?)",
                arguments: [outputDigest.hex])
        }
    }

    /// The digest of the finished output; nil as long as there is none.
    package func finalDigest() throws(JournalError) -> ContentDigest? {
        try perform { db in
            let text = try String.fetchOne(db, sql: "SELECT value FROM job WHERE name = 'final'")
            return text.flatMap { ContentDigest(hex: $0) }
        }
    }

    private func recordedRow(_ row: Row) throws -> RecordedRow {
        let ordinal: Int = row["ordinal"]
        guard let status = RowStatus(rawValue: row["status"]) else {
            throw damaged("an unknown status")
        }
        let record = row.bytes("bytes")
        if let record {
            guard CRC32C.checksum(of: record) == row["record_crc"] else {
                throw damaged("the record of row \(ordinal) is not what was written")
            }
        }
        let code = try failureCode(row["code"])
        guard (status == .transcribed) == (record != nil), (status == .transcribed) == (code == nil)
        else { throw damaged("row \(ordinal) has an outcome without its record") }
        return RecordedRow(
            ordinal: ordinal, status: status, code: code, record: record,
            audioDigest: try digest(row.bytes("audio_digest")))
    }
}
