package import Digests
internal import Glibc
internal import SpeechTypes

/// What a manifest holds in sum.
package struct ManifestSummary: Hashable, Sendable {
    package var rowCount = 0
    /// Rows whose line is no usable JSON object.
    package var unusableCount = 0
    /// Rows without a duration, planned by the size of their file or not at all.
    package var undatedCount = 0
    /// Planned audio of all rows, in milliseconds.
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
    /// - Parameter folder: where relative paths start, to look up the sizes of files whose rows state
    ///   no duration; nil to leave those rows at 0 instead.
    package static func build(
        of manifest: String, at index: String, rows: Range<Int>? = nil, sizesBelow folder: String?
    ) throws(ManifestError) -> ManifestSummary {
        let reader = try LineReader(manifest, digesting: true)
        let file = try AtomicFile(index)
        var summary = ManifestSummary(digest: ContentDigest([UInt8](repeating: 0, count: 32)))
        var lineRuns: [(ordinal: Int, blanks: Int)] = []
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
            let milliseconds = plan(line.bytes, folder, &summary)
            try file.write(little(UInt64(line.offset)))
            try file.write(little(milliseconds))
            try file.write(little(UInt32(0)))
            summary.rowCount += 1
        }
        summary.digest = reader.finishDigest()
        for run in lineRuns {
            try file.write(little(UInt64(run.ordinal)))
            try file.write(little(UInt64(run.blanks)))
        }
        try file.write(RowIndex.magic)
        try file.write(little(UInt64(summary.rowCount)))
        try file.write(little(UInt64(lineRuns.count)))
        try file.write(little(UInt64(reader.byteCount)))
        try file.write(summary.digest.bytes)
        let rowCount = summary.rowCount
        try file.withMappedBytes { bytes in
            WorkOrder.fill(UnsafeMutableRawBufferPointer(rebasing: bytes[..<(rowCount * 16)]))
        }
        try file.commit()
        return summary
    }

    /// The planned length of a row, counted into the sums.
    private static func plan(
        _ raw: [UInt8], _ folder: String?, _ summary: inout ManifestSummary
    ) -> UInt32 {
        let row: ManifestRow
        do throws(RowError) {
            row = try ManifestRow.parse(raw: raw)
        } catch {
            summary.unusableCount += 1
            return RowIndex.unusable
        }
        let milliseconds: UInt32
        if let seconds = row.plannedSeconds {
            milliseconds = UInt32(min((seconds * 1_000).rounded(), Double(UInt32.max >> 1)))
        } else {
            summary.undatedCount += 1
            let status = folder.flatMap { FilePath.status(PathBytes($0).joined(row.audioPath)) }
            milliseconds =
                status.map {
                    DurationEstimate.milliseconds(path: row.audioPath, byteCount: Int($0.st_size))
                } ?? DurationEstimate.unseen
        }
        summary.totalMilliseconds += UInt64(milliseconds)
        return milliseconds
    }

    private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
