package import ArgumentParser
internal import EnvironmentSettings
internal import Glibc
internal import JobLaunch
internal import Logging
internal import Processes
internal import Threading

/// The line of this process with what its environment adds, and the environment without it.
package enum ProcessSettings {
    /// What help says of settings in the environment.
    package static var help: String { EnvironmentSettings.help }

    private static let added = Guarded(EnvironmentSettings())

    /// The words that the parser is given, without the program's name.
    ///
    /// Variables of this program are gone afterwards: programs that it starts take nothing from them.
    /// Call it once, before there are threads.
    ///
    /// - Parameter commands: whose options the environment may set; other commands take none.
    package static func takeLine(for commands: [any ParsableCommand.Type]) throws -> [String] {
        let line = RawArguments.texts
        let variables = try takeVariables(isObeyed: commands.contains { isNamed($0, in: line) })
        guard !variables.isEmpty, let command = commands.first(where: { isNamed($0, in: line) })
        else { return line }
        do {
            let settings = try EnvironmentSettings(
                variables, command: OptionTable(dump: command._dumpHelp()),
                others: commands.filter { $0 != command }.map {
                    try OptionTable(dump: $0._dumpHelp())
                },
                line: line.dropFirst())
            added.withLock { $0 = settings }
            return line.prefix(1) + settings.arguments + line.dropFirst()
        } catch let error as SettingError {
            throw refused(error.description)
        }
    }

    /// The words of this process for another one that goes on in its place: the program's name first.
    package static var wordsForSuccessor: [String] {
        CommandLine.arguments.prefix(2) + added.withLock { $0.arguments }
            + CommandLine.arguments.dropFirst(2)
    }

    /// Says what is set and does not do what one may expect; to be called once it is known how
    /// notices are told.
    static func tellWarnings() {
        for warning in added.withLock({ $0.warnings }) { ProgramLog.tellAtOnce(.warning, warning) }
    }

    /// Says which words of a refused line are the environment's.
    package static func tellWhatWasAdded() {
        let settings = added.withLock { $0 }
        guard !settings.arguments.isEmpty else { return }
        ProgramLog.tellAtOnce(
            .notice,
            "\(settings.variables.joined(separator: ", ")) in the environment added "
                + settings.arguments.joined(separator: " "))
    }

    private static func isNamed(_ command: any ParsableCommand.Type, in line: [String]) -> Bool {
        line.first == command.configuration.commandName
    }

    /// The values of this program's variables, which are removed.
    private static func takeVariables(isObeyed: Bool) throws -> [String: String] {
        var found: [String: String] = [:]
        var names: [String] = []
        var position = environ
        while let entry = position.pointee {
            position += 1
            guard
                strncmp(entry, EnvironmentSettings.prefix, EnvironmentSettings.prefix.utf8.count)
                    == 0,
                let end = strchr(entry, Int32(UInt8(ascii: "=")))
            else { continue }
            let name = String(
                decoding: UnsafeRawBufferPointer(start: entry, count: entry.distance(to: end)),
                as: UTF8.self)
            names.append(name)
            if let value = String(validatingCString: end + 1) {
                found[name] = value
            } else if isObeyed {
                throw refused(
                    "\(name) is not UTF-8; give the option on the line, or rename what it names")
            }
        }
        for name in names { unsetenv(name) }
        return found
    }

    private static func refused(_ sentence: String) -> ExitCode {
        ProgramLog.tellAtOnce(.error, sentence)
        return ExitCode(ExitStatus.usage)
    }
}
