internal import ArgumentParser

/// What the exit status of the program means; supervisors restart on 70, 74 and 75 only.
enum ExitStatus: Int32 {
    case success = 0
    /// Finished; some rows were rejected or quarantined.
    case finishedWithFailures = 3
    /// The command line is wrong.
    case usage = 64
    /// The job is refused: model, arithmetic, changed manifest.
    case refused = 65
    /// The engine failed.
    case engine = 70
    /// The journal or the output cannot be written.
    case storage = 74
    /// Interrupted or drained: run again to go on.
    case resumable = 75
    /// Another coordinator has the job.
    case superseded = 76
    /// Ctrl-C.
    case interrupted = 130
}

/// A sentence for the operator and the exit status that goes with it.
struct CommandFailure: Error, CustomStringConvertible {
    let status: ExitStatus
    let description: String

    init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }
}

extension ParsableCommand {
    /// Runs `body`; a failure is told on standard error and becomes the exit status.
    func reporting(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let failure as CommandFailure {
            StandardError.write("scriptorium: \(failure)\n")
            throw ExitCode(failure.status.rawValue)
        }
    }
}
