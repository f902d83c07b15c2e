internal import Glibc
internal import Synchronization
internal import ZeroMQ

/// Turns the signals that end a process into something a loop can poll.
///
/// One a process: signal handlers are the process's, not an object's.
package final class SignalWatch: Sendable {
    /// What was asked for so far.
    package enum Request: Hashable, Sendable {
        case none
        /// Finish what is under way, give the rest back, end.
        case drain(isInterrupt: Bool)
        /// End at once.
        case stop(isInterrupt: Bool)
    }

    private let bell: Bell

    // What a handler may touch: constants and atomics, ready before it is installed.
    private static let bellDescriptor = Atomic<Int32>(-1)
    private static let drainCount = Atomic<Int>(0)
    private static let stopCount = Atomic<Int>(0)
    private static let interruptCount = Atomic<Int>(0)

    /// Takes over SIGINT, SIGTERM and SIGQUIT, and ignores SIGPIPE and SIGXFSZ.
    package init() throws(RuntimeError) {
        do {
            bell = try Bell()
        } catch {
            throw RuntimeError(.system, error.description)
        }
        Self.bellDescriptor.store(bell.descriptor, ordering: .sequentiallyConsistent)
        Self.drainCount.store(0, ordering: .sequentiallyConsistent)
        Self.stopCount.store(0, ordering: .sequentiallyConsistent)
        Self.interruptCount.store(0, ordering: .sequentiallyConsistent)
        // A parent may have left them blocked.
        var taken = sigset_t()
        sigemptyset(&taken)
        for number in [SIGINT, SIGTERM, SIGQUIT] {
            sigaddset(&taken, number)
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { SignalWatch.note($0) }
            action.sa_flags = SA_RESTART
            sigaction(number, &action, nil)
        }
        pthread_sigmask(SIG_UNBLOCK, &taken, nil)
        signal(SIGPIPE, SIG_IGN)
        // A file at its size limit is an error of the write, reported as such.
        signal(SIGXFSZ, SIG_IGN)
    }

    deinit {
        Self.bellDescriptor.store(-1, ordering: .sequentiallyConsistent)
        for number in [SIGINT, SIGTERM, SIGQUIT] { signal(number, SIG_DFL) }
    }

    /// Readable once a signal has arrived.
    package var descriptor: Int32 { bell.descriptor }

    /// What the signals so far ask for.
    ///
    /// The first SIGINT or SIGTERM drains; a second, or SIGQUIT, stops.
    package var request: Request {
        bell.silence()
        let isInterrupt = Self.interruptCount.load(ordering: .sequentiallyConsistent) > 0
        let drains = Self.drainCount.load(ordering: .sequentiallyConsistent)
        if drains > 1 || Self.stopCount.load(ordering: .sequentiallyConsistent) > 0 {
            return .stop(isInterrupt: isInterrupt)
        }
        return drains == 0 ? .none : .drain(isInterrupt: isInterrupt)
    }

    private static func note(_ number: Int32) {
        if number == SIGQUIT {
            stopCount.add(1, ordering: .sequentiallyConsistent)
        } else {
            drainCount.add(1, ordering: .sequentiallyConsistent)
            if number == SIGINT { interruptCount.add(1, ordering: .sequentiallyConsistent) }
        }
        let descriptor = bellDescriptor.load(ordering: .sequentiallyConsistent)
        if descriptor >= 0 { Bell.ring(descriptor) }
    }
}
