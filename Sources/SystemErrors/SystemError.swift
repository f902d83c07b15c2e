internal import Glibc

/// An error of a system call, in the system's own words.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number, as `errno` holds it.
    package let number: Int32

    package init(_ number: Int32) { self.number = number }

    /// What the last system call on this thread has left in `errno`.
    package static var last: SystemError { SystemError(errno) }

    package var description: String { Self.text(of: number) }

    /// The sentence for an error number.
    ///
    /// Unlike `strerror`, safe on any thread: two threads that fail at once each get their own words.
    package static func text(of number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard strerror_r(number, &buffer, buffer.count) == 0 else { return "errno \(number)" }
        return String(
            decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// What helps where the system has no more threads or processes to give; empty for other errors.
    package static func remedy(forStarting number: Int32) -> String {
        switch number {
        case EAGAIN:
            "; allow more processes and threads (ulimit -u, or pids.max of the control group), or "
                + "use fewer --threads or --workers"
        case ENOMEM: "; free some memory, or use fewer --threads or --workers"
        default: ""
        }
    }
}
