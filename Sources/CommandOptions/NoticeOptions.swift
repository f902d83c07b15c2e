package import ArgumentParser
package import JobLaunch
internal import Logging

/// How a command tells what happens while it works.
package struct NoticeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Notices on standard error: text for people, or json for programs.",
            discussion: """
                json is one object a line with time, level, message and fields such as job, worker, \
                peer and endpoint; progress is such a line every 10 s.
                """,
            valueName: "format"))
    package var log: LogLine.Format = .text

    @Option(
        help: ArgumentHelp(
            "The least important notices to tell: debug, info, notice, warning or error.",
            discussion: "Progress is info. --quiet tells none.", valueName: "level"))
    package var logLevel: Level = .info

    package init() {}

    /// The levels that this program's notices have.
    package enum Level: String, CaseIterable, ExpressibleByArgument {
        case debug, info, notice, warning, error
    }

    /// From now on notices are told so.
    ///
    /// - Parameter isQuiet: only errors are.
    package func begin(isQuiet: Bool) {
        let level = Logger.Level(rawValue: logLevel.rawValue) ?? .info
        ProgramLog.configure(ProgramLog.Settings(format: log, level: level))
        if !isQuiet { ProcessSettings.tellWarnings() }
    }
}

extension LogLine.Format: ExpressibleByArgument {}
