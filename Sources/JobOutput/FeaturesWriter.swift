internal import Digests
internal import Files
internal import JobJournal
internal import Provenance

/// Writes the file of features beside an output: complete or absent.
final class FeaturesWriter {
    private let file: AtomicFile
    /// Nil once the file is in its place.
    private var hasher: SHA256Hasher? = SHA256Hasher()
    private var lines: [UInt8] = []

    init(ofOutput path: String) throws(FileError) {
        file = try AtomicFile(FeaturesFile.path(ofOutput: path))
    }

    /// Adds the line of a row, in order.
    func append(_ row: RecordedRow) {
        lines += FeaturesFile.line(row: row.ordinal, status: row.status, features: row.features)
    }

    /// Writes the lines that were added.
    func write() throws(FileError) {
        hasher?.update(lines)
        try file.write(lines)
        lines.removeAll(keepingCapacity: true)
    }

    /// Puts the file in its place.
    ///
    /// - Returns: its digest.
    func commit() throws(FileError) -> ContentDigest {
        guard let whole = hasher.take() else { preconditionFailure("a file is put there once") }
        try file.commit()
        return whole.finalize()
    }
}
