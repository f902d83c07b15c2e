package import Logging

extension Logger {
    /// A logger whose notices nobody reads.
    package static var silent: Logger {
        Logger(label: "scriptorium") { _ in SwiftLogNoOpLogHandler() }
    }

    /// Tells a sentence that is put together of several.
    package func tell(
        _ level: Logger.Level, _ sentence: String, metadata fields: Logger.Metadata = [:]
    ) {
        log(level: level, "\(sentence)", metadata: fields)
    }
}
