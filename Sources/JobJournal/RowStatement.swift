internal import Digests
internal import GRDB
internal import GRDBSQLite

/// A statement that is run for row after row, its values handed over by SQLite's own calls.
///
/// GRDB boxes every value that it binds or reads. That costs several times what SQLite does with it,
/// and what a coordinator can record in a second hangs on it.
struct RowStatement {
    // Kept, because the handle is its own.
    private let statement: Statement
    private let handle: OpaquePointer

    /// SQLite copies what it is given before the call returns (`SQLITE_TRANSIENT`).
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(_ sql: String, in db: Database) throws {
        statement = try db.cachedStatement(sql: sql)
        handle = statement.sqliteStatement
    }

    // MARK: Values in

    /// - Parameter place: of the `?`, from 1.
    func bind(_ value: Int, at place: Int32) throws {
        try check(sqlite3_bind_int64(handle, place, Int64(value)))
    }

    /// - Parameter text: nil for NULL.
    func bind(_ text: String?, at place: Int32) throws {
        guard var text else { return try check(sqlite3_bind_null(handle, place)) }
        try text.withUTF8 { bytes in
            let base = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
            try check(sqlite3_bind_text(handle, place, base, Int32(bytes.count), Self.copied))
        }
    }

    func bind(_ bytes: [UInt8], at place: Int32) throws {
        try bytes.withUnsafeBytes { try bind($0, at: place) }
    }

    /// - Parameter digest: nil for NULL.
    func bind(_ digest: ShortDigest?, at place: Int32) throws {
        guard let digest else { return try check(sqlite3_bind_null(handle, place)) }
        try digest.withBytes { try bind($0, at: place) }
    }

    private func bind(_ bytes: UnsafeRawBufferPointer, at place: Int32) throws {
        // Without an address it would be NULL.
        guard !bytes.isEmpty else { return try check(sqlite3_bind_zeroblob(handle, place, 0)) }
        try check(
            sqlite3_bind_blob(handle, place, bytes.baseAddress, Int32(bytes.count), Self.copied))
    }

    // MARK: Running

    /// Runs a statement that gives no rows.
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    func run() throws -> Int {
        defer { sqlite3_reset(handle) }
        guard try !step() else { preconditionFailure("a statement without rows gave one") }
        return Int(sqlite3_changes(sqlite3_db_handle(handle)))
    }

    /// The columns of the next row, or nil after the last one; ``reset()`` must follow some time.
    func next() throws -> [StoredValue]? {
        guard try step() else { return nil }
        return (0..<sqlite3_column_count(handle)).map { value(at: $0) }
    }

    /// Makes the statement ready to run again, and lets go of what it read.
    func reset() { sqlite3_reset(handle) }

    private func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw error
        }
    }

    // MARK: Values out

    private func value(at column: Int32) -> StoredValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_NULL: return .null
        case SQLITE_INTEGER: return .integer(Int(sqlite3_column_int64(handle, column)))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT:
            let start = sqlite3_column_text(handle, column)
            return .text(String(decoding: bytes(start, column), as: UTF8.self))
        default:
            let start = sqlite3_column_blob(handle, column)
            return .bytes(
                Array(bytes(start?.assumingMemoryBound(to: UInt8.self), column)))
        }
    }

    private func bytes(
        _ start: UnsafePointer<UInt8>?, _ column: Int32
    ) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }

    // MARK: Errors

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw error }
    }

    private var error: DatabaseError {
        let db = sqlite3_db_handle(handle)
        return DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(db)),
            message: sqlite3_errmsg(db).map { String(cString: $0) })
    }
}

/// A value in a column, of whatever type: a damaged page may hold any.
enum StoredValue: Hashable {
    case null
    case integer(Int)
    case real(Double)
    case text(String)
    case bytes([UInt8])

    var integer: Int? { if case .integer(let number) = self { number } else { nil } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
    var isNull: Bool { if case .null = self { true } else { false } }
}

extension Row {
    /// The columns' values, whatever their types are.
    var storedValues: [StoredValue] {
        databaseValues.map { value in
            switch value.storage {
            case .null: .null
            case .int64(let number): .integer(Int(number))
            case .double(let number): .real(number)
            case .string(let text): .text(text)
            case .blob(let data): .bytes(Array(data))
            }
        }
    }
}
