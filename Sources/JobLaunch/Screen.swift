internal import ClusterProtocol
internal import Logging
internal import Threading

/// What a job tells on standard error, written by a thread of its own.
///
/// A terminal can block for hours (Ctrl-S, a pager, a lost connection), and so does every thread that
/// writes to it. So only this thread does: lines of others wait in a queue, of the progress only the
/// newest state.
final class Screen: Sendable {
    private struct State {
        var status: JobStatus?
        var lines: [String] = []
        var dropped = 0
        var isClosing = false
        var hasEnded = false
    }

    private let state = Guarded(State())

    /// Lines that wait for a terminal; the later ones are counted.
    private static let linesMax = 1_000

    /// - Throws: if the system gives no thread.
    init(isQuiet: Bool) throws(ThreadError) {
        let state = state
        _ = try DedicatedThread {
            var reporter = ProgressReporter(isQuiet: isQuiet)
            while true {
                let (status, lines, isClosing) = state.wait { state in
                    Self.takeAll(&state)
                }
                for line in lines { reporter.write(line) }
                if let status { reporter.show(status) }
                if isClosing, status == nil, lines.isEmpty { break }
            }
            reporter.close()
            state.withLock { $0.hasEnded = true }
        }
    }

    /// What is to be written; nil while there is nothing.
    private static func takeAll(_ state: inout State) -> (JobStatus?, [String], Bool)? {
        guard state.status != nil || !state.lines.isEmpty || state.isClosing else { return nil }
        if state.dropped > 0 {
            let notice = LogLine(
                at: ProgramLog.now(), .warning, "\(state.dropped) further lines were not shown")
            state.lines.append(notice.rendered(as: ProgramLog.settings.format))
        }
        defer {
            state.status = nil
            state.lines = []
            state.dropped = 0
        }
        return (state.status, state.lines, state.isClosing)
    }

    /// Shows progress; returns at once.
    func show(_ status: JobStatus) { state.withLock { $0.status = status } }

    /// Writes a line beside the progress; returns at once.
    func write(_ line: String) {
        state.withLock { state in
            if state.lines.count < Self.linesMax {
                state.lines.append(line)
            } else {
                state.dropped += 1
            }
        }
    }

    /// Ends the bar's line and waits until all is written, for a second or as long as `goesOn` says.
    func close(while goesOn: () -> Bool) {
        state.withLock { $0.isClosing = true }
        var looks = 0
        repeat {
            let hasEnded: Bool? = state.wait(milliseconds: 100) { $0.hasEnded ? true : nil }
            if hasEnded != nil { return }
            looks += 1
        } while goesOn() || looks < 10
    }
}
