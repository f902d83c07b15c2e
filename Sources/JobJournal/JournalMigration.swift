internal import GRDB

/// Journals that an earlier release began, and how this one goes on with them.
///
/// What they hold stays as it is: a recorded row keeps its outcome, and the journal says which engine it
/// is of. Rows that are open are computed by the present engine.
enum JournalMigration {
    /// The oldest form that goes on.
    ///
    /// It says nothing of engines: one has made all of its rows.
    static let oldestForm: Int32 = 4

    /// Refuses a form that this program cannot go on with.
    ///
    /// - Throws: `format`, with what to do.
    static func check(form: Int32, path: String) throws(JournalError) {
        guard form <= JournalSchema.version else {
            throw JournalError(
                .format, path: path,
                "the journal has form \(form), and this program knows none above "
                    + "\(JournalSchema.version): go on with the release that wrote it, or a later one"
            )
        }
        guard form >= oldestForm else {
            throw JournalError(
                .format, path: path,
                "the journal has form \(form), and this program goes on with forms from \(oldestForm): "
                    + "finish the job with the release that began it, or give --overwrite to begin again"
            )
        }
    }

    /// Makes a journal of an earlier form one of the present form, within the open transaction.
    static func upgrade(_ db: Database, from form: Int32) throws {
        guard form < JournalSchema.version else { return }
        try db.execute(
            sql: """
                CREATE TABLE former_engine (
                    ordinal INTEGER PRIMARY KEY, engine INTEGER NOT NULL
                ) STRICT;
                ALTER TABLE fleet_facts ADD COLUMN engine INTEGER NOT NULL DEFAULT 0;
                UPDATE fleet_facts SET engine =
                    coalesce((SELECT CAST(value AS INTEGER) FROM job WHERE name = 'engine'), 0);
                PRAGMA user_version = \(JournalSchema.version)
                """)
    }

    /// Lets the statements of the present form read a journal of an earlier one, which is not changed.
    static func readAsPresent(_ db: Database) throws {
        guard try !db.tableExists("former_engine") else { return }
        try db.execute(
            sql: """
                CREATE TEMP TABLE former_engine (
                    ordinal INTEGER PRIMARY KEY, engine INTEGER NOT NULL
                )
                """)
    }

    /// Notes that the rows recorded so far are of `engine`, where they are not of an earlier one still.
    ///
    /// Rows that were found unusable when the job was planned are of no engine.
    ///
    /// - Returns: how many rows of earlier engines there are.
    static func attributeRows(to engine: Int, in db: Database) throws -> Int {
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO former_engine (ordinal, engine)
                SELECT ordinal, ? FROM outcome WHERE \(isOfAnEngine)
                """,
            arguments: [engine])
        return try Int.fetchOne(db, sql: "SELECT count(*) FROM former_engine") ?? 0
    }

    private static let isOfAnEngine = "code IS NULL OR code NOT LIKE 'manifest.%'"

    /// How many rows each engine made, in the order of their numbers.
    ///
    /// - Parameter present: the engine of rows of which nothing else is said.
    static func engines(in db: Database, present: Int) throws -> [EngineRows] {
        let all =
            try Int.fetchOne(db, sql: "SELECT count(*) FROM outcome WHERE \(isOfAnEngine)") ?? 0
        let former = try Row.fetchAll(
            db, sql: "SELECT engine, count(*) AS rows FROM former_engine GROUP BY engine"
        ).map { EngineRows(engine: $0["engine"], rows: $0["rows"]) }
        let rest = all - former.reduce(0) { $0 + $1.rows }
        let engines = former + (rest > 0 ? [EngineRows(engine: present, rows: rest)] : [])
        return engines.sorted { $0.engine < $1.engine }
    }
}

/// How many rows an engine made.
package struct EngineRows: Hashable, Sendable {
    package var engine: Int
    package var rows: Int

    /// Numbers that an engine can have.
    static let engines = 0...65_535

    package init(engine: Int, rows: Int) {
        self.engine = engine
        self.rows = rows
    }

    /// What becomes of a job that was left with this engine, for people.
    package func sentence(_ present: Int) -> String {
        "the job was begun with engine \(engine): its \(rows) recorded rows stay, and engine "
            + "\(present) computes the others"
    }
}
