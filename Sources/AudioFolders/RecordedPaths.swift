package import Manifests
internal import SpeechTypes

/// The files that a job's rows name already: they stay rows, whatever a second look would say.
///
/// Hashes, since a folder may have millions of files; one that is taken for another by chance (once in
/// 10^12 folders of a million files) is a row too much, and ends with a code.
package struct RecordedPaths: Sendable {
    private var hashes: Set<UInt64> = []

    /// None.
    package init() {}

    /// Reads the rows at `path`; none if there are none.
    package init(rows path: String?) throws(ManifestError) {
        guard let path, FilePath.status(PathBytes(path)) != nil else { return }
        let lines = try LineReader(path)
        while let line = try lines.nextRow() {
            if let row = try? ManifestRow.parse(raw: line.bytes) {
                hashes.insert(Self.hash(row.audioPath))
            }
        }
    }

    func contains(_ path: PathBytes) -> Bool {
        !hashes.isEmpty && hashes.contains(Self.hash(path))
    }

    /// FNV-1a.
    private static func hash(_ path: PathBytes) -> UInt64 {
        path.bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
