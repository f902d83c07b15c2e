package import Files
package import SystemErrors
package import Threading

/// Why a process cannot go on, and what it exits with.
package struct RuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The command asks for something that cannot be.
        case usage
        /// The job folder belongs to another job, model or manifest.
        case jobRefused
        /// Reading or writing failed: disk full, no permission, damaged journal.
        case storage
        /// Nobody reads what is written to standard output.
        case outputClosed
        /// A coordinator of a later epoch holds the journal.
        case superseded
        /// Sockets, threads or processes could not be had.
        case system
        /// The engine is unusable.
        case engine
    }

    package let code: Code
    /// What is wrong, where, and what helps.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    /// What the process should exit with.
    package var exitStatus: Int32 {
        switch code {
        case .usage: ExitStatus.usage
        case .jobRefused: ExitStatus.jobRefused
        case .storage: ExitStatus.storage
        case .outputClosed: ExitStatus.closedPipe
        case .superseded: ExitStatus.superseded
        case .system: ExitStatus.tryAgain
        case .engine: ExitStatus.engine
        }
    }
}

extension RuntimeError {
    /// The error of a descriptor that could not be had.
    package init(withoutDescriptors error: SystemError) {
        self.init(.system, "no descriptor: \(error); raise the limit of open files (ulimit -n)")
    }

    /// The error of a file that could not be had; `system` where the machine is only short of something.
    package init(_ error: FileError) {
        self.init(error.isShortage ? .system : .storage, error.description)
    }

    /// The error that the system has just reported about `path`.
    package static func storage(_ path: String, _ action: String) -> RuntimeError {
        RuntimeError(.storage, FileError(path, action).description)
    }

    /// The error of a thread that could not be had.
    package init(_ error: ThreadError) { self.init(.system, error.description) }
}

extension DedicatedThread {
    /// A thread that runs `body` at once; the error is a service's if there is no thread for it.
    package static func ofService(
        _ body: @escaping @Sendable () -> Void
    ) throws(RuntimeError) -> DedicatedThread {
        do throws(ThreadError) {
            return try DedicatedThread(body)
        } catch {
            throw RuntimeError(error)
        }
    }
}
