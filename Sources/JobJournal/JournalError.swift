internal import GRDB

/// Why the journal cannot be used, or could not take what was given.
package struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// Another process has the journal open.
        case locked
        /// A later epoch has written to the journal.
        case superseded
        /// The journal belongs to another job.
        case otherJob
        /// The journal belongs to this job with other rows.
        case otherRows
        /// Written by a version that keeps its journal in another form.
        case format
        /// Bytes of the file are not what was written.
        case damaged
        /// No space left.
        case full
        /// The file cannot be opened or made.
        case cannotOpen
        /// Reading, writing or syncing failed.
        case inputOutput
    }

    package let code: Code
    /// The journal's file.
    package let path: String
    /// What is wrong, and what helps.
    package let message: String

    package init(_ code: Code, path: String, _ message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    package var description: String { "\(path): \(message)" }

    /// The error in the journal's words; SQL and its arguments are left out.
    init(_ error: any Error, path: String) {
        if let error = error as? JournalError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(damaged: "a value cannot be read", path: path)
            return
        }
        let detail = error.message ?? "result code \(error.resultCode.rawValue)"
        let code: Code
        let message: String
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            code = .locked
            message = "another coordinator is working on this job; wait for it or stop it first"
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_MISMATCH:
            self.init(damaged: detail, path: path)
            return
        case .SQLITE_FULL:
            code = .full
            message = "no space is left for the journal; free some and run again to go on"
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH:
            code = .cannotOpen
            message = "the journal cannot be opened for writing (\(detail)); check its permissions"
        default:
            code = .inputOutput
            message =
                "reading or writing failed (\(detail)); check the disk and run again to go on"
        }
        self.init(code, path: path, message)
    }

    /// Bytes of the file are not what was written.
    init(damaged what: String, path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        self.init(
            .damaged, path: path,
            "the journal is damaged (\(what)); nothing was repaired. To keep every row that is whole "
                + "and compute the others again: scriptorium journal salvage \(folder)")
    }
}
