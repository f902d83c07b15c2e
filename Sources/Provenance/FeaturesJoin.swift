internal import Digests
internal import Files
internal import Manifests

/// The features of all parts of a job, joined into the file of the whole.
final class FeaturesJoin {
    private let file: AtomicFile
    /// Nil once the file is in its place.
    private var hasher: SHA256Hasher? = SHA256Hasher()

    /// - Parameter output: of the whole.
    init(_ output: String) throws(FileError) {
        file = try AtomicFile(FeaturesFile.path(ofOutput: output))
    }

    /// Adds the lines of a part, each `row` counted from the first row of the whole.
    ///
    /// - Throws: ``ManifestError`` if the part's file is not the one that its report names, `FileError`
    ///   if the joined file cannot be written.
    func append(_ part: PartJoin.Part, movedBy rows: Int) throws {
        let path = FeaturesFile.path(ofOutput: part.output)
        guard let expected = part.report.featuresDigest else {
            throw ManifestError(
                .invalid, path, "the part's report names no features; run the part's command again")
        }
        guard try FileDigest.sha256(of: path) != nil else {
            throw ManifestError(
                .changed, path, "not there; run the part's command again to have it written")
        }
        var lineCount = 0
        let pass = try OutputLines(path).forEach { line, _ in
            guard let entry = FeaturesFile.Entry(line), entry.row == lineCount else {
                throw ManifestError(
                    .changed, path, line: lineCount + 1, "not the features of row \(lineCount)")
            }
            let bytes = FeaturesFile.line(
                row: rows + entry.row, status: entry.status, features: entry.features)
            hasher?.update(bytes)
            try file.write(bytes)
            lineCount += 1
        }
        guard pass.digest == expected, lineCount == part.report.rows else {
            throw ManifestError(.changed, path, "not what the part's report says")
        }
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
