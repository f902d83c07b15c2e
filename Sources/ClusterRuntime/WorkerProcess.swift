internal import Files
internal import Glibc
internal import Processes
internal import SystemErrors

/// A worker's process, in a process group of its own, with a pipe that tells it of its parent's end.
struct WorkerProcess: Sendable {
    let process: ChildProcess
    /// What the process writes to standard output and standard error; the caller closes it.
    let output: Int32
    /// The end of a pipe whose other end the worker watches; the caller closes it.
    ///
    /// The worker ends when it is closed: with this process at the latest.
    let parentPipe: Int32

    /// The descriptor under which a worker finds the reading end of its parent's pipe.
    static let parentPipeInChild: Int32 = 3

    /// Starts `executable`; signals are as in a fresh process, standard input is empty.
    ///
    /// - Throws: `system` if there are no descriptors or processes left.
    init(executable: String, arguments: [String]) throws(RuntimeError) {
        let output = try Self.pipe()
        let parent: Pipe
        do {
            parent = try Self.pipe()
        } catch {
            close(output.reader)
            close(output.writer)
            throw error
        }
        var start = ProgramStart(executable, arguments)
        // Ctrl-C goes to the terminal's foreground group: the coordinator, not its workers.
        start.hasOwnGroup = true
        start.descriptors = [
            STDIN_FILENO: .null, STDOUT_FILENO: .descriptor(output.writer),
            STDERR_FILENO: .descriptor(output.writer),
            Self.parentPipeInChild: .descriptor(parent.reader),
        ]
        defer {
            close(output.writer)
            close(parent.reader)
        }
        do throws(SystemError) {
            process = try start.start()
        } catch {
            close(output.reader)
            close(parent.writer)
            throw RuntimeError(
                .system,
                "\(executable) could not be started: \(error)"
                    + SystemError.remedy(forStarting: error.number))
        }
        self.output = output.reader
        parentPipe = parent.writer
    }

    private static func pipe() throws(RuntimeError) -> Pipe {
        try mapError({ RuntimeError(.system, "no pipe: \($0); raise ulimit -n") }) {
            () throws(SystemError) in try Pipe()
        }
    }
}
