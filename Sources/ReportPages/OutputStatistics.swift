internal import SpeechTypes
package import TranscriptRows

/// What an output is like, row by row, in bounded memory.
package struct OutputStatistics: Sendable {
    /// Rows that failed with one code.
    package struct Failures: Hashable, Sendable {
        package internal(set) var rows = 0
        /// The first of them.
        package internal(set) var examples: [Example] = []
    }

    package struct Example: Hashable, Sendable {
        /// In the output, 1-based.
        package let line: Int
        package let audio: String
        package let message: String
    }

    package struct Folder: Hashable, Sendable {
        package internal(set) var rows = 0
        package internal(set) var rowsFailed = 0
        package internal(set) var milliseconds = 0
    }

    package private(set) var rows = 0
    package private(set) var rowsTranscribed = 0
    package private(set) var rowsWithReference = 0
    /// By status; of rows that are not transcribed.
    package private(set) var rowsByStatus: [String: Int] = [:]
    /// By code.
    package private(set) var failures: [String: Failures] = [:]
    package private(set) var warnings: [String: Int] = [:]
    package private(set) var folders: [String: Folder] = [:]
    /// Audio of transcribed rows, and what was written of it.
    package private(set) var milliseconds = 0
    package private(set) var words = 0
    package private(set) var rowsWithoutWords = 0
    package private(set) var durations = Histogram.durations
    package private(set) var confidences = Histogram.confidences
    package private(set) var rates = Histogram.rates

    /// Where all further folders are counted.
    package static let otherFolders = "(other folders)"
    /// Where lines that name no audio are counted.
    package static let linesWithoutPath = "(lines without a path)"
    private static let foldersMax = 10_000
    private static let examplesMax = 5
    private static let exampleBytesMax = 300
    /// Shorter rows have a rate by chance.
    private static let rateMillisecondsMin = 3_000

    package init() {}

    /// Reads an output.
    ///
    /// - Throws: if it cannot be read, or has a line that is no record.
    package init(of path: String) throws(ExportError) {
        var statistics = OutputStatistics()
        try RecordLines(path).forEach { line, number throws(ExportError) in
            statistics.add(try RecordDetails(line, lineNumber: number), line: number)
        }
        self = statistics
    }

    /// Counts one record.
    package mutating func add(_ record: RecordDetails, line: Int) {
        rows += 1
        if record.hasReference { rowsWithReference += 1 }
        let audio = record.audio.map(\.text) ?? record.rawLine ?? ""
        let milliseconds = (record.duration?.nanoseconds ?? 0) / 1_000_000
        // A record of an output without failures has no status.
        let isTranscribed = record.status == nil || record.status == "transcribed"
        addToFolder(
            of: record.audio?.text, milliseconds: milliseconds, isTranscribed: isTranscribed)
        guard isTranscribed, let text = record.text else {
            rowsByStatus[record.status ?? "without text", default: 0] += 1
            let code = record.failure?.code ?? "unknown"
            var failures = failures[code] ?? Failures()
            failures.rows += 1
            if failures.examples.count < Self.examplesMax {
                failures.examples.append(
                    Example(
                        line: line, audio: String(audio.prefix(Self.exampleBytesMax)),
                        message: String(
                            (record.failure?.message ?? "").prefix(Self.exampleBytesMax))))
            }
            self.failures[code] = failures
            return
        }
        rowsTranscribed += 1
        self.milliseconds += milliseconds
        if let code = record.warning { warnings[code, default: 0] += 1 }
        if record.duration != nil { durations.add(milliseconds, milliseconds: milliseconds) }
        if let confidence = record.confidence {
            confidences.add(confidence, milliseconds: milliseconds)
        }
        let count = text.split { $0.isWhitespace }.count
        words += count
        if count == 0 { rowsWithoutWords += 1 }
        if milliseconds >= Self.rateMillisecondsMin {
            rates.add(count * 60_000 / milliseconds, milliseconds: milliseconds)
        }
    }

    private mutating func addToFolder(
        of audio: String?, milliseconds: Int, isTranscribed: Bool
    ) {
        var name = Self.linesWithoutPath
        if let audio {
            let end = audio.utf8.lastIndex(of: UInt8(ascii: "/"))
            name = end.map { String(audio[..<$0]) } ?? "."
        }
        if name.isEmpty { name = "/" }
        if folders[name] == nil, folders.count >= Self.foldersMax { name = Self.otherFolders }
        folders[name, default: Folder()].rows += 1
        folders[name, default: Folder()].milliseconds += milliseconds
        if !isTranscribed { folders[name, default: Folder()].rowsFailed += 1 }
    }

    /// The folders with the most rows that failed, then with the most rows.
    package func foremostFolders(_ count: Int) -> [(name: String, folder: Folder)] {
        folders.map { (name: $0.key, folder: $0.value) }
            .sorted {
                ($0.folder.rowsFailed, $0.folder.rows, $1.name) > (
                    $1.folder.rowsFailed, $1.folder.rows, $0.name
                )
            }
            .prefix(count).map { $0 }
    }
}
