internal import Glibc
internal import Synchronization

/// Keeps a process that crashes alive for a moment, so that its other threads can still say what it was doing.
///
/// A decoder may fault within microseconds of opening a file. The message that names the row has not left the
/// process then, and whoever starts another process cannot know which row to keep from it.
package enum CrashPause {
    /// Signals of faults, which a process raises by what it does.
    private static let faults = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS]
    /// Long enough for a message on a busy machine.
    private static var nanoseconds: Int { 100_000_000 }

    private static let isBegun = Atomic<Bool>(false)
    /// What was to be done at each signal before; written once, before the handler is installed.
    nonisolated(unsafe) private static let former = UnsafeMutablePointer<sigaction>.allocate(
        capacity: 65)

    /// From now on every fault of this process waits for a moment before it does what it would have done.
    package static func begin() {
        guard !isBegun.exchange(true, ordering: .sequentiallyConsistent) else { return }
        // A handler finds what it touches initialised.
        former.initialize(repeating: sigaction(), count: 65)
        for number in faults {
            sigaction(number, nil, former + Int(number))
            var action = sigaction()
            action.__sigaction_handler.sa_sigaction = { number, info, _ in
                CrashPause.wait(number, info?.pointee.si_code ?? 0)
            }
            action.sa_flags = SA_SIGINFO | SA_ONSTACK
            sigaction(number, &action, nil)
        }
    }

    /// Runs on the thread that faults, in its signal handler.
    private static func wait(_ number: Int32, _ code: Int32) {
        var time = timespec(tv_sec: 0, tv_nsec: nanoseconds)
        var rest = timespec()
        while nanosleep(&time, &rest) != 0, errno == EINTR { time = rest }
        sigaction(number, former + Int(number), nil)
        // A code above zero is the instruction's, which faults again; but a trap or a system call is over.
        let isRepeated = code > 0 && number != SIGTRAP && number != SIGSYS
        if !isRepeated { raise(number) }
    }
}
