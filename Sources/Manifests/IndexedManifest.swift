package import Digests
internal import Files
package import SpeechTypes
internal import Threading

/// A manifest and its index: any row at once, for as long as the job runs.
///
/// Safe to use from any thread.
package final class IndexedManifest: Sendable {
    /// Where relative paths of the rows start; absolute.
    package let folder: String
    package let index: RowIndex
    /// The manifest's file; absolute.
    package let path: String

    private let file: OpenFile
    private let recentDigests: RecentDigests

    /// Opens the manifest at `path`, with the index at `index` if that describes these very bytes,
    /// otherwise with one that is built now; the index of a part is always built.
    ///
    /// - Parameter newIndexPath: where an index that must be built is put; at `index` if nil.
    /// - Parameter folder: where relative paths start; absolute.
    /// - Parameter part: the rows to have, numbered from 0.
    /// - Parameter looksUpSizes: plan rows without a believable duration by their file.
    /// - Parameter lookup: how files are looked at where an index must be built; by their size if nil.
    package init(
        path: String, index indexPath: String, buildingAt newIndexPath: String? = nil,
        folder: String, part: JobPart? = nil, looksUpSizes: Bool = true,
        lookup: LengthLookup? = nil
    ) throws(ManifestError) {
        WorkMeter.shared.begin("reading \(path)", .bytes)
        let known = part == nil ? try? RowIndex(path: indexPath) : nil
        let digest = known == nil ? nil : try ManifestFile(path: path).digest()
        if let known, known.manifestDigest == digest {
            index = known
        } else {
            let rows = try part.map { part throws(ManifestError) in
                part.rows(of: try ManifestFile(path: path).rowCount())
            }
            WorkMeter.shared.begin("indexing \(path)", .bytes)
            let newIndexPath = newIndexPath ?? indexPath
            _ = try RowIndexBuilder.build(
                of: path, at: newIndexPath, rows: rows, filesBelow: looksUpSizes ? folder : nil,
                lookup: lookup)
            index = try RowIndex(path: newIndexPath)
        }
        recentDigests = RecentDigests(rowCount: index.rowCount)
        self.path = try FilePath.absolute(path)
        self.folder = folder
        file = try mapError(ManifestError.input) { () throws(FileError) in try OpenFile(path) }
    }

    package var rowCount: Int { index.rowCount }

    /// SHA-256 over the manifest's bytes.
    package var digest: ContentDigest { index.manifestDigest }

    /// Planned audio of all rows, in milliseconds.
    package var totalMilliseconds: Int {
        (0..<rowCount).reduce(0) { $0 + index.milliseconds(of: $1) }
    }

    /// What of that is computed, every lane counted.
    package var totalWorkMilliseconds: Int {
        (0..<rowCount).reduce(0) { $0 + index.milliseconds(of: $1) * index.lanes(of: $1) }
    }

    /// The row's bytes without the line end; at most one byte more than a line may have.
    package func raw(of ordinal: Int) throws(ManifestError) -> [UInt8] {
        let end =
            ordinal + 1 < rowCount ? index.offset(of: ordinal + 1) : index.manifestByteCount
        return try raw(from: index.offset(of: ordinal), to: end)
    }

    /// Whether the manifest began as one of `byteCount` bytes and `rowCount` rows with this digest,
    /// all of which are still rows of their own.
    package func begins(
        byteCount: Int, rowCount before: Int, digest: ContentDigest
    ) throws(ManifestError) -> Bool {
        guard before <= rowCount, byteCount <= index.manifestByteCount,
            try ManifestError.storing({ () throws(FileError) in
                try FileDigest.sha256(ofFirst: byteCount, of: file)
            }) == digest
        else { return false }
        guard before > 0 else { return true }
        // The last line may have had no end then, and gone on since.
        let last = before - 1
        guard index.offset(of: last) < byteCount else { return false }
        return try raw(from: index.offset(of: last), to: byteCount) == raw(of: last)
    }

    private func raw(from start: Int, to end: Int) throws(ManifestError) -> [UInt8] {
        var line = try bytes(from: start, count: min(end - start, ManifestLimits.lineBytesMax + 3))
        if let lineEnd = line.firstIndex(of: 0x0A) { line.removeSubrange(lineEnd...) }
        let isWhole = line.count <= ManifestLimits.lineBytesMax + 2
        LineReader.trim(&line, isWhole: isWhole)
        return line
    }

    private func bytes(from start: Int, count: Int) throws(ManifestError) -> [UInt8] {
        let bytes = try ManifestError.storing { () throws(FileError) in
            try file.bytes(at: start, count: count)
        }
        guard bytes.count == count else {
            throw ManifestError(
                .changed, path, "shorter than when the job began; restore it, then run again")
        }
        return bytes
    }

    /// Names the row: 16 bytes of SHA-256 over its bytes without the line end.
    package func rowDigest(of ordinal: Int) throws(ManifestError) -> ShortDigest {
        if let known = recentDigests[ordinal] { return known }
        return Self.rowDigest(ofRaw: try raw(of: ordinal))
    }

    /// The row's bytes, and its name, which is likely to be asked again soon.
    package func named(_ ordinal: Int) throws(ManifestError) -> (raw: [UInt8], digest: ShortDigest)
    {
        let raw = try raw(of: ordinal)
        let digest = Self.rowDigest(ofRaw: raw)
        recentDigests.add(digest, of: ordinal)
        return (raw, digest)
    }

    /// Names a row by its bytes without the line end.
    package static func rowDigest(ofRaw raw: [UInt8]) -> ShortDigest {
        SHA256Hasher.digest(of: raw).short
    }

    /// The rows whose line is unusable, among the next `max` rows from `ordinal` on.
    ///
    /// - Returns: the rows, and where to go on; nil for where when all rows were looked at.
    package func unusableRows(
        from ordinal: Int, max: Int
    ) throws(ManifestError) -> (rows: [UnusableRow], next: Int?) {
        let end = min(rowCount, ordinal + max)
        var rows: [UnusableRow] = []
        for candidate in ordinal..<end where index.isUnusable(candidate) {
            let raw = try raw(of: candidate)
            do throws(RowError) {
                _ = try ManifestRow.parse(raw: raw)
                throw RowError(.manifestInvalidJSON, "the line has changed since the job began")
            } catch {
                let line = index.lineNumber(of: candidate)
                rows.append(
                    UnusableRow(
                        ordinal: candidate,
                        error: RowError(error.code, "line \(line), \(error.detail)")))
            }
        }
        return (rows, end < rowCount ? end : nil)
    }

    /// The output record of a row without a transcript.
    ///
    /// - Parameter fields: those of the engine that the row is of.
    package func record(
        of ordinal: Int, failedWith code: FailureCode, fields: TranscriptFields = .current
    ) throws(ManifestError) -> [UInt8] {
        RecordWriter.failed(
            raw: try raw(of: ordinal), lineNumber: index.lineNumber(of: ordinal), code: code,
            fields: fields)
    }
}

/// A row whose line cannot be transcribed from.
package struct UnusableRow: Hashable, Sendable {
    package let ordinal: Int
    package let error: RowError
}
