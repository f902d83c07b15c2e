internal import Glibc
internal import SystemErrors

/// Why an input as a whole cannot be used; what is wrong with single rows is a ``RowError``.
package struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The input does not exist or matches nothing.
        case notFound
        /// The input exists and cannot be read.
        case unreadable
        /// The input is of no known form, or not in order.
        case invalid
        /// Text in another encoding than UTF-8.
        case encoding
        /// The input is not what it was when its index was built.
        case changed
        /// A file that is ours could not be written or read back.
        case storage
    }

    package let code: Code
    package let path: String
    /// 1-based, where one line is at fault.
    package let line: Int?
    /// What was found and what would do.
    package let message: String

    package init(_ code: Code, _ path: String, line: Int? = nil, _ message: String) {
        self.code = code
        self.path = path
        self.line = line
        self.message = message
    }

    package var description: String {
        "\(path)\(line.map { ":\($0)" } ?? ""): \(message)"
    }

    /// The error that a system call has just left in errno.
    static func system(_ code: Code, _ path: String, _ action: String) -> ManifestError {
        let number = errno
        let remedy =
            switch number {
            case ENOSPC, EDQUOT: "; free some space and run again"
            case EACCES, EPERM, EROFS: "; check its permissions"
            case ENOENT: "; check the path"
            default: ""
            }
        let isMissing = number == ENOENT && code == .unreadable
        return ManifestError(
            isMissing ? .notFound : code, path,
            "\(action) failed: \(SystemError.text(of: number))\(remedy)")
    }
}
