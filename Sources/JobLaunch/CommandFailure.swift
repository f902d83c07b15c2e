internal import Glibc
internal import Processes
package import TraceEvents

/// A sentence for the operator and the exit status that goes with it.
package struct CommandFailure: Error, CustomStringConvertible {
    package let status: Int32
    package let description: String

    package init(_ status: Int32, _ description: String) {
        self.status = status
        self.description = description
    }

    /// An output that is not there: the job may just not be finished.
    package static func noOutput(_ output: String) -> CommandFailure {
        guard access(output + ".job", F_OK) == 0 else {
            return CommandFailure(
                ExitStatus.usage, "\(output): there is no such file; check the path")
        }
        return CommandFailure(
            ExitStatus.usage,
            "the job of \(output) is not finished: run its command again, or look with scriptorium "
                + "status \(output) how far it is")
    }

    /// Nobody works on a job of this machine.
    package static func nobodyWorks(onOutput output: String) -> CommandFailure {
        guard access(output + ".job", F_OK) == 0 else { return noOutput(output) }
        return CommandFailure(
            ExitStatus.tryAgain,
            "nobody works on \(output): the same command goes on with it, and scriptorium journal "
                + "inspect \(output) says how far it is")
    }

    package static func noAnswer(_ endpoint: String) -> CommandFailure {
        CommandFailure(
            ExitStatus.tryAgain,
            "no coordinator answers at \(endpoint); it may have finished or been stopped")
    }
}

extension TraceFile {
    /// The file of `--trace`.
    package static func named(
        _ path: String, process: String, joins: Bool
    ) throws(CommandFailure) -> TraceFile {
        do throws(Fault) {
            return try TraceFile(path, process: process, joins: joins)
        } catch {
            throw CommandFailure(ExitStatus.usage, "--trace \(path): \(error)")
        }
    }
}
