package import Files
internal import Glibc

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

    /// A file that is ours could not be written or read back.
    package init(_ error: FileError) { self.init(.storage, error.path, error.sentence) }

    /// A file of the user could not be read, or is not there.
    package static func input(_ error: FileError) -> ManifestError {
        ManifestError(
            error.isMissing ? .notFound : .unreadable, error.path,
            error.sentence + (error.isMissing ? "; check the path" : ""))
    }

    /// Runs `body`, which writes or reads back a file that is ours.
    package static func storing<Value>(
        _ body: () throws(FileError) -> Value
    ) throws(ManifestError) -> Value {
        try mapError({ ManifestError($0) }, body)
    }

    /// The error that a system call has just left in errno.
    ///
    /// - Parameter action: what was to be done, as in ``FileError``.
    package static func system(_ code: Code, _ path: String, _ action: String) -> ManifestError {
        let error = FileError(path, action)
        return code == .unreadable ? .input(error) : ManifestError(code, path, error.sentence)
    }
}
