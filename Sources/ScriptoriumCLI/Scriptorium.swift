internal import ArgumentParser

/// Turns archives of speech into text.
@main
struct Scriptorium: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scriptorium",
        abstract: "Turns large archives of speech into text, on CPUs, and never loses a row.",
        discussion: """
            Start with: scriptorium transcribe talk.flac
            """,
        version: Version.text,
        subcommands: [
            TranscribeCommand.self, CoordinateCommand.self, WorkCommand.self, StatusCommand.self,
            PauseCommand.self, ResumeCommand.self, DrainCommand.self, RetryCommand.self,
            CancelCommand.self, KeysCommand.self, EvaluateCommand.self, InspectCommand.self,
            BenchmarkCommand.self,
        ])
}
