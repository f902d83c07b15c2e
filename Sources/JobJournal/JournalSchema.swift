internal import GRDB

/// The journal's tables.
///
/// Inspect them with `sqlite3`; nothing else may write to them.
enum JournalSchema {
    /// Says in the file's header that this is a journal of ours: "SCTJ".
    static let applicationID: Int32 = 0x5343_544A
    /// The form of the tables below; raised whenever one changes (``JournalMigration``).
    static let version: Int32 = 5

    static let statements = """
        -- What makes the job this job, by name; `card` has all of it with a checksum, and `final` the
        -- digest of the finished output (`replaced` once the rows have changed).
        CREATE TABLE job (
            name TEXT PRIMARY KEY, value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- One life of a coordinator; the highest number alone may write. The card says what the job was
        -- then: its rows may have become more since.
        CREATE TABLE incarnation (
            number INTEGER PRIMARY KEY, host TEXT NOT NULL, opened TEXT NOT NULL, card TEXT NOT NULL
        ) STRICT;

        -- How a row ended. Small, because every start reads all of it. The primary key is the last
        -- line of defence for exactly-once; `checksum` (CRC-32C) guards the other columns.
        CREATE TABLE outcome (
            ordinal INTEGER PRIMARY KEY, status TEXT NOT NULL, code TEXT, record_crc INTEGER NOT NULL,
            record_digest BLOB, row_digest BLOB NOT NULL, audio_digest BLOB, audio_ms INTEGER NOT NULL,
            slot TEXT NOT NULL, lease INTEGER NOT NULL, detail TEXT NOT NULL, checksum INTEGER NOT NULL
        ) STRICT;

        -- The bytes of transcribed rows, as their workers rendered them.
        CREATE TABLE record (
            ordinal INTEGER PRIMARY KEY, bytes BLOB NOT NULL
        ) STRICT;

        -- From grant to end. `rows`, and in `started` those that entered an engine (4 bytes a row,
        -- little endian), are dropped at the end.
        CREATE TABLE lease (
            number INTEGER PRIMARY KEY, slot TEXT NOT NULL, instance TEXT NOT NULL,
            session INTEGER NOT NULL, alone INTEGER NOT NULL, rows BLOB, row_count INTEGER NOT NULL,
            ended TEXT, started BLOB
        ) STRICT;
        CREATE INDEX lease_open ON lease (number) WHERE ended IS NULL;

        -- What earlier attempts on a row cost; gone when nothing counts against it any more.
        CREATE TABLE trouble (
            ordinal INTEGER PRIMARY KEY, json TEXT NOT NULL
        ) STRICT;

        -- Why the job is paused; empty while it is not.
        CREATE TABLE pause (
            reason TEXT PRIMARY KEY
        ) STRICT, WITHOUT ROWID;

        -- What the first worker fixed for the job.
        CREATE TABLE fleet_facts (
            only INTEGER PRIMARY KEY CHECK (only = 1), arithmetic TEXT NOT NULL,
            canary_digest BLOB NOT NULL, slot TEXT NOT NULL, engine INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        -- Rows whose outcome is of an earlier engine than the job's present one.
        CREATE TABLE former_engine (
            ordinal INTEGER PRIMARY KEY, engine INTEGER NOT NULL
        ) STRICT;

        -- What an operator may want to know; bounded.
        CREATE TABLE event (
            number INTEGER PRIMARY KEY AUTOINCREMENT, incarnation INTEGER NOT NULL,
            kind TEXT NOT NULL, slot TEXT NOT NULL, ordinal INTEGER, text TEXT NOT NULL
        ) STRICT;
        """

    /// Makes the tables in an empty file, or checks that they are ours and of a form that goes on.
    ///
    /// - Returns: the form that they have.
    static func prepare(_ db: Database, path: String) throws -> Int32 {
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        if application == 0, version == 0, tables == 0 {
            try db.inTransaction(.immediate) {
                try db.execute(sql: statements)
                try db.execute(sql: "PRAGMA application_id = \(applicationID)")
                try db.execute(sql: "PRAGMA user_version = \(Self.version)")
                return .commit
            }
            return Self.version
        }
        guard application == applicationID else {
            throw JournalError(
                .format, path: path, "this is not a journal; choose another output name")
        }
        try JournalMigration.check(form: version, path: path)
        return version
    }
}
