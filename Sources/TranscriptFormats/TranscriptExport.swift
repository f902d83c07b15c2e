internal import Files
internal import Glibc
internal import SpeechTypes
package import TranscriptParts
package import TranscriptRows

/// An output, or a snapshot of one, written in another format.
package struct TranscriptExport: Sendable {
    /// Where the files go.
    package enum Destination: Hashable, Sendable {
        case path(String)
        /// Next to each recording.
        case besideRecordings
    }

    /// What became of the rows.
    package struct Summary: Hashable, Sendable {
        package var rows = 0
        package var rowsWithoutTranscript = 0
        /// Rows of others than the speakers who were asked for.
        package var rowsOfOthers = 0
        /// Rows of an export, where those are segments.
        package var segments = 0
        /// Rows that have no segment, since nothing is said in them.
        package var rowsWithoutSpeech = 0
        package var files = 0
    }

    package var format: any TranscriptFormat
    package var destination: Destination
    package var context: ExportContext
    /// Only rows of these; empty for all.
    package var speakers: Set<String> = []
    /// What is a row.
    package var rows = ExportedRows.records
    /// How long rows of segments may be; nil for as long as the segments are.
    package var lengths: SegmentLengths?
    /// Whether files that are there may be replaced.
    package var replaces = false

    package init(
        _ format: any TranscriptFormat, to destination: Destination, _ context: ExportContext
    ) {
        self.format = format
        self.destination = destination
        self.context = context
    }

    /// Writes the output at `path` in the format.
    ///
    /// - Throws: what is wrong with a record, what the format cannot say, what is in the way, or what
    ///   the disk refuses. Files of single recordings that were finished by then stay; of all others
    ///   nothing does.
    package func run(outputAt path: String) throws(ExportError) -> Summary {
        switch (format, destination) {
        case (let format as any RowLinesFormat, .path(let file)):
            try writeRows(of: path, as: format, to: file)
        case (let format as any RecordingLinesFormat, .path(let file)):
            try writeRecordings(of: path, as: format, to: file)
        case (let format as any SortedLinesFormat, .path(let file)):
            try writeSorted(of: path, as: format, to: file)
        case (let format as any RecordingFileFormat, _):
            try writeFiles(of: path, as: format)
        case (let format as any FolderFormat, .path(let folder)):
            try writeFolder(of: path, as: format, to: folder)
        default:
            throw ExportError(
                .unspeakable,
                "\(format.name) is \(format.layout.rawValue), which cannot stand beside recordings; "
                    + "say with -o where it goes")
        }
    }

    // MARK: Layouts

    private func writeRows(
        of path: String, as format: any RowLinesFormat, to output: String
    ) throws(ExportError) -> Summary {
        let file = try newFile(output)
        try file.append(Array((isOfSegments ? format.headOfSegments : format.head).utf8))
        var summary = try forEachSegment(of: path) { segment throws(ExportError) in
            try file.append { bytes throws(ExportError) in
                try format.append(segment, to: &bytes)
            }
        }
        try file.commit()
        summary.files = 1
        return summary
    }

    private func writeRecordings(
        of path: String, as format: any RecordingLinesFormat, to output: String
    ) throws(ExportError) -> Summary {
        // Rows of a folder or of a corpus mostly have the order of the recordings already, and are sorted
        // only where one has not. A pipe is read once.
        if OutputFile.isRegular(path),
            let summary = try writeOrdered(of: path, as: format, to: output)
        {
            return summary
        }
        let lines = try RecordingLines(
            format, newFile(output), in: PathBytes(output).folder.text)
        let groups = RecordingGroups(in: lines.folder, namesSegments: format.usesIDs)
        let summary = try forEachSegment(of: path, groups.add)
        try groups.forEach(lines.append)
        return try lines.commit(summary)
    }

    /// - Returns: nil if a row is out of order; nothing was written then.
    private func writeOrdered(
        of path: String, as format: any RecordingLinesFormat, to output: String
    ) throws(ExportError) -> Summary? {
        let lines = try RecordingLines(
            format, newFile(output), in: PathBytes(output).folder.text)
        let groups = RecordingGroups(in: lines.folder, namesSegments: format.usesIDs)
        let summary = try forEachSegmentWhile(of: path) { segment throws(ExportError) in
            try groups.pass(segment, lines.append)
        }
        guard let summary else { return nil }
        try groups.passLast(lines.append)
        return try lines.commit(summary)
    }

    private func writeSorted(
        of path: String, as format: any SortedLinesFormat, to output: String
    ) throws(ExportError) -> Summary {
        let file = try newFile(output)
        let folder = PathBytes(output).folder.text
        let groups = RecordingGroups(in: folder)
        let sort = ExternalSort(in: folder)
        var summary = try forEachSegment(of: path, groups.add)
        try groups.forEach { recording throws(ExportError) in
            for line in try format.lines(of: recording) {
                var key = Array(line.id.utf8)
                key.append(0)
                withUnsafeBytes(of: line.lineNumber.bigEndian) { key += $0 }
                try sort.add(key: key, line.rest)
            }
        }
        var previous: (id: [UInt8], line: Int) = ([], 0)
        try sort.forEach { key, rest throws(ExportError) in
            let id = Array(key.dropLast(9))
            let line = key.loadUnaligned(fromByteOffset: key.count - 8, as: Int.self).bigEndian
            guard id != previous.id else {
                throw ExportError.sameID(
                    String(decoding: id, as: UTF8.self), lines: previous.line, line, format.name)
            }
            previous = (id, line)
            try file.append(id + [UInt8(ascii: " ")] + rest + [UInt8(ascii: "\n")])
        }
        try file.commit()
        summary.files = 1
        return summary
    }

    private func writeFiles(
        of path: String, as format: any RecordingFileFormat
    ) throws(ExportError) -> Summary {
        let folder: String
        if case .path(let place) = destination {
            folder = place
            try OutputFile.makeFolder(folder)
        } else {
            folder = PathBytes(path).folder.text
        }
        let groups = RecordingGroups(in: folder, namesSegments: format.usesIDs)
        var summary = try forEachSegment(of: path) { segment throws(ExportError) in
            try format.check(segment, context)
            try groups.add(segment)
        }
        try groups.forEach { recording throws(ExportError) in
            let place = try place(of: recording)
            let contents = try format.contents(of: recording, context)
            try OutputFile.makeFolder(PathBytes(place).folder.text)
            let file = try newFile("\(place).\(format.fileExtension)", isDurable: false)
            try file.append(contents)
            try file.commit()
            summary.files += 1
        }
        // One call for all files: one for each would take a day for a million of them.
        if summary.files > 0 { sync() }
        return summary
    }

    private func place(of recording: TranscribedRecording) throws(ExportError) -> String {
        switch destination {
        case .path(let folder): return "\(folder)/\(recording.outputPath)"
        case .besideRecordings:
            guard let audio = context.recordings.location(of: recording.audio) else {
                throw ExportError(
                    .missing,
                    "\(recording.audio) is no file of this machine, so nothing can stand beside "
                        + "it; say with -o where the files go")
            }
            let folder = audio.folder
            guard folder.isText else {
                throw ExportError(
                    .unspeakable,
                    "\(folder): the folder's name is not UTF-8; say with -o where the files go")
            }
            guard OutputFile.exists(folder.text) else {
                throw ExportError(
                    .missing,
                    "\(folder): there is no such folder; name the folder in which the rows' "
                        + "relative paths start with --audio-root")
            }
            return "\(folder)/\(PathBytes(recording.outputPath).nameText)"
        }
    }

    private func writeFolder(
        of path: String, as format: any FolderFormat, to folder: String
    ) throws(ExportError) -> Summary {
        // A folder is put in its place as a whole. An empty one gives way.
        let staging = try StagingFolder(for: folder)
        var context = context
        context.finalFolder = staging.absolutePath
        let writer = try format.makeWriter(in: staging.path, context)
        let groups = RecordingGroups(in: staging.path)
        var summary = try forEachSegment(of: path, groups.add)
        try groups.forEach(writer.write)
        try writer.finish()
        try staging.commit()
        summary.files = 1
        return summary
    }

    private func newFile(
        _ path: String, isDurable: Bool = true
    ) throws(ExportError) -> OutputFile {
        guard replaces || !OutputFile.exists(path) else {
            throw ExportError(
                .exists, "\(path) is there already; choose another place, or say --replace")
        }
        return try OutputFile(path, isDurable: isDurable, isPlain: true)
    }

    // MARK: Rows

    private var isOfSegments: Bool { rows == .segments || format is any BoundaryFormat }

    /// Whether rows are parted where the speaker changes.
    private var isOfSpeakers: Bool { isOfSegments || format is any SpeakerFormat }

    /// What a record's rows come to, in the order of time.
    private func exported(_ rows: [TranscriptSegment]) -> [TranscriptSegment] {
        guard isOfSpeakers else { return rows }
        let holdsWords = !(format is any BoundaryFormat)
        let segments =
            isOfSegments
            ? rows.flatMap {
                SegmentRows.rows(
                    of: $0, holdsWords: holdsWords, lengths: holdsWords ? lengths : nil)
            } : rows
        let parts = segments.flatMap { SpeakerRows.rows(of: $0, holdsWords: holdsWords) }
        guard rows.count > 1, parts.count > rows.count || isOfSegments else { return parts }
        let order = parts.indices.sorted {
            (parts[$0].start, parts[$0].channel ?? -1, $0)
                < (parts[$1].start, parts[$1].channel ?? -1, $1)
        }
        return order.map { parts[$0] }
    }

    private func forEachSegment(
        of path: String, _ body: (TranscriptSegment) throws(ExportError) -> Void
    ) throws(ExportError) -> Summary {
        let summary = try forEachSegmentWhile(of: path) { segment throws(ExportError) in
            try body(segment)
            return true
        }
        return summary ?? Summary()
    }

    /// - Returns: nil if `body` returned false, which ends it.
    private func forEachSegmentWhile(
        of path: String, _ body: (TranscriptSegment) throws(ExportError) -> Bool
    ) throws(ExportError) -> Summary? {
        let reader = RecordReader(
            readsWords: format.readsWords || isOfSegments,
            copiesLists: format is any WordListFormat && !isOfSegments,
            readsCharacters: format is any SubtitleFormat,
            readsSegments: isOfSegments || format is any SegmentListFormat,
            readsSpeakers: isOfSpeakers)
        var summary = Summary()
        var isEnded = false
        try RecordLines(path).forEachWhile { line, number throws(ExportError) in
            switch try reader.read(line, lineNumber: number) {
            case .noTranscript: summary.rowsWithoutTranscript += 1
            case .segments(let segments):
                let all = exported(segments)
                let given =
                    speakers.isEmpty
                    ? all : all.filter { $0.speaker.map(speakers.contains) == true }
                guard !given.isEmpty || all.isEmpty else {
                    summary.rowsOfOthers += 1
                    return true
                }
                summary.rows += 1
                if isOfSegments {
                    summary.segments += given.count
                    if given.isEmpty { summary.rowsWithoutSpeech += 1 }
                }
                for segment in given where !isEnded { isEnded = try !body(segment) }
            }
            return !isEnded
        }
        return isEnded ? nil : summary
    }
}

/// One file with the lines of recordings, as they come.
private final class RecordingLines {
    /// For what does not fit into memory.
    let folder: String
    private let format: any RecordingLinesFormat
    private let file: OutputFile
    private let ids: UniqueIDs?

    init(_ format: any RecordingLinesFormat, _ file: OutputFile, in folder: String) {
        self.format = format
        self.file = file
        self.folder = folder
        ids = format.needsUniqueIDs ? UniqueIDs(in: folder, format: format.name) : nil
    }

    func append(_ recording: TranscribedRecording) throws(ExportError) {
        if let ids {
            for segment in recording.segments {
                try ids.add(segment.id, lineNumber: segment.lineNumber)
            }
        }
        try file.append { bytes throws(ExportError) in
            try format.append(recording, to: &bytes)
        }
    }

    func commit(_ summary: TranscriptExport.Summary) throws(ExportError) -> TranscriptExport.Summary
    {
        try ids?.check()
        try file.commit()
        var summary = summary
        summary.files = 1
        return summary
    }
}

extension PathBytes {
    /// Bytes of a name as text.
    fileprivate var nameText: String { String(decoding: name, as: UTF8.self) }
}
