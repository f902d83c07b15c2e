internal import Glibc
package import SystemErrors

/// Something that the system did not do with a file or folder.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    /// What was to be done: a verb and, where the path does not say it, its object.
    package let action: String
    package let cause: SystemError

    /// - Parameter cause: what the system call on this thread has just reported, unless given.
    package init(_ path: String, _ action: String, _ cause: SystemError = .last) {
        self.path = path
        self.action = action
        self.cause = cause
    }

    /// The error's number, as `errno` holds it.
    package var number: Int32 { cause.number }

    /// The file, or a folder above it, does not exist.
    package var isMissing: Bool { cause.number == ENOENT }

    /// The disk, or the user's part of it, is full.
    package var isFull: Bool { cause.number == ENOSPC || cause.number == EDQUOT }

    /// The process or the machine is short of descriptors or memory, which says nothing about the file.
    package var isShortage: Bool { [EMFILE, ENFILE, ENOMEM].contains(cause.number) }

    /// What was not possible, why, and what helps; without the path.
    package var sentence: String {
        let remedy =
            switch cause.number {
            case ENOSPC, EDQUOT: "; free some space and run again"
            case EACCES, EPERM, EROFS: "; check its permissions"
            case EMFILE: "; raise the limit of open files (ulimit -n)"
            default: ""
            }
        return "cannot \(action): \(cause)\(remedy)"
    }

    package var description: String { "\(path): \(sentence)" }
}

/// Runs `body`, whose error becomes one of the caller's own kind.
///
/// - Throws: what `map` makes of the error of `body`.
package func mapError<Value, Cause: Error, Failure: Error>(
    _ map: (Cause) -> Failure, _ body: () throws(Cause) -> Value
) throws(Failure) -> Value {
    do throws(Cause) {
        return try body()
    } catch {
        throw map(error)
    }
}
