internal import Files
internal import Glibc
internal import SystemErrors
internal import Threading

/// This program, run once more in a process of its own.
///
/// In the terminal's foreground group like this one, so that Ctrl-C ends both; its messages go where
/// ours go.
package enum OwnProgram {
    /// Runs it to its end.
    ///
    /// - Returns: the exit status, or 128 and the number of the signal that ended it; and what it wrote
    ///   to standard output.
    /// - Throws: if it cannot be started, or writes more than `outputMax` bytes.
    package static func run(
        _ arguments: [String], outputMax: Int = 64 << 20
    ) throws(RuntimeError) -> (status: Int32, output: [UInt8]) {
        let pipe = try mapError({ failure("no pipe", $0) }) { () throws(SystemError) in try Pipe() }
        defer { close(pipe.reader) }
        var start = ProgramStart("/proc/self/exe", arguments)
        start.name = "scriptorium"
        start.descriptors = [STDIN_FILENO: .null, STDOUT_FILENO: .descriptor(pipe.writer)]
        start.resetsSignals = false
        var started: ChildProcess?
        var problem = SystemError(0)
        let cleanup = ExitCleanup(beginning: {
            do throws(SystemError) {
                let process = try start.start()
                started = process
                return { process.kill() }
            } catch {
                problem = error
                return nil
            }
        })
        close(pipe.writer)
        guard let cleanup, let process = started else {
            throw failure("the program could not start itself", problem)
        }
        let output = try? DescriptorIO.contents(of: pipe.reader, bytesMax: outputMax)
        if output == nil { process.kill() }
        process.waitForEnd()
        // Its number may be another's once it is reaped.
        let end = cleanup.cancel { process.reap() }
        guard let output else {
            throw RuntimeError(.system, "the program wrote more than \(outputMax) bytes")
        }
        return (end.status, output)
    }

    private static func failure(_ what: String, _ cause: SystemError) -> RuntimeError {
        RuntimeError(
            .system, "\(what): \(cause)\(SystemError.remedy(forStarting: cause.number))")
    }
}
