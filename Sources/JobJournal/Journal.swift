internal import Digests
internal import GRDB
internal import Glibc
package import JobState
internal import SpeechTypes
internal import Synchronization

/// The one place where a job's progress is durable: an SQLite file, written in groups.
///
/// Safe to use from any thread; calls block while the disk works. No other descriptor of the file
/// may be opened in this process, since closing one would give up SQLite's lock.
package final class Journal: JobStore {
    package let path: String
    /// The number of this epoch, durable before `init` returns.
    package let epoch: Int
    let job: JobDescription
    /// What was taken over from an earlier engine when the journal was opened; nil for nothing.
    package let takenOver: EngineRows?
    private let queue: DatabaseQueue
    private let ignored = Atomic<Int>(0)

    /// Files above this are not read through at every start; their records still carry a checksum.
    private static let fullCheckBytesMax = 1 << 30

    /// Opens or makes the journal of `job`, checks it, and begins a new epoch.
    ///
    /// - Parameter host: who opens it, for people.
    /// - Parameter continues: whether the job's rows begin with these, so that they only became more.
    /// - Throws: `locked` if another process has it, `otherJob` with the parts that differ,
    ///   `otherRows` if only the rows do, or what is wrong with the file.
    package init(
        at path: String, of job: JobDescription, host: String,
        continues: (StoredManifest) throws -> Bool = { _ in false }
    ) throws(JournalError) {
        self.path = path
        self.job = job
        do {
            queue = try DatabaseQueue(path: path, configuration: Self.configuration())
            (epoch, takenOver) = try queue.writeWithoutTransaction { db in
                try Self.checkDurability(db, path: path)
                let form = try JournalSchema.prepare(db, path: path)
                try Self.checkIntegrity(db, path: path)
                return try Self.begin(job, form, host: host, path: path, in: db, continues)
            }
        } catch {
            throw JournalError(error, path: path)
        }
    }

    /// Gives up the file; nothing can be written afterwards.
    package func close() throws(JournalError) {
        do {
            try queue.close()
        } catch {
            throw JournalError(error, path: path)
        }
    }

    /// Outcomes that were in the journal already and therefore not written: 0 unless there is a
    /// fault in the decisions above.
    package var ignoredOutcomes: Int { ignored.load(ordering: .relaxed) }

    /// Writes all entries in one durable transaction.
    ///
    /// - Throws: after which nothing may be said that depends on them. The transaction may or may
    ///   not have reached the disk; only the next start knows.
    package func commit(_ entries: [JournalEntry]) throws(JournalError) {
        try perform { db in
            try db.inTransaction(.immediate) {
                let highest = try Int.fetchOne(
                    db.cachedStatement(sql: "SELECT max(number) FROM incarnation"))
                guard highest == self.epoch else {
                    throw JournalError(
                        .superseded, path: self.path,
                        "a later coordinator has taken over this job; this one ends")
                }
                let writer = try EntryWriter(db, epoch: self.epoch, of: self.job)
                for entry in entries {
                    let isNew = try writer.write(entry)
                    if !isNew { self.ignored.add(1, ordering: .relaxed) }
                }
                return .commit
            }
        }
    }

    /// Runs `body` on the file's connection.
    func perform<Result>(_ body: (Database) throws -> Result) throws(JournalError) -> Result {
        do {
            return try queue.writeWithoutTransaction(body)
        } catch {
            throw JournalError(error, path: path)
        }
    }

    // MARK: Opening

    static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "journal"
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA page_size = \(DatabasePages.pageBytes)")
            // Locking before WAL: then no shared-memory file is made. And FULL after WAL, which
            // resets it otherwise: NORMAL would lose acknowledged rows at a power cut.
            try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: "PRAGMA synchronous = FULL")
            try db.execute(sql: "PRAGMA journal_size_limit = \(64 << 20)")
            // What is deleted leaves no copy that a salvage could take for a row.
            try db.execute(sql: "PRAGMA secure_delete = ON")
        }
        return configuration
    }

    /// The settings that durability rests on, as SQLite reports them.
    package func durabilitySettings() throws(JournalError) -> [String: String] {
        try perform { try Self.durabilitySettings($0) }
    }

    private static func durabilitySettings(_ db: Database) throws -> [String: String] {
        var settings: [String: String] = [:]
        for name in ["locking_mode", "journal_mode", "synchronous"] {
            settings[name] = try String.fetchOne(db, sql: "PRAGMA \(name)")
        }
        return settings
    }

    private static func checkDurability(_ db: Database, path: String) throws {
        let settings = try durabilitySettings(db)
        let wanted = ["locking_mode": "exclusive", "journal_mode": "wal", "synchronous": "2"]
        guard settings == wanted else {
            throw JournalError(
                .cannotOpen, path: path,
                "SQLite would not keep acknowledged rows here (\(settings)); use another file system"
            )
        }
    }

    private static func checkIntegrity(_ db: Database, path: String) throws {
        let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        let pageBytes = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
        let scopes: [String]
        if pages * pageBytes <= fullCheckBytesMax {
            scopes = [""]
        } else {
            scopes = ["job", "incarnation", "outcome", "lease", "trouble"]
                .map { "('\($0)')" }
        }
        for scope in scopes {
            let answer = try String.fetchOne(db, sql: "PRAGMA quick_check\(scope)") ?? "no answer"
            guard answer == "ok" else { throw JournalError(damaged: answer, path: path) }
        }
    }

    /// Compares or stores what the job is, and writes the new epoch.
    private static func begin(
        _ job: JobDescription, _ form: Int32, host: String, path: String, in db: Database,
        _ continues: (StoredManifest) throws -> Bool
    ) throws -> (epoch: Int, takenOver: EngineRows?) {
        var number = 0
        var takenOver: EngineRows?
        try db.inTransaction(.immediate) {
            let rows = try Row.fetchAll(db, sql: "SELECT name, value FROM job")
            var stored: [String: String] = [:]
            for row in rows { stored[row["name"]] = row["value"] }
            if !stored.isEmpty {
                switch job.relation(to: stored) {
                case .same: break
                case .otherRows(let manifest):
                    guard try continues(manifest) else {
                        throw JournalError(
                            .otherRows, path: path, "the rows of the input have changed")
                    }
                    // The finished output is now one that may be replaced.
                    try db.execute(
                        sql: "UPDATE OR REPLACE job SET name = 'replaced' WHERE name = 'final'")
                    try db.execute(sql: "DELETE FROM job WHERE name = 'features'")
                case .otherJob(let sentence):
                    throw JournalError(.otherJob, path: path, sentence)
                }
            }
            try JournalMigration.upgrade(db, from: form)
            try StoredFeatures.prepare(db, hasFeatures: job.hasFeatures)
            if let engine = job.formerEngine(stored) {
                let rows = try JournalMigration.attributeRows(to: engine, in: db)
                takenOver = EngineRows(engine: engine, rows: rows)
            }
            // Options are listed where they are not usual: one that is not listed any more must go.
            for name in stored.keys where name.hasPrefix(JobDescription.optionPrefix) {
                try db.execute(sql: "DELETE FROM job WHERE name = ?", arguments: [name])
            }
            let header = job.header(facts: try facts(in: db, path: path)).text
            for part in job.parts + [.init(name: "card", value: header)] {
                try db.execute(
                    sql: "INSERT OR REPLACE INTO job (name, value) VALUES (?, ?)",
                    arguments: [part.name, part.value])
            }
            number = 1 + (try Int.fetchOne(db, sql: "SELECT max(number) FROM incarnation") ?? 0)
            try db.execute(
                sql: """
                    INSERT INTO incarnation (number, host, opened, card)
                    VALUES (?, ?, datetime('now'), ?)
                    """,
                arguments: [number, host, header])
            if let takenOver {
                try JournalBuilder.note(
                    JobNote.Kind.engineChanged.rawValue, takenOver.sentence(job.engineNumber),
                    epoch: number, in: db)
            }
            return .commit
        }
        return (number, takenOver)
    }
}

/// What the coordinator's loop needs of a journal.
package protocol JobStore: Sendable {
    /// Writes all entries in one durable transaction; see ``Journal/commit(_:)``.
    func commit(_ entries: [JournalEntry]) throws(JournalError)

    /// The digest of a recorded row's record and the slot that it came from; nil without a record.
    func recordOrigin(of ordinal: Int) throws(JournalError) -> RecordOrigin?
}
