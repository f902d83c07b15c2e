internal import Glibc
package import Processes
internal import SystemErrors

/// Standard output: the one way for everything that this program prints for others to read.
///
/// A write either takes place whole or throws. `print` does neither: it keeps quiet about a full disk.
package enum StandardOutput {
    /// - Throws: `storage` if the bytes cannot be written, `outputClosed` if nobody reads them.
    package static func write(_ text: String) throws(RuntimeError) {
        try write(bytes: Array(text.utf8))
    }

    /// As ``write(_:)``; waits where the reader is slow, also where the descriptor does not block.
    package static func write(bytes: [UInt8]) throws(RuntimeError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch StreamBytes.write(rest, to: STDOUT_FILENO) {
            case .wrote(let count): rest = rest.dropFirst(count)
            case .full:
                guard StreamBytes.waitForRoom(STDOUT_FILENO, milliseconds: -1) else {
                    throw failure(errno)
                }
            case .failed(let code): throw failure(code)
            }
        }
    }

    /// Whether anybody still reads, without writing: a pipe whose other end is closed says so.
    ///
    /// - Throws: `outputClosed` if nobody does.
    package static func checkReader() throws(RuntimeError) {
        var request = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        guard poll(&request, 1, 0) > 0 else { return }
        if request.revents & Int16(POLLERR) != 0 { throw failure(EPIPE) }
    }

    /// Learns of an error that a file system keeps for the end, such as a quota over a network.
    package static func finish() throws(RuntimeError) {
        let copy = dup(STDOUT_FILENO)
        // Without a standard output, nothing was written to it.
        guard copy >= 0 else { return }
        if close(copy) != 0, errno != EINTR { throw failure(errno) }
    }

    /// Ends this process as the signal does that a write to a closed pipe sends.
    package static func endAsClosedPipe() -> Never {
        signal(SIGPIPE, SIG_DFL)
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        pthread_sigmask(SIG_UNBLOCK, &pipe, nil)
        raise(SIGPIPE)
        _exit(ExitStatus.closedPipe)
    }

    /// Makes the three standard descriptors safe to use.
    ///
    /// A descriptor that the parent closed would be given to the next file that is opened, and what
    /// is printed would end in that file. SIGPIPE is ignored: writes say so themselves, and a
    /// message that nobody reads must not end a job.
    package static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) < 0 {
            // Opened the other way round, so that writing still fails where nothing was to write to.
            let mode = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY
            _ = open("/dev/null", mode)
        }
    }

    package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Columns and lines of the terminal, or 80 and 24 where it does not say.
    package static var terminalSize: (columns: Int, lines: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), size.ws_row > 0 ? Int(size.ws_row) : 24)
    }

    /// Whether colours are wanted: a terminal that has them, and no `NO_COLOR` (no-color.org).
    package static var takesColour: Bool {
        func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        return isTerminal && (variable("NO_COLOR") ?? "").isEmpty && variable("TERM") != "dumb"
    }

    private static func failure(_ code: Int32) -> RuntimeError {
        if code == EPIPE {
            return RuntimeError(.outputClosed, "nobody reads standard output any more")
        }
        let text = SystemError.text(of: code)
        let remedy =
            switch code {
            case ENOSPC, EDQUOT: "; free some space and run again"
            case EBADF: "; it is closed: give the command somewhere to write"
            default: "; check where it leads, then run again"
            }
        return RuntimeError(.storage, "writing to standard output failed: \(text)\(remedy)")
    }
}
