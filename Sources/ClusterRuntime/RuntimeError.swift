package import Files
internal import SystemErrors
internal import Threading
internal import ZeroMQ

/// Why a coordinator or a worker cannot go on.
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
    init(withoutDescriptors error: SystemError) {
        self.init(.system, "no descriptor: \(error); raise the limit of open files (ulimit -n)")
    }

    /// The error of a file that could not be had; `system` where the machine is only short of something.
    package init(_ error: FileError) {
        self.init(error.isShortage ? .system : .storage, error.description)
    }

    /// The error of a thread that could not be had.
    init(_ error: ThreadError) { self.init(.system, error.description) }
}

extension DedicatedThread {
    /// A thread that runs `body` at once; the error is a service's if there is no thread for it.
    static func ofService(
        _ body: @escaping @Sendable () -> Void
    ) throws(RuntimeError) -> DedicatedThread {
        do throws(ThreadError) {
            return try DedicatedThread(body)
        } catch {
            throw RuntimeError(error)
        }
    }
}

extension Context {
    /// Libzmq starts two threads with its first socket, and aborts where it gets none; the others are
    /// for what a service starts before that.
    private static let threads = 6

    /// libzmq's context, where the system has threads for it.
    static func ofService() throws(RuntimeError) -> Context {
        do {
            try DedicatedThread.check(forStarting: threads)
            return try Context()
        } catch let error as ThreadError {
            throw RuntimeError(error)
        } catch {
            throw RuntimeError(.system, "\(error)")
        }
    }
}

/// What exit codes mean; a supervisor starts again on 70, 74 and 75 only.
package enum ExitStatus {
    /// All rows were transcribed; or, of a worker, nothing is left to do.
    package static let done: Int32 = 0
    /// All rows have a record, some of them rejected or quarantined.
    package static let doneWithFailures: Int32 = 3
    package static let usage: Int32 = 64
    package static let jobRefused: Int32 = 65
    package static let engine: Int32 = 70
    package static let storage: Int32 = 74
    /// Drained or interrupted; running again goes on.
    package static let tryAgain: Int32 = 75
    package static let superseded: Int32 = 76
    /// Ended by Ctrl-C; running again goes on.
    package static let interrupted: Int32 = 130
    /// As a shell shows a process that SIGPIPE has ended: the reader of its output has gone.
    package static let closedPipe: Int32 = 141
}
