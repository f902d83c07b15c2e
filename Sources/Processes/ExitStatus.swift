/// What exit codes mean; a supervisor starts again on 70, 74 and 75 only.
package enum ExitStatus {
    /// All rows were transcribed; or, of a worker, nothing is left to do.
    package static let done: Int32 = 0
    /// All rows have a record, some of them rejected or quarantined.
    package static let doneWithFailures: Int32 = 3
    package static let usage: Int32 = 64
    package static let jobRefused: Int32 = 65
    package static let engine: Int32 = 70
    package static let storage: Int32 = 74
    /// Drained or interrupted; running again goes on.
    package static let tryAgain: Int32 = 75
    package static let superseded: Int32 = 76
    /// Ended by Ctrl-C; running again goes on.
    package static let interrupted: Int32 = 130
    /// As a shell shows a process that SIGPIPE has ended: the reader of its output has gone.
    package static let closedPipe: Int32 = 141
}
