internal import Glibc
internal import Processes
internal import SystemErrors

/// A decoder's process, whose output is read through pipes; killed when this ends, on every way out.
final class DecoderProcess {
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

    private var process: ChildProcess?
    /// Whether what the process has started ends with it.
    private let hasOwnGroup: Bool
    private let output: Int32
    private let errors: Int32
    private var errorsAreOpen = true
    private let stallSeconds: Double
    private var secondsLeft: Double

    private static let errorOutputMax = 1 << 16
    private static let errorOutputStart = 1 << 15

    /// Starts a program whose standard output and error are read here.
    ///
    /// - Parameter stallSeconds: how long one read waits.
    /// - Parameter waitSecondsMax: how long all reads wait together.
    /// - Throws: what the system reports if it cannot be started.
    init(
        _ program: ProgramStart, stallSeconds: Double, waitSecondsMax: Double
    ) throws(SystemError) {
        hasOwnGroup = program.hasOwnGroup
        self.stallSeconds = stallSeconds
        secondsLeft = waitSecondsMax
        let output = try Pipe()
        let errors: Pipe
        do throws(SystemError) {
            errors = try Pipe()
        } catch {
            close(output.reader)
            close(output.writer)
            throw error
        }
        self.output = output.reader
        self.errors = errors.reader
        defer {
            close(output.writer)
            close(errors.writer)
        }
        var start = program
        start.descriptors[STDOUT_FILENO] = .descriptor(output.writer)
        start.descriptors[STDERR_FILENO] = .descriptor(errors.writer)
        // On failure the reading ends are closed by `deinit`, which then finds no process.
        process = try start.start()
    }

    deinit {
        close(output)
        close(errors)
        if let process {
            if hasOwnGroup { process.killGroup() } else { process.kill() }
            _ = process.reap()
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
        return process.reap().status
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

    /// Seconds of a clock that never jumps.
    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
