internal import Glibc
package import Logging
internal import Synchronization

/// What this program tells on standard error: sentences for people, or a JSON object a line.
package enum ProgramLog {
    /// How notices are written, and which.
    package struct Settings: Sendable {
        package var format = LogLine.Format.text
        package var level = Logger.Level.info

        package init(format: LogLine.Format = .text, level: Logger.Level = .info) {
            self.format = format
            self.level = level
        }
    }

    private struct State {
        var settings = Settings()
        /// Where lines go while a job runs: to the thread that writes to the terminal.
        var sink: (@Sendable (String) -> Void)?
    }

    private static let state = Mutex(State())

    /// Sets how everything is told from now on.
    package static func configure(_ settings: Settings) {
        state.withLock { $0.settings = settings }
    }

    package static var settings: Settings { state.withLock { $0.settings } }

    /// Hands lines to `sink` from now on; nil for standard error itself.
    package static func redirect(to sink: (@Sendable (String) -> Void)?) {
        state.withLock { $0.sink = sink }
    }

    /// Tells notices that are important enough for the settings at the time of telling.
    package static var logger: Logger {
        Logger(label: "scriptorium") { _ in ProgramLogHandler() }
    }

    /// A logger whose notices have these fields, where the format has fields.
    package static func logger(_ fields: Logger.Metadata) -> Logger {
        var logger = logger
        for (name, value) in fields { logger[metadataKey: name] = value }
        return logger
    }

    /// Writes a line that does not wait behind others, whatever the settings hold back: why a command
    /// ends.
    package static func tellAtOnce(_ level: Logger.Level, _ message: String) {
        StandardError.write(LogLine(at: now(), level, message).rendered(as: settings.format))
    }

    fileprivate static func tell(_ line: LogLine) {
        let (settings, sink) = state.withLock { ($0.settings, $0.sink) }
        guard line.level >= settings.level else { return }
        let text = line.rendered(as: settings.format)
        if let sink { sink(text) } else { StandardError.write(text) }
    }

    package static func now() -> (seconds: Int, nanoseconds: Int) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return (time.tv_sec, time.tv_nsec)
    }
}

/// Hands what a logger is told to ``ProgramLog``.
private struct ProgramLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    /// The settings decide when something is told.
    var logLevel = Logger.Level.trace

    subscript(metadataKey name: String) -> Logger.MetadataValue? {
        get { metadata[name] }
        set { metadata[name] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
        ProgramLog.tell(LogLine(at: ProgramLog.now(), event.level, "\(event.message)", fields))
    }
}
