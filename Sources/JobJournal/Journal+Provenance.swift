package import Coordination
package import Digests
internal import GRDB
package import SpeechTypes

/// How a row ended, as far as it can be checked without its record.
package struct RowProof: Hashable, Sendable {
    package var ordinal: Int
    /// Nil exactly for transcribed rows.
    package var code: FailureCode?
    /// Nil without a record.
    package var recordDigest: ShortDigest?
    /// Nil without a record.
    package var audioDigest: ShortDigest?
}

/// What a finished job can be held to.
extension Journal {
    /// The job that the journal was made for, with the arithmetic class of its first worker; nil for a
    /// journal that no job was ever written into.
    package func identity() throws(JournalError) -> JobIdentity? {
        try perform { db in
            let rows = try Row.fetchAll(db, sql: "SELECT name, value FROM job")
            var stored: [String: String] = [:]
            for row in rows { stored[row["name"]] = row["value"] }
            guard !stored.isEmpty else { return nil }
            let arithmetic = try Self.facts(in: db, path: self.path)?.arithmetic
            guard let identity = JobDescription.identity(stored, arithmetic: arithmetic) else {
                throw self.damaged("what the job is")
            }
            return identity
        }
    }

    /// Calls `body` with the end of each recorded row, in order.
    package func forEachRow(
        _ body: (RowProof) throws -> Void
    ) throws(JournalError) {
        try perform { db in
            let cursor = try Row.fetchCursor(
                db, sql: "SELECT \(StoredOutcome.columns) FROM outcome ORDER BY ordinal")
            while let row = try cursor.next() {
                guard let outcome = StoredOutcome(row.storages) else {
                    throw self.damaged("an outcome is not what was written")
                }
                try body(
                    RowProof(
                        ordinal: outcome.ordinal, code: outcome.code,
                        recordDigest: try self.digest(outcome.recordDigest),
                        audioDigest: try self.digest(outcome.audioDigest)))
            }
        }
    }

    func digest(_ bytes: [UInt8]?) throws -> ShortDigest? {
        guard let bytes else { return nil }
        guard bytes.count == 16 else { throw damaged("a digest has the wrong length") }
        return ShortDigest(bytes)
    }
}

extension JobDescription {
    /// The identity whose parts are `stored`; nil if one is missing or cannot be read.
    static func identity(_ stored: [String: String], arithmetic: String?) -> JobIdentity? {
        guard let version = stored["protocol"].flatMap({ Int($0) }),
            let manifest = stored["manifest"].flatMap({ ContentDigest(hex: $0) }),
            let rows = stored["rows"].flatMap({ Int($0) }),
            let model = stored["model"].flatMap({ ContentDigest(hex: $0) }),
            let engine = stored["engine"].flatMap({ Int($0) }),
            let asked = stored["arithmetic"]
        else { return nil }
        let fields = stored.compactMap { name, value in
            name.hasPrefix("option.") ? (name: String(name.dropFirst(7)), value: value) : nil
        }
        guard let options = RecognitionOptions(fields: fields),
            let part = JobPart(stored["part"] ?? whole)
        else { return nil }
        return JobIdentity(
            protocolMajor: version, manifestDigest: manifest, rowCount: rows,
            part: part.text == whole ? nil : part, options: options, modelDigest: model,
            engineNumber: engine, arithmetic: arithmetic ?? asked)
    }
}
