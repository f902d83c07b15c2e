internal import ClusterRuntime
internal import Glibc
internal import SystemErrors
internal import Threading

/// This program, run once more in a process of its own.
///
/// In the terminal's foreground group like this one, so that Ctrl-C ends both; its messages go where
/// ours go.
enum OwnProgram {
    /// Runs it to its end.
    ///
    /// - Returns: the exit status, or 128 and the number of the signal that ended it; and what it wrote
    ///   to standard output.
    /// - Throws: if it cannot be started, or writes more than `outputMax` bytes.
    static func run(
        _ arguments: [String], outputMax: Int = 64 << 20
    ) throws -> (status: Int32, output: [UInt8]) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw failure("no pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (reader, writer) = (ends[0], ends[1])
        defer { close(reader) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, writer, STDOUT_FILENO)
        var words: [UnsafeMutablePointer<CChar>?] = (["scriptorium"] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        var problem: Int32 = 0
        let cleanup = ExitCleanup(beginning: {
            problem = posix_spawn(&process, "/proc/self/exe", &actions, nil, words, environ)
            guard problem == 0 else { return nil }
            let child = process
            return { kill(child, SIGKILL) }
        })
        close(writer)
        guard let cleanup else { throw failure("the program could not start itself", problem) }

        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while output.count <= outputMax {
            let count = read(reader, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            output += buffer.prefix(count)
        }
        let isTooMuch = output.count > outputMax
        if isTooMuch { kill(process, SIGKILL) }
        var status: Int32 = 0
        var information = siginfo_t()
        while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        // Its number may be another's once it is reaped.
        cleanup.cancel { while waitpid(process, &status, 0) < 0, errno == EINTR {} }
        if isTooMuch {
            throw RuntimeError(.system, "the program wrote more than \(outputMax) bytes")
        }
        let signal = status & 0x7F
        return (signal == 0 ? status >> 8 & 0xFF : 128 + signal, output)
    }

    private static func failure(_ what: String, _ code: Int32) -> RuntimeError {
        RuntimeError(
            .system,
            "\(what): \(SystemError.text(of: code))\(SystemError.remedy(forStarting: code))")
    }
}
