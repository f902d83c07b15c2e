internal import Glibc

/// Standard error, written at once and whole.
///
/// Its reader may be gone: a message that cannot be written is dropped, and is no error.
package enum StandardError {
    /// How long a reader that takes nothing is waited for, where writing does not block.
    private static let patience: Int32 = 1_000

    package static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            switch StreamBytes.write(rest, to: STDERR_FILENO) {
            case .wrote(let count): rest = rest.dropFirst(count)
            case .full:
                guard StreamBytes.waitForRoom(STDERR_FILENO, milliseconds: patience) else { return }
            case .failed: return
            }
        }
    }

    package static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Columns of the terminal, or 80 where it does not say.
    package static var columns: Int { size.columns }

    /// Columns and rows of the terminal, or 80 and 24 where it does not say.
    package static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}

/// One write to a descriptor, whatever is behind it.
enum StreamBytes {
    enum Outcome {
        case wrote(Int)
        /// Nothing can be taken now (a descriptor that does not block).
        case full
        case failed(errno: Int32)
    }

    static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Outcome {
        while true {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { return .wrote(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .full
            default: return .failed(errno: errno)
            }
        }
    }

    /// Waits until a descriptor takes bytes or fails; false if it does neither in time.
    ///
    /// - Parameter milliseconds: -1 for as long as it takes.
    static func waitForRoom(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while true {
            let ready = poll(&request, 1, milliseconds)
            if ready >= 0 { return ready > 0 }
            guard errno == EINTR else { return false }
        }
    }
}
