package import AudioDecoding
package import AudioFormats
package import SpeechTypes

/// Runs the commands of lists, for workers that are allowed to: one value serves all threads of a job, and a
/// command that writes a recording of hours runs once for its thousand segments.
package final class CommandRunner: Sendable, Hashable {
    private struct Command: Hashable {
        let text: String
        let folder: String
    }

    private let limits: AudioLimits
    private let recordings = SharedRecordings<Command, SpooledFile>(keptMax: 4)

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
        try recordings.recording(Command(text: text, folder: folder), progress: progress) {
            () throws(AudioError) in
            try CommandOutput.spooled(of: text, in: folder, limits: limits, progress: progress)
        }.file(progress: progress)
    }

    package static func == (left: CommandRunner, right: CommandRunner) -> Bool { left === right }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
