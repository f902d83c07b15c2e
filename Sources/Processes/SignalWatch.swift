internal import Glibc
internal import Synchronization
internal import SystemErrors
internal import Threading

/// Turns the signals that end a process into something a loop can poll, or ends the process in
/// order where no loop polls.
///
/// There may be one in a process: signal handlers belong to the process, not to an object.
package final class SignalWatch: Sendable {
    /// What was asked for so far.
    package enum Request: Hashable, Sendable {
        case none
        /// Finish what is under way, give the rest back, end.
        case drain(isInterrupt: Bool)
        /// End at once.
        case stop(isInterrupt: Bool)

        /// What a process that does so exits with; the work can be taken up again.
        package var exitStatus: Int32 {
            switch self {
            case .drain(isInterrupt: true), .stop(isInterrupt: true): ExitStatus.interrupted
            case .none, .drain, .stop: ExitStatus.tryAgain
            }
        }
    }

    /// Readable once a signal has arrived, for loops that poll.
    private let event: EventDescriptor
    /// The same for the thread that ends the process.
    private let alarm: EventDescriptor

    // What a handler may touch: constants and atomics, ready before it is installed.
    private static let eventNumber = Atomic<Int32>(-1)
    private static let alarmDescriptor = Atomic<Int32>(-1)
    private static let drainCount = Atomic<Int>(0)
    private static let stopCount = Atomic<Int>(0)
    private static let interruptCount = Atomic<Int>(0)
    /// Whether a signal ends the process at once.
    private static let endsAtOnce = Atomic<Bool>(false)
    /// The exit status of a process that is being ended; 0 before.
    private static let endingStatus = Atomic<Int32>(0)

    /// Takes over SIGINT, SIGTERM and SIGQUIT, and ignores SIGXFSZ.
    ///
    /// A file at its size limit is an error of the write, reported as such. Until
    /// ``endAtOnce(onEnd:)`` signals wait for a loop.
    ///
    /// - Parameter ignoresBrokenPipes: a reader that is gone is an error of the write, too.
    package init(ignoresBrokenPipes: Bool = true) throws(RuntimeError) {
        do throws(SystemError) {
            event = try EventDescriptor()
            alarm = try EventDescriptor()
        } catch {
            throw RuntimeError(withoutDescriptors: error)
        }
        Self.endsAtOnce.store(false, ordering: .sequentiallyConsistent)
        Self.eventNumber.store(
            event.descriptor, ordering: .sequentiallyConsistent)
        Self.alarmDescriptor.store(alarm.descriptor, ordering: .sequentiallyConsistent)
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
        signal(SIGXFSZ, SIG_IGN)
        if ignoresBrokenPipes { ignoreBrokenPipes() }
    }

    deinit {
        Self.eventNumber.store(-1, ordering: .sequentiallyConsistent)
        Self.alarmDescriptor.store(-1, ordering: .sequentiallyConsistent)
        for number in [SIGINT, SIGTERM, SIGQUIT] { signal(number, SIG_DFL) }
    }

    /// From now on a reader that is gone is an error of the write, and not the process's end.
    package func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    // MARK: Where no loop polls

    /// Starts the thread that ends the process at the first signal, wherever its other threads are:
    /// what is half written is removed, and nothing needs to be asked to stop.
    ///
    /// To be called once, before anything long.
    ///
    /// - Parameter onEnd: tells the user; called on that thread, and must not block for long.
    /// - Throws: if the system has no thread to give.
    package func endAtOnce(onEnd: @escaping @Sendable () -> Void) throws(RuntimeError) {
        _ = try DedicatedThread.ofService { [self] in
            while true {
                var item = pollfd(fd: alarm.descriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&item, 1, -1) > 0 else { continue }
                alarm.reset()
                let request = Self.counted()
                guard request != .none, Self.endsAtOnce.load(ordering: .sequentiallyConsistent)
                else { continue }
                Self.endingStatus.store(request.exitStatus, ordering: .sequentiallyConsistent)
                onEnd()
                ExitCleanup.exitProcess(status: request.exitStatus)
            }
        }
        endAtOnceAgain()
    }

    /// From now on signals wait until a loop asks for them.
    ///
    /// - Returns: whether they ended the process at once before.
    package func leaveToLoop() -> Bool {
        Self.endsAtOnce.exchange(false, ordering: .sequentiallyConsistent)
    }

    /// From now on the next signal ends the process at once, as after ``endAtOnce(onEnd:)``.
    package func endAtOnceAgain() {
        Self.endsAtOnce.store(true, ordering: .sequentiallyConsistent)
    }

    // MARK: Where a loop polls

    /// Readable once a signal has arrived.
    package var descriptor: Int32 { event.descriptor }

    /// What the signals so far ask for.
    ///
    /// The first SIGINT or SIGTERM drains; a second, or SIGQUIT, stops.
    package var request: Request {
        event.reset()
        return Self.counted()
    }

    private static func counted() -> Request {
        let isInterrupt = interruptCount.load(ordering: .sequentiallyConsistent) > 0
        let drains = drainCount.load(ordering: .sequentiallyConsistent)
        if drains > 1 || stopCount.load(ordering: .sequentiallyConsistent) > 0 {
            return .stop(isInterrupt: isInterrupt)
        }
        return drains == 0 ? .none : .drain(isInterrupt: isInterrupt)
    }

    private static func note(_ number: Int32) {
        let interrupted = errno
        defer { errno = interrupted }
        // A second signal does not wait for what the first one began.
        let status = endingStatus.load(ordering: .sequentiallyConsistent)
        if status != 0 { _exit(status) }
        if number == SIGQUIT {
            stopCount.add(1, ordering: .sequentiallyConsistent)
        } else {
            drainCount.add(1, ordering: .sequentiallyConsistent)
            if number == SIGINT { interruptCount.add(1, ordering: .sequentiallyConsistent) }
        }
        signalEvent(eventNumber.load(ordering: .sequentiallyConsistent))
        signalEvent(alarmDescriptor.load(ordering: .sequentiallyConsistent))
    }

    private static func signalEvent(_ descriptor: Int32) {
        if descriptor >= 0 { EventDescriptor.signal(descriptor) }
    }
}
