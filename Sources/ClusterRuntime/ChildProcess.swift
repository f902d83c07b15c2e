internal import Glibc
internal import SystemErrors

/// A process started here, in a process group of its own.
struct ChildProcess: Sendable {
    /// How a process ended.
    enum End: Hashable, Sendable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    let identifier: pid_t
    /// What the process writes to standard output and standard error; the caller closes it.
    let output: Int32
    /// Closing it ends the child, which watches the other end; the caller closes it.
    let lifeline: Int32

    /// The descriptor under which a child finds the reading end of its lifeline.
    static let childLifeline: Int32 = 3

    /// Starts `executable`; signals are as in a fresh process, standard input is empty.
    ///
    /// Not to be called from two threads at once: a child must not inherit another's lifeline.
    init(executable: String, arguments: [String]) throws(RuntimeError) {
        let (outputReader, outputWriter) = try Self.makePipe()
        let (lifelineReader, lifelineWriter): (Int32, Int32)
        do {
            (lifelineReader, lifelineWriter) = try Self.makePipe()
        } catch {
            close(outputReader)
            close(outputWriter)
            throw error
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, outputWriter, 1)
        posix_spawn_file_actions_adddup2(&actions, outputWriter, 2)
        posix_spawn_file_actions_adddup2(&actions, lifelineReader, Self.childLifeline)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // Ctrl-C goes to the terminal's foreground group: the coordinator, not its workers.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var identifier: pid_t = 0
        let status = posix_spawn(&identifier, executable, &actions, &attributes, words, environ)
        close(outputWriter)
        close(lifelineReader)
        guard status == 0 else {
            close(outputReader)
            close(lifelineWriter)
            throw RuntimeError(
                .system,
                "\(executable) could not be started: \(SystemError.text(of: status))"
                    + SystemError.remedy(forStarting: status))
        }
        self.identifier = identifier
        output = outputReader
        lifeline = lifelineWriter
    }

    /// Blocks until the process has ended, and leaves it to be reaped: its number stays taken.
    func waitForEnd() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0, errno == EINTR
        {
        }
    }

    /// Takes the status of a process that has ended; its number may be used again afterwards.
    func reap() -> End {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
    }

    private static func makePipe() throws(RuntimeError) -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw RuntimeError(
                .system, "no pipe: \(SystemError.text(of: errno)); raise ulimit -n")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
