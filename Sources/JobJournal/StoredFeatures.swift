internal import Digests
internal import GRDB
internal import JobState
internal import SpeechTypes

/// Features of transcribed rows, in a table that only jobs with features have.
///
/// Three columns: no other table has as many, so that a salvage can tell its rows from others.
enum StoredFeatures {
    /// Makes the table where `header`, or a job's parts, ask for features.
    static func prepare(_ db: Database, hasFeatures: Bool) throws {
        guard hasFeatures else { return }
        try db.execute(
            sql: """
                -- What each transcribed row is like, as its worker rendered it; `crc` is CRC-32C.
                CREATE TABLE IF NOT EXISTS features (
                    ordinal INTEGER PRIMARY KEY, bytes BLOB NOT NULL, crc INTEGER NOT NULL
                ) STRICT
                """)
    }

    static func exist(in db: Database) throws -> Bool { try db.tableExists("features") }

    static let insertion = "INSERT OR IGNORE INTO features (ordinal, bytes, crc) VALUES (?, ?, ?)"

    /// Runs ``insertion``.
    static func insert(
        _ bytes: [UInt8], crc: UInt32, of ordinal: Int, _ insertion: RowStatement
    ) throws {
        try insertion.bind(ordinal, at: 1)
        try insertion.bind(bytes, at: 2)
        try insertion.bind(Int(crc), at: 3)
        try insertion.run()
    }

    static func add(_ bytes: [UInt8], of ordinal: Int, to db: Database) throws {
        try insert(
            bytes, crc: CRC32C.checksum(of: bytes), of: ordinal, RowStatement(insertion, in: db))
    }

    /// The columns `bytes` and `crc` of a row; nil if they are not what was written.
    static func bytes(_ stored: ArraySlice<StoredValue>) -> [UInt8]? {
        guard stored.count == 2, let bytes = stored.first?.bytes, !bytes.isEmpty,
            stored.last?.integer == Int(CRC32C.checksum(of: bytes))
        else { return nil }
        return bytes
    }

    /// The features of a row; nil if it has none that are what was written.
    static func of(_ ordinal: Int, in db: Database) throws -> [UInt8]? {
        let statement = try RowStatement(
            "SELECT bytes, crc FROM features WHERE ordinal = ?", in: db)
        defer { statement.reset() }
        try statement.bind(ordinal, at: 1)
        return try statement.next().flatMap { bytes($0[...]) }
    }

    /// The error for a row whose features are missing or damaged.
    static func damaged(_ ordinal: Int, path: String) -> JournalError {
        JournalError(
            damaged: "the features of row \(ordinal) are not what was written", path: path)
    }
}

/// The features of recorded rows in order, beside their outcomes.
struct FeaturesReading {
    private let statement: RowStatement
    private var next: [StoredValue]?
    private let path: String

    /// - Returns: nil if the job has no features.
    init?(from ordinal: Int, path: String, in db: Database) throws {
        guard try StoredFeatures.exist(in: db) else { return nil }
        statement = try RowStatement(
            "SELECT ordinal, bytes, crc FROM features WHERE ordinal >= ? ORDER BY ordinal", in: db)
        try statement.bind(ordinal, at: 1)
        self.path = path
        next = try statement.next()
    }

    /// The features of a transcribed row that comes after those asked for before.
    ///
    /// - Throws: `damaged` if there are none, or they are not what was written.
    mutating func bytes(of ordinal: Int) throws -> [UInt8] {
        while let stored = next, let found = stored[0].integer, found < ordinal {
            next = try statement.next()
        }
        guard let stored = next, stored[0].integer == ordinal,
            let bytes = StoredFeatures.bytes(stored[1...])
        else { throw StoredFeatures.damaged(ordinal, path: path) }
        return bytes
    }

    func end() { statement.reset() }
}
