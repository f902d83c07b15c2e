internal import CZeroMQ
internal import SystemErrors

/// Why a socket could not do what was asked.
package struct ZeroMQError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// Another process listens there.
        case addressInUse
        /// The address does not exist on this machine, or cannot be read as one.
        case badAddress
        /// The address of an ipc socket is longer than the system allows.
        case nameTooLong
        /// The process may not listen or connect there.
        case permissionDenied
        /// No more sockets, descriptors or memory.
        case exhausted
        /// The context was closed while the call was under way.
        case terminated
        /// Anything else that libzmq reports.
        case system
    }

    package let code: Code
    /// The call of libzmq that failed.
    package let call: String
    /// The endpoint or option it was about; empty if none.
    package let subject: String
    /// What is wrong, and what helps.
    package let message: String

    package var description: String {
        subject.isEmpty ? "\(call): \(message)" : "\(call) \(subject): \(message)"
    }

    /// The error that libzmq has just reported on this thread.
    static func last(_ call: String, _ subject: String = "") -> ZeroMQError {
        let number = zmq_errno()
        // For numbers of the system libzmq asks strerror, which threads must not share.
        let sentence =
            number < ZMQ_HAUSNUMERO
            ? SystemError.text(of: number) : String(cString: zmq_strerror(number))
        switch number {
        case EADDRINUSE:
            return ZeroMQError(
                code: .addressInUse, call: call, subject: subject,
                message: "another process listens there; stop it or choose another address")
        case EADDRNOTAVAIL, EINVAL, ENODEV, EPROTONOSUPPORT:
            return ZeroMQError(
                code: .badAddress, call: call, subject: subject,
                message: "not an address of this machine (\(sentence)); "
                    + "use tcp://ADDRESS:PORT or ipc://PATH")
        case ENAMETOOLONG:
            return ZeroMQError(
                code: .nameTooLong, call: call, subject: subject,
                message: "an ipc path has at most 107 bytes; set XDG_RUNTIME_DIR to a shorter one")
        case EACCES, EPERM:
            return ZeroMQError(
                code: .permissionDenied, call: call, subject: subject, message: sentence)
        case EMFILE, ENFILE, ENOMEM, ENOBUFS:
            return ZeroMQError(
                code: .exhausted, call: call, subject: subject,
                message: "\(sentence); raise the limit of open files (ulimit -n)")
        case scriptorium_zmq_terminated():
            return ZeroMQError(
                code: .terminated, call: call, subject: subject, message: sentence)
        default:
            return ZeroMQError(code: .system, call: call, subject: subject, message: sentence)
        }
    }
}
