package import Digests
internal import GRDB
package import JobState
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
    /// Decoded audio of a transcribed row, 0 otherwise.
    package var audioMilliseconds: Int
}

/// What a finished job can be held to.
extension JournalInspection {
    /// The job that the journal was made for, with the arithmetic class of its first worker.
    package func identity() throws(JournalError) -> JobIdentity {
        let parts = Dictionary(
            header.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        guard let identity = JobDescription.identity(parts, arithmetic: header["facts.arithmetic"])
        else { throw damaged("what the job is") }
        return identity
    }

    /// The digest of the finished output; nil as long as there is none.
    package func finalDigest() throws(JournalError) -> ContentDigest? {
        try perform { db in
            let text = try String.fetchOne(db, sql: "SELECT value FROM job WHERE name = 'final'")
            return text.flatMap { ContentDigest(hex: $0) }
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
                guard let outcome = StoredOutcome(row.storedValues) else {
                    throw self.damaged("an outcome is not what was written")
                }
                try body(
                    RowProof(
                        ordinal: outcome.ordinal, code: outcome.code,
                        recordDigest: outcome.recordDigest, audioDigest: outcome.audioDigest,
                        audioMilliseconds: outcome.audioMilliseconds))
            }
        }
    }

    private func damaged(_ what: String) -> JournalError {
        JournalError(damaged: what, path: path)
    }
}

extension JobDescription {
    /// The identity whose parts are `stored`; nil if one is missing or cannot be read.
    static func identity(_ stored: [String: String], arithmetic: String?) -> JobIdentity? {
        guard let version = stored["protocol"].flatMap({ Int($0) }),
            let manifest = stored["manifest"].flatMap({ ContentDigest(hex: $0) }),
            let rows = JobHeader.count(stored["rows"]),
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
