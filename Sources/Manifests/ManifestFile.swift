package import Digests

/// A JSON Lines manifest, read from its start to its end.
package struct ManifestFile: Sendable {
    package let path: String
    /// Absolute; relative paths of the rows start here.
    package let folder: String

    package init(path: String) throws(ManifestError) {
        self.path = path
        folder = FilePath.folder(of: try FilePath.absolute(path))
    }

    /// Calls `body` with each line that is not blank, in order.
    ///
    /// - Throws: ``ManifestError`` if reading fails, or what `body` throws.
    package func forEachRow(_ body: (ManifestLine) throws -> Void) throws {
        let reader = try LineReader(path)
        while let line = try reader.nextRow() { try body(line) }
    }

    /// How many lines are not blank.
    package func rowCount() throws(ManifestError) -> Int {
        let reader = try LineReader(path)
        var count = 0
        while try reader.nextRow() != nil { count += 1 }
        return count
    }

    /// The digest of all bytes: a job's input is known by it.
    package func digest() throws(ManifestError) -> ContentDigest {
        let reader = try LineReader(path, digesting: true)
        while try reader.next() != nil {}
        return reader.finishDigest()
    }
}
