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
    /// Of a transcribed row of a job with features.
    package var featuresDigest: ShortDigest?
    /// Tells the object that the audio was fetched from; empty for files.
    package var object: String
    /// Decoded audio of a transcribed row, 0 otherwise.
    package var audioMilliseconds: Int
    /// Of the engine that made it, where that is not the one of ``JournalInspection/identity()``.
    package var otherEngine: Int?
}

/// What a finished job can be held to.
extension JournalInspection {
    /// The job that the journal was made for, with the arithmetic class of its first worker, and the
    /// latest engine that made one of its rows.
    package func identity() throws(JournalError) -> JobIdentity {
        var identity = try statedIdentity()
        let present = identity.engineNumber
        let engines = try perform { try JournalMigration.engines(in: $0, present: present) }
        identity.engineNumber = engines.last?.engine ?? present
        return identity
    }

    /// The options that the job was begun with.
    package func options() throws(JournalError) -> RecognitionOptions {
        try statedIdentity().options
    }

    private func statedIdentity() throws(JournalError) -> JobIdentity {
        let parts = Dictionary(
            header.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        guard let identity = JobDescription.identity(parts, arithmetic: header["facts.arithmetic"])
        else { throw damaged("what the job is") }
        return identity
    }

    /// The digest of the finished output; nil as long as there is none.
    package func finalDigest() throws(JournalError) -> ContentDigest? { try digest("final") }

    /// The digest of the file with the rows' features; nil as long as there is none.
    package func featuresDigest() throws(JournalError) -> ContentDigest? { try digest("features") }

    private func digest(_ name: String) throws(JournalError) -> ContentDigest? {
        try perform { db in
            let text = try String.fetchOne(
                db, sql: "SELECT value FROM job WHERE name = ?", arguments: [name])
            return text.flatMap { ContentDigest(hex: $0) }
        }
    }

    /// Calls `body` with the end of each recorded row, in order.
    package func forEachRow(
        _ body: (RowProof) throws -> Void
    ) throws(JournalError) {
        let (present, latest) = try (statedIdentity().engineNumber, identity().engineNumber)
        try perform { db in
            let cursor = try Row.fetchCursor(
                db,
                sql: """
                    SELECT \(StoredOutcome.columns), engine
                    FROM outcome LEFT JOIN former_engine USING (ordinal) ORDER BY ordinal
                    """)
            var features = try FeaturesReading(from: 0, path: self.path, in: db)
            defer { features?.end() }
            while let row = try cursor.next() {
                guard let outcome = StoredOutcome(row.storedValues) else {
                    throw self.damaged("an outcome is not what was written")
                }
                let rowFeatures =
                    outcome.code == nil ? try features?.bytes(of: outcome.ordinal) : nil
                let engine = row.storedValues[StoredOutcome.columnCount].integer ?? present
                guard EngineRows.engines.contains(engine) else {
                    throw self.damaged("the engine of row \(outcome.ordinal)")
                }
                try body(
                    RowProof(
                        ordinal: outcome.ordinal, code: outcome.code,
                        recordDigest: outcome.recordDigest, audioDigest: outcome.audioDigest,
                        featuresDigest: rowFeatures.map { SHA256Hasher.digest(of: $0).short },
                        object: outcome.object, audioMilliseconds: outcome.audioMilliseconds,
                        otherEngine: outcome.code?.isFoundAtPlanning == true || engine == latest
                            ? nil : engine))
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
            name.hasPrefix(optionPrefix)
                ? (name: String(name.dropFirst(optionPrefix.count)), value: value) : nil
        }
        var artefacts: [String: ContentDigest] = [:]
        for (name, value) in stored where name.hasPrefix(artefactPrefix) {
            guard let digest = ContentDigest(hex: value) else { return nil }
            artefacts[String(name.dropFirst(artefactPrefix.count))] = digest
        }
        guard let options = RecognitionOptions(fields: fields),
            let part = JobPart(stored["part"] ?? whole)
        else { return nil }
        return JobIdentity(
            protocolMajor: version, manifestDigest: manifest, rowCount: rows,
            part: part.text == whole ? nil : part, options: options, modelDigest: model,
            furtherArtefacts: artefacts, engineNumber: engine, arithmetic: arithmetic ?? asked)
    }
}
