internal import CLinux
internal import Glibc
package import SystemErrors

/// A pipe whose ends lie above the standard descriptors and that no started program inherits; the
/// caller closes both.
package struct Pipe: Sendable {
    package let reader: Int32
    package let writer: Int32

    /// - Throws: if the process has no descriptors left.
    package init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard scriptorium_pipe(&ends) == 0 else { throw .last }
        // A process without standard streams gets their numbers, which a started program's replace.
        var error: SystemError?
        for place in ends.indices where ends[place] <= STDERR_FILENO {
            let lifted = fcntl(ends[place], F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
            if lifted < 0 { error = error ?? .last }
            close(ends[place])
            ends[place] = lifted
        }
        if let error {
            for end in ends where end >= 0 { close(end) }
            throw error
        }
        (reader, writer) = (ends[0], ends[1])
    }
}
