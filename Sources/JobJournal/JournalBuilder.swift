internal import Digests
internal import Foundation
internal import GRDB
internal import Glibc
internal import JobState
internal import SystemErrors
internal import Threading

/// A journal that takes rows over from an older one: a file under another name that nobody opens
/// before it is whole.
struct JournalBuilder {
    private let path: String
    private let queue: DatabaseQueue
    private let cleanup: ExitCleanup

    private static let suffixes = ["", "-journal", "-wal"]

    /// Begins a journal at `path`; what is there goes.
    init(at path: String) throws {
        self.path = path
        try Self.remove(path)
        cleanup = ExitCleanup { for suffix in Self.suffixes { unlink(path + suffix) } }
        var configuration = Configuration()
        configuration.label = "new journal"
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA page_size = \(DatabasePages.pageBytes)")
            // A build that is cut short is begun again; `finish` makes the whole file durable.
            try db.execute(sql: "PRAGMA journal_mode = OFF")
            try db.execute(sql: "PRAGMA synchronous = OFF")
            try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
        }
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { _ = try JournalSchema.prepare($0, path: path) }
    }

    /// Writes what is not about rows.
    ///
    /// - Parameter epoch: the highest that may have been; the next start takes one more.
    /// - Parameter lease: likewise.
    func begin(_ header: JobHeader, epoch: Int, host: String, lease: Int) throws {
        try write { db in
            try StoredFeatures.prepare(db, hasFeatures: header.hasFeatures)
            for field in header.fields where !field.name.contains("facts.") && field.name != "jobID"
            {
                try db.execute(
                    sql: "INSERT INTO job (name, value) VALUES (?, ?)",
                    arguments: [field.name, field.value])
            }
            try db.execute(
                sql: "INSERT INTO job (name, value) VALUES ('card', ?)", arguments: [header.text])
            try db.execute(
                sql: """
                    INSERT INTO incarnation (number, host, opened, card)
                    VALUES (?, ?, datetime('now'), ?)
                    """,
                arguments: [epoch, host, header.text])
            if lease > 0 {
                try db.execute(
                    sql: """
                        INSERT INTO lease (number, slot, instance, session, alone, row_count, ended)
                        VALUES (?, '', '', 0, 0, 0, 'released')
                        """,
                    arguments: [lease])
            }
            if let arithmetic = header["facts.arithmetic"], let slot = header["facts.slot"],
                let canary = header["facts.canary"].flatMap({ ContentDigest(hex: $0) }),
                let engine = (header["facts.engine"] ?? header["engine"]).flatMap({ Int($0) })
            {
                try db.execute(
                    sql: """
                        INSERT INTO fleet_facts (only, arithmetic, canary_digest, slot, engine)
                        VALUES (1, ?, ?, ?, ?)
                        """,
                    arguments: [arithmetic, canary.bytes.data, slot, engine])
            }
        }
    }

    /// Runs `body` in one transaction.
    func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try queue.write(body)
    }

    static func add(_ outcome: StoredOutcome, to db: Database) throws {
        _ = try outcome.insert(RowStatement(StoredOutcome.insertion, in: db))
    }

    static func add(_ record: [UInt8], of ordinal: Int, to db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO record (ordinal, bytes) VALUES (?, ?)")
            .execute(arguments: [ordinal, record.data])
    }

    /// Notes that a row was made by an earlier engine than the job's present one.
    static func add(engine: Int, of ordinal: Int, to db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO former_engine (ordinal, engine) VALUES (?, ?)"
        ).execute(arguments: [ordinal, engine])
    }

    /// Says in the report what was done.
    static func note(_ kind: String, _ text: String, epoch: Int, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO event (incarnation, kind, slot, text) VALUES (?, ?, '', ?)",
            arguments: [epoch, kind, text])
    }

    /// Ends the build: the file is whole and durable.
    func finish() throws {
        try queue.close()
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.systemError(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.systemError(path) }
    }

    /// Leaves nothing behind.
    func abandon() {
        try? queue.close()
        try? Self.remove(path)
    }

    private static func remove(_ path: String) throws {
        for suffix in suffixes {
            guard unlink(path + suffix) == 0 || errno == ENOENT else { throw systemError(path) }
        }
    }

    private static func systemError(_ path: String) -> JournalError {
        let isFull = errno == ENOSPC
        return JournalError(
            isFull ? .full : .inputOutput, path: path,
            "the new journal cannot be written: \(SystemError.text(of: errno))")
    }
}
