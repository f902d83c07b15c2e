internal import Glibc

/// A process that this one has started.
package struct ChildProcess: Hashable, Sendable {
    /// How a process ended.
    package enum End: Hashable, Sendable {
        case exited(Int32)
        case killed(signal: Int32)

        /// The exit status; 128 and the signal's number if one ended it, as shells count.
        package var status: Int32 {
            switch self {
            case .exited(let status): status
            case .killed(let signal): 128 + signal
            }
        }
    }

    package let identifier: Int32

    /// Blocks until the process has ended, and leaves it to be reaped: its number stays taken.
    package func waitForEnd() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0, errno == EINTR
        {
        }
    }

    /// Collects the status of a process, once it has ended; its number may be used again afterwards.
    package func reap() -> End {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0 {
            guard errno == EINTR else { return .exited(127) }
        }
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
    }

    /// Ends the process at once.
    ///
    /// - Precondition: it has not been reaped.
    package func kill() { Glibc.kill(identifier, SIGKILL) }

    /// Ends the process and all that it has started, where it has a group of its own.
    ///
    /// - Precondition: it has not been reaped.
    package func killGroup() { Glibc.kill(-identifier, SIGKILL) }
}
