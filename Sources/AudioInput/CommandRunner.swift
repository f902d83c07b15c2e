package import AudioDecoding
package import AudioFormats
package import SpeechTypes
internal import Threading

/// Runs the commands of lists, for workers that are allowed to: one value serves all threads of a job.
///
/// The rows of a recording come one after the other, so the last outputs are kept: a command that writes a
/// recording of hours runs once for its thousand segments, and not for each.
package final class CommandRunner: Sendable, Hashable {
    private struct Command: Hashable {
        let text: String
        let folder: String
    }

    private struct State {
        var running: Set<Command> = []
        /// The last ones, the latest at the end; a command that fails would fail again.
        var ended: [(command: Command, result: Result<CommandOutput, AudioError>)] = []
    }

    private let limits: AudioLimits
    private let state = Guarded(State())

    /// Recordings that are kept while nobody reads them.
    private static let keptMax = 4
    private static let waitMilliseconds = 1_000

    package init(limits: AudioLimits = AudioLimits()) { self.limits = limits }

    /// The audio that a command writes, run now or by an earlier row.
    ///
    /// - Parameters:
    ///   - folder: where the command's relative paths start.
    ///   - progress: is told of every step.
    /// - Throws: what became of the command.
    package func file(
        of text: String, in folder: String, progress: EngineProgress?
    ) throws(AudioError) -> AudioFile {
        let command = Command(text: text, folder: folder)
        while true {
            let next = state.withLock { state -> Result<CommandOutput, AudioError>?? in
                if let index = state.ended.firstIndex(where: { $0.command == command }) {
                    let found = state.ended.remove(at: index)
                    state.ended.append(found)
                    return .some(found.result)
                }
                return state.running.insert(command).inserted ? .some(nil) : nil
            }
            switch next {
            case .some(.some(let result)):
                return try result.get().file(progress: progress)
            case .some(.none):
                return try run(command, progress).file(progress: progress)
            case .none:
                // Another thread runs it, within limits of its own.
                let isOver: Void? = state.wait(milliseconds: Self.waitMilliseconds) { state in
                    state.running.contains(command) ? nil : ()
                }
                if isOver == nil { progress?.step() }
            }
        }
    }

    private func run(
        _ command: Command, _ progress: EngineProgress?
    ) throws(AudioError) -> CommandOutput {
        let result = Result { () throws(AudioError) in
            try CommandOutput(
                of: command.text, in: command.folder, limits: limits, progress: progress)
        }
        // Files are closed outside of the lock.
        let dropped = state.withLock { state in
            state.running.remove(command)
            // What another try may mend is tried again.
            if case .failure(let error) = result, error.failureClass != .input { return [] }
            state.ended.append((command, result))
            let surplus = state.ended.prefix(max(0, state.ended.count - Self.keptMax))
            state.ended.removeFirst(surplus.count)
            return Array(surplus)
        }
        withExtendedLifetime(dropped) {}
        return try result.get()
    }

    package static func == (left: CommandRunner, right: CommandRunner) -> Bool { left === right }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
