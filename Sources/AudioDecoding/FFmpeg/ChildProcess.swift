internal import Glibc
internal import Synchronization

/// A child process whose output is read through pipes; killed when this ends, on every way out.
final class ChildProcess {
    /// What a wait came to.
    enum ReadResult: Equatable {
        case bytes(Int)
        case ended
        /// Nothing came for too long.
        case timedOut
        case failed(errno: Int32)
    }

    /// What the child wrote to its standard error: the start and the end, where it is long.
    private(set) var errorOutput: [UInt8] = []

    private var process: pid_t?
    private let output: Int32
    private let errors: Int32
    private var errorsAreOpen = true
    private let stallSeconds: Double
    private var secondsLeft: Double

    private static let errorOutputMax = 1 << 16
    private static let errorOutputStart = 1 << 15

    /// Starts `executable`, found along PATH, with `input` as its standard input.
    ///
    /// - Parameter stallSeconds: how long one read waits.
    /// - Parameter waitSecondsMax: how long all reads wait together.
    /// - Returns: nil with errno in `failure` if it cannot be started.
    init?(
        _ executable: String, _ arguments: [String], input: Int32, stallSeconds: Double,
        waitSecondsMax: Double, failure: inout Int32
    ) {
        let started = Self.starting.withLock { _ in
            Self.start(executable, arguments, input, &failure)
        }
        guard let started else { return nil }
        process = started.process
        output = started.output
        errors = started.errors
        self.stallSeconds = stallSeconds
        secondsLeft = waitSecondsMax
    }

    deinit {
        close(output)
        close(errors)
        if let process {
            kill(process, SIGKILL)
            Self.reap(process)
        }
    }

    /// Reads what the child has written, waiting for at least one byte.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
        while true {
            let ready = wait(forOutput: true)
            if let ready { return ready }
            let got = Glibc.read(output, buffer.baseAddress, buffer.count)
            if got > 0 { return .bytes(got) }
            if got == 0 { return .ended }
            if errno != EINTR && errno != EAGAIN { return .failed(errno: errno) }
        }
    }

    /// Waits for the child's end after its output has ended; nil if it does not come in time.
    ///
    /// - Returns: the exit status, or 128 and the number of the signal that ended it.
    func exitStatus() -> Int32? {
        while errorsAreOpen {
            if wait(forOutput: false) != nil { return nil }
        }
        guard let process else { return nil }
        self.process = nil
        return Self.reap(process)
    }

    /// Waits until output can be read (or, without `forOutput`, until errors were read); otherwise
    /// says why not.
    private func wait(forOutput: Bool) -> ReadResult? {
        while true {
            var polled = [
                pollfd(fd: forOutput ? output : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errorsAreOpen ? errors : -1, events: Int16(POLLIN), revents: 0),
            ]
            let allowed = min(stallSeconds, secondsLeft)
            guard allowed > 0 else { return .timedOut }
            let start = Self.now()
            let count = poll(&polled, 2, Int32(min(allowed * 1_000, 1e9)) + 1)
            secondsLeft -= Self.now() - start
            if count == 0 { return .timedOut }
            if count < 0 {
                if errno == EINTR { continue }
                return .failed(errno: errno)
            }
            if polled[1].revents != 0 {
                drainErrors()
                if !forOutput { return nil }
            }
            if polled[0].revents != 0 { return nil }
        }
    }

    private func drainErrors() {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let got = Glibc.read(errors, &bytes, bytes.count)
        if got > 0 {
            errorOutput += bytes.prefix(got)
            let surplus = errorOutput.count - Self.errorOutputMax
            if surplus > 0 {
                errorOutput.removeSubrange(
                    Self.errorOutputStart..<Self.errorOutputStart + surplus)
            }
        } else if got == 0 || (errno != EINTR && errno != EAGAIN) {
            errorsAreOpen = false
        }
    }

    /// Held from making pipes until they close on exec and the child is there: another child that
    /// starts in between would inherit their ends, and this one's output would never end.
    private static let starting = Mutex(())

    private static func start(
        _ executable: String, _ arguments: [String], _ input: Int32, _ failure: inout Int32
    ) -> (process: pid_t, output: Int32, errors: Int32)? {
        guard let output = makePipe() else {
            failure = errno
            return nil
        }
        guard let errors = makePipe() else {
            failure = errno
            close(output.read)
            close(output.write)
            return nil
        }
        var process: pid_t = 0
        failure = spawn(
            executable, arguments, descriptors: [input, output.write, errors.write],
            process: &process)
        close(output.write)
        close(errors.write)
        guard failure == 0 else {
            close(output.read)
            close(errors.read)
            return nil
        }
        return (process, output.read, errors.read)
    }

    /// A pipe whose ends lie above the standard descriptors and close on exec.
    private static func makePipe() -> (read: Int32, write: Int32)? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let lifted = ends.map { $0 > 2 ? $0 : fcntl($0, F_DUPFD_CLOEXEC, 3) }
        for (end, copy) in zip(ends, lifted) where end != copy { close(end) }
        guard lifted.allSatisfy({ $0 > 2 }) else {
            for end in lifted where end > 2 { close(end) }
            return nil
        }
        return (lifted[0], lifted[1])
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], descriptors: [Int32], process: inout pid_t
    ) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
        }
        // A server that ignores SIGPIPE or blocks signals must not pass that on.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let environment = ["PATH=\(path)", "LC_ALL=C", "AV_LOG_FORCE_NOCOLOR=1"]
        var argv: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) }
        defer { for text in argv + envp { free(text) } }
        argv.append(nil)
        envp.append(nil)
        return posix_spawnp(&process, executable, &actions, &attributes, argv, envp)
    }

    @discardableResult
    private static func reap(_ process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return 127 }
        }
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }

    /// Seconds of a clock that never jumps.
    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
