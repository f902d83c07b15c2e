package import Digests
internal import Glibc
package import SpeechTypes

/// A manifest and its index: any row at once, for as long as the job runs.
///
/// Safe to use from any thread.
package final class IndexedManifest: Sendable {
    /// Where relative paths of the rows start; absolute.
    package let folder: String
    package let index: RowIndex
    /// The manifest's file; absolute.
    package let path: String

    private let descriptor: Int32

    /// Opens the manifest at `path`, with the index at `index` if that describes these very bytes,
    /// otherwise with one that is built now; the index of a part is always built.
    ///
    /// - Parameter folder: where relative paths start; absolute.
    /// - Parameter part: the rows to have, numbered from 0.
    /// - Parameter looksUpSizes: plan rows without a duration by the size of their file.
    package init(
        path: String, index indexPath: String, folder: String, part: JobPart? = nil,
        looksUpSizes: Bool = true
    ) throws(ManifestError) {
        let known = part == nil ? try? RowIndex(path: indexPath) : nil
        let digest = known == nil ? nil : try ManifestFile(path: path).digest()
        if let known, known.manifestDigest == digest {
            index = known
        } else {
            let rows = try part.map { part throws(ManifestError) in
                part.rows(of: try ManifestFile(path: path).rowCount())
            }
            _ = try RowIndexBuilder.build(
                of: path, at: indexPath, rows: rows, sizesBelow: looksUpSizes ? folder : nil)
            index = try RowIndex(path: indexPath)
        }
        self.path = try FilePath.absolute(path)
        self.folder = folder
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(.unreadable, path, "opening") }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    package var rowCount: Int { index.rowCount }

    /// SHA-256 over the manifest's bytes.
    package var digest: ContentDigest { index.manifestDigest }

    /// Planned audio of all rows, in milliseconds.
    package var totalMilliseconds: Int {
        (0..<rowCount).reduce(0) { $0 + index.milliseconds(of: $1) }
    }

    /// The row's bytes without the line end; at most one byte more than a line may have.
    package func raw(of ordinal: Int) throws(ManifestError) -> [UInt8] {
        let start = index.offset(of: ordinal)
        let end =
            ordinal + 1 < rowCount ? index.offset(of: ordinal + 1) : index.manifestByteCount
        var bytes = [UInt8](repeating: 0, count: min(end - start, ManifestLimits.lineBytesMax + 3))
        var filled = 0
        while filled < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled,
                    off_t(start + filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .system(.storage, path, "reading") }
            guard got > 0 else {
                throw ManifestError(
                    .changed, path, "shorter than when the job began; restore it, then run again")
            }
            filled += got
        }
        let line = bytes.prefix { $0 != 0x0A }
        return LineReader.trimmed(
            Array(line), isWhole: line.count <= ManifestLimits.lineBytesMax + 2)
    }

    /// Names the row: 16 bytes of SHA-256 over its bytes without the line end.
    package func rowDigest(of ordinal: Int) throws(ManifestError) -> ShortDigest {
        Self.rowDigest(ofRaw: try raw(of: ordinal))
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
                rows.append(UnusableRow(ordinal: candidate, error: error))
            }
        }
        return (rows, end < rowCount ? end : nil)
    }

    /// The output record of a row without a transcript.
    package func record(
        of ordinal: Int, failedWith code: FailureCode
    ) throws(ManifestError) -> [UInt8] {
        RecordWriter.failed(
            raw: try raw(of: ordinal), lineNumber: index.lineNumber(of: ordinal), code: code)
    }
}

/// A row whose line cannot be transcribed from.
package struct UnusableRow: Hashable, Sendable {
    package let ordinal: Int
    package let error: RowError
}
