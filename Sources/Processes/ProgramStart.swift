internal import Glibc
package import SystemErrors

/// How a program is started: the one place that calls `posix_spawn`.
///
/// The program inherits standard streams and what ``descriptors`` says, nothing else: all other
/// descriptors of this process close on exec.
package struct ProgramStart: Sendable {
    /// What a descriptor of the program leads to.
    package enum Source: Hashable, Sendable {
        /// Nothing: reading ends at once.
        case null
        /// The same as a descriptor of this process.
        case descriptor(Int32)
    }

    /// The program's file.
    package var executable: String
    /// Whether a name without a slash is looked for along PATH.
    package var isSearched = false
    /// Arguments after the program's name.
    package var arguments: [String]
    /// The name by which the program knows itself; ``executable`` if nil.
    package var name: String?
    /// `NAME=VALUE` each; this process's own if nil.
    package var environment: [String]?
    /// By the number that the program sees; those of the standard streams stay as they are otherwise.
    package var descriptors: [Int32: Source] = [:]
    /// Whether the program has a process group of its own, which the terminal's Ctrl-C does not reach.
    package var hasOwnGroup = false
    /// Whether signals are as in a fresh process: none blocked, none ignored.
    package var resetsSignals = true

    package init(_ executable: String, _ arguments: [String]) {
        self.executable = executable
        self.arguments = arguments
    }

    /// Starts the program.
    ///
    /// - Throws: what the system reports.
    package func start() throws(SystemError) -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in descriptors.sorted(by: { $0.key < $1.key }) {
            switch source {
            case .null:
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDONLY, 0)
            case .descriptor(let descriptor):
                posix_spawn_file_actions_adddup2(&actions, descriptor, target)
            }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var flags: Int32 = 0
        if hasOwnGroup {
            posix_spawnattr_setpgroup(&attributes, 0)
            flags |= Int32(POSIX_SPAWN_SETPGROUP)
        }
        if resetsSignals {
            var none = sigset_t()
            sigemptyset(&none)
            var all = sigset_t()
            sigfillset(&all)
            posix_spawnattr_setsigmask(&attributes, &none)
            posix_spawnattr_setsigdefault(&attributes, &all)
            flags |= Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var words: [UnsafeMutablePointer<CChar>?] = ([name ?? executable] + arguments)
            .map { strdup($0) }
        words.append(nil)
        var variables: [UnsafeMutablePointer<CChar>?] = (environment ?? []).map { strdup($0) }
        variables.append(nil)
        defer { for text in words + variables { free(text) } }
        var identifier: pid_t = 0
        let run = isSearched ? posix_spawnp : posix_spawn
        let status =
            environment == nil
            ? run(&identifier, executable, &actions, &attributes, words, environ)
            : run(&identifier, executable, &actions, &attributes, words, variables)
        guard status == 0 else { throw SystemError(status) }
        return ChildProcess(identifier: identifier)
    }
}
