internal import SpeechTypes
package import TranscriptRows

/// Reads an output for people, row by row, in the memory of one row.
package struct OutputListing: Sendable {
    /// Which rows are wanted.
    package enum Choice: Hashable, Sendable {
        /// By number in the input, from 0.
        case ordinal(Int)
        /// By `id`, or by the recording's path, name, or name without extension.
        case name(String)
    }

    /// Which rows of a list are wanted.
    package struct Filter: Hashable, Sendable {
        /// Only rows without a transcript.
        package var isFailedOnly = false
        /// Only rows whose confidence is below this, in ten thousandths.
        package var confidenceBelow: Int?

        package init() {}

        func takes(_ record: RecordDetails) -> Bool {
            if isFailedOnly, record.failure == nil { return false }
            guard let confidenceBelow else { return true }
            return record.confidence.map { $0 < confidenceBelow } ?? false
        }
    }

    private let path: String

    package init(_ path: String) { self.path = path }

    /// Gives the lines of a list to `put`, until `count` rows are listed or `put` returns false.
    ///
    /// - Returns: the number of the next row that would be listed; nil if there is none.
    /// - Throws: `ExportError` if the output cannot be read.
    package func list(
        from first: Int, count: Int, _ filter: Filter, _ view: SummaryView,
        put: (String) -> Bool
    ) throws(ExportError) -> Int? {
        var listed = 0
        var next: Int?
        try forEachRow { line, number, ordinal throws(ExportError) in
            guard ordinal >= first else { return true }
            let text: String
            do throws(ExportError) {
                let record = try RecordDetails(line, lineNumber: number)
                guard filter.takes(record) else { return true }
                text = view.line(record, ordinal: ordinal)
            } catch {
                text = view.line(unreadable: error.description, ordinal: ordinal)
            }
            if listed == count {
                next = ordinal
                return false
            }
            listed += 1
            return put(text)
        }
        return next
    }

    /// Gives the lines of each row that is meant to `put`, until `put` returns false.
    ///
    /// - Parameter channels: those to show, from 0; nil for all.
    /// - Returns: how many rows there were.
    /// - Throws: `ExportError` if the output cannot be read, or a row that is meant is no record.
    package func show(
        _ choice: Choice, channels: Set<Int>?, _ view: RecordView, put: ([String]) -> Bool
    ) throws(ExportError) -> Int {
        var shown = 0
        try forEachRow(choice) { record, segments, ordinal in
            let segments = segments.filter { segment in
                channels.map { !segment.isOneOfChannels || $0.contains(segment.channel ?? 0) }
                    ?? true
            }
            shown += 1
            return put(view.lines(record, segments, ordinal: ordinal))
        }
        return shown
    }

    /// The one row that is meant, with what was said; empty without a transcript.
    ///
    /// - Parameter choice: nil for the only row of an output.
    /// - Throws: `ExportError` if the output cannot be read, the row is no record, or several are meant.
    package func row(
        _ choice: Choice?
    ) throws(ExportError) -> (record: RecordDetails, segments: [TranscriptSegment])? {
        var found: (record: RecordDetails, segments: [TranscriptSegment])?
        var ordinals: [Int] = []
        try forEachRow(choice) { record, segments, ordinal in
            ordinals.append(ordinal)
            found = (record, segments)
            return ordinals.count < 2
        }
        if ordinals.count > 1 {
            throw ExportError(
                .invalidRecord,
                choice == nil
                    ? "\(path) has several rows: say which one is meant"
                    : "rows \(ordinals[0]) and \(ordinals[1]) of \(path) are both called so: say which "
                        + "one is meant by its number")
        }
        return found
    }

    /// Calls `body` with each row that is meant, until it returns false.
    private func forEachRow(
        _ choice: Choice?, _ body: (RecordDetails, [TranscriptSegment], Int) -> Bool
    ) throws(ExportError) {
        let reader = RecordReader(readsWords: true)
        try forEachRow { line, number, ordinal throws(ExportError) in
            if case .ordinal(let wanted) = choice, wanted != ordinal { return true }
            let record: RecordDetails
            do throws(ExportError) {
                record = try RecordDetails(line, lineNumber: number)
            } catch {
                guard case .ordinal = choice else { return true }
                throw error
            }
            if case .name(let name) = choice, !Self.isCalled(name, record) { return true }
            var segments: [TranscriptSegment] = []
            if case .segments(let all) = try reader.read(line, lineNumber: number) {
                segments = all
            }
            let goesOn = body(record, segments, ordinal)
            if case .ordinal = choice { return false }
            return goesOn
        }
    }

    private static func isCalled(_ name: String, _ record: RecordDetails) -> Bool {
        if record.id == name { return true }
        guard let audio = record.audio else { return false }
        let wanted = Array(name.utf8)
        if audio.bytes == wanted || audio.name.elementsEqual(wanted) { return true }
        guard let dot = audio.name.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return audio.name[..<dot].elementsEqual(wanted)
    }

    /// Calls `body` with each record, its line and its row's number, until it returns false.
    ///
    /// A snapshot of a running job has no line for rows that are open; a file beside it says of each
    /// line which row it is.
    private func forEachRow(
        _ body: (UnsafeRawBufferPointer, Int, Int) throws(ExportError) -> Bool
    ) throws(ExportError) {
        let numbers = SnapshotRowNumbers(ofSnapshot: path)
        var ordinal = -1
        try RecordLines(path).forEachWhile { line, number throws(ExportError) in
            ordinal = try numbers?.next() ?? ordinal + 1
            return try body(line, number, ordinal)
        }
    }
}
