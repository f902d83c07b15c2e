package import Digests
internal import Files
internal import Glibc
internal import SpeechTypes

/// What a manifest holds in sum.
package struct ManifestSummary: Hashable, Sendable {
    package var rowCount = 0
    /// Rows whose line is no usable JSON object.
    package var unusableCount = 0
    /// Rows without a duration, planned by their file or not at all.
    package var undatedCount = 0
    /// Planned audio of all rows, in milliseconds; lanes are not counted.
    package var totalMilliseconds: UInt64 = 0
    package var digest: ContentDigest

    init(digest: ContentDigest) {
        self.digest = digest
    }
}

/// Writes the index of a manifest in one pass over it and a few over the index.
package enum RowIndexBuilder {
    /// Builds the index of the manifest at `manifest` and puts it at `index`, complete or not at all.
    ///
    /// - Parameter rows: the ordinals that are indexed, counted from 0 in the index; nil for all.
    /// - Parameter folder: where relative paths start, to look at the files of rows that state no
    ///   believable duration; nil to look at none.
    /// - Parameter lookup: looks at files.
    package static func build(
        of manifest: String, at index: String, rows: Range<Int>? = nil, filesBelow folder: String?,
        lookup: LengthLookup? = nil
    ) throws(ManifestError) -> ManifestSummary {
        let reader = try LineReader(manifest, digesting: true)
        let file = try ManifestError.storing { () throws(FileError) in try AtomicFile(index) }
        // Never committed: only the order of work is made from it.
        let spans = try ManifestError.storing { () throws(FileError) in
            try AtomicFile(index + ".spans")
        }
        var summary = ManifestSummary(digest: ContentDigest([UInt8](repeating: 0, count: 32)))
        var lineRuns: [(ordinal: Int, blanks: Int)] = []
        var planner = RowPlanner(folder: folder, lookup: lookup ?? .sizes)
        var ordinal = -1
        while let line = try reader.nextRow() {
            ordinal += 1
            if let rows, !rows.contains(ordinal) { continue }
            guard summary.rowCount < ManifestLimits.rowsMax else {
                throw ManifestError(
                    .invalid, manifest, line: line.number,
                    "more than \(ManifestLimits.rowsMax) rows; split the manifest")
            }
            // Rows before the part count like blank lines: only line numbers know of them.
            let blanks = line.number - 1 - summary.rowCount
            if blanks > (lineRuns.last?.blanks ?? 0) { lineRuns.append((summary.rowCount, blanks)) }
            planner.add(line.bytes, at: line.offset)
            summary.rowCount += 1
            if planner.isFull {
                try ManifestError.storing { () throws(FileError) in
                    try planner.write(to: file, spans: spans, &summary)
                }
            }
        }
        summary.digest = reader.finishDigest()
        try ManifestError.storing { () throws(FileError) in
            try planner.write(to: file, spans: spans, &summary)
            try finish(file, spans, summary, lineRuns, byteCount: reader.byteCount)
        }
        return summary
    }

    /// Writes what follows the rows, puts them in the order of work and commits the index.
    private static func finish(
        _ file: AtomicFile, _ spans: AtomicFile, _ summary: ManifestSummary,
        _ lineRuns: [(ordinal: Int, blanks: Int)], byteCount: Int
    ) throws(FileError) {
        for run in lineRuns {
            try file.write(little(UInt64(run.ordinal)))
            try file.write(little(UInt64(run.blanks)))
        }
        try file.write(RowIndex.magic)
        try file.write(little(UInt64(summary.rowCount)))
        try file.write(little(UInt64(lineRuns.count)))
        try file.write(little(UInt64(byteCount)))
        try file.write(summary.digest.bytes)
        let rowCount = summary.rowCount
        try spans.withMappedBytes { spans throws(FileError) in
            try file.withMappedBytes { bytes in
                WorkOrder.fill(
                    UnsafeMutableRawBufferPointer(rebasing: bytes[..<(rowCount * 16)]),
                    spans: spans.bindMemory(to: SpanEntry.self))
            }
        }
        try file.commit()
    }

    /// A number for a path, the same in every run.
    fileprivate static func name(of path: PathBytes) -> UInt64 {
        let digest = SHA256Hasher.digest(of: Array(path.bytes))
        return digest.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    fileprivate static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}

/// Rows on their way into the index: some thousand at a time, so that their files are looked at
/// together.
private struct RowPlanner {
    private enum Length {
        case unusable
        case known(RowLength)
        /// The number of the question.
        case asked(Int)
    }

    private let folder: String?
    private let lookup: LengthLookup
    private var rows: [(offset: Int, length: Length)] = []
    /// Of the rows so far that begin inside their recordings.
    private var spans: [SpanEntry] = []
    private var rowCount = 0
    private var questions: [LengthLookup.Question] = []
    private var headersLeft = LengthLookup.headersMax

    init(folder: String?, lookup: LengthLookup) {
        self.folder = folder
        self.lookup = lookup
    }

    var isFull: Bool { rows.count >= LengthLookup.batchRows }

    mutating func add(_ raw: [UInt8], at offset: Int) {
        defer { rowCount += 1 }
        do throws(RowError) {
            let row = try ManifestRow.parse(raw: raw)
            if let start = row.offsetSeconds, start > 0 {
                spans.append(
                    SpanEntry(
                        recording: RowIndexBuilder.name(of: row.audioPath), offsetSeconds: start,
                        ordinal: rowCount))
            }
            let stated = row.plannedSeconds
            if let stated, stated < LengthLookup.checkedSeconds {
                let milliseconds = Int((stated * 1_000).rounded())
                rows.append((offset, .known(RowLength(milliseconds: milliseconds))))
                return
            }
            headersLeft -= 1
            questions.append(
                LengthLookup.Question(
                    path: row.audioPath, file: folder.map { PathBytes($0).joined(row.audioPath) },
                    offsetSeconds: row.offsetSeconds ?? 0, statedSeconds: stated,
                    readsHeader: headersLeft >= 0))
            rows.append((offset, .asked(questions.count - 1)))
        } catch {
            rows.append((offset, .unusable))
        }
    }

    /// Writes the entries of the rows so far, and their spans.
    mutating func write(
        to file: AtomicFile, spans spansFile: AtomicFile, _ summary: inout ManifestSummary
    ) throws(FileError) {
        let answers = lookup.answers(to: questions)
        try spansFile.write(spans.withUnsafeBytes { Array($0) })
        var marked = spans.map(\.ordinal)[...]
        for (index, row) in rows.enumerated() {
            var milliseconds = RowIndex.unusable
            var lanes = 1
            switch row.length {
            case .unusable:
                summary.unusableCount += 1
            case .known(let length):
                milliseconds = UInt32(clamping: length.milliseconds)
                summary.totalMilliseconds += UInt64(milliseconds)
            case .asked(let number):
                milliseconds = UInt32(clamping: min(answers[number].milliseconds, Int(Int32.max)))
                lanes = answers[number].lanes
                if questions[number].statedSeconds == nil { summary.undatedCount += 1 }
                summary.totalMilliseconds += UInt64(milliseconds)
            }
            var place = UInt64(row.offset) | UInt64(lanes - 1) << RowIndex.offsetBits
            if marked.first == rowCount - rows.count + index {
                marked.removeFirst()
                place |= WorkOrder.spanMark
            }
            try file.write(RowIndexBuilder.little(place))
            try file.write(RowIndexBuilder.little(milliseconds))
            try file.write(RowIndexBuilder.little(UInt32(0)))
        }
        rows.removeAll(keepingCapacity: true)
        questions.removeAll(keepingCapacity: true)
        spans.removeAll(keepingCapacity: true)
    }
}
