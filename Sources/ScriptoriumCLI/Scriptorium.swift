internal import ArgumentParser
internal import ClusterRuntime
internal import CommandOptions
internal import Glibc
internal import JobLaunch
internal import LabelCommands
internal import ModelCommands
internal import Processes
internal import ReportCommands

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
            TranscribeCommand.self, AlignCommand.self, DecodeCommand.self,
            CoordinateCommand.self, WorkCommand.self, StatusCommand.self, HealthCommand.self,
            DoctorCommand.self,
            PauseCommand.self, ResumeCommand.self, DrainCommand.self, RetryCommand.self,
            CancelCommand.self, ShowCommand.self, ExportCommand.self, JournalCommand.self,
            KeysCommand.self,
            VerifyCommand.self, JoinCommand.self, EvaluateCommand.self, CalibrateCommand.self,
            SelectCommand.self, CompareCommand.self, ReportCommand.self, DashboardCommand.self,
            InspectCommand.self, ModelsCommand.self, BenchmarkCommand.self,
            LanguageModelCommand.self,
            LeastMemoryCommand.self, CertifyArithmeticCommand.self,
        ])

    /// What may run for days where nobody types lines, and what asks it for its health: their options may
    /// come from the environment.
    private static let commandsOfJobs: [any ParsableCommand.Type] = [
        TranscribeCommand.self, AlignCommand.self, DecodeCommand.self, CoordinateCommand.self,
        WorkCommand.self, HealthCommand.self,
    ]

    private static func parse(_ line: [String]) throws -> any ParsableCommand {
        do {
            return try parseAsRoot(line)
        } catch {
            if exitCode(for: error) != .success { ProcessSettings.tellWhatWasAdded() }
            throw error
        }
    }

    /// As the library's own, but that help, version and completion scripts are written in the same way
    /// as all other output.
    static func main() {
        StandardOutput.prepare()
        do {
            var command = try parse(ProcessSettings.takeLine(for: commandsOfJobs))
            let takesOtherNames =
                command is TranscribeCommand || command is CoordinateCommand
                || command is AlignCommand || command is DecodeCommand
                || command is InspectCommand
            if !takesOtherNames {
                try command.refuseArgumentsThatAreNoText(besides: [])
            }
            try command.run()
        } catch  where exitCode(for: error) == .success {
            // Never throws twice: a failure to write becomes an exit status.
            let text = fullMessage(for: error)
            do {
                try HelpText().reporting {
                    try StandardOutput.write(text.isEmpty ? "" : text + "\n")
                    return ExitStatus.done
                }
            } catch {
                exit(withError: error)
            }
        } catch {
            exit(withError: error)
        }
    }

    /// Stands for no command in particular.
    private struct HelpText: ParsableCommand {}
}
