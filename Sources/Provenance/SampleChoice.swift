package import Digests

/// Which rows are computed again: drawn by a hash of the job and the row, so that the same question
/// is asked each time, and nobody chooses.
package enum SampleChoice {
    /// The `count` rows of `rows` whose hash is lowest, in order; all of them if there are no more.
    package static func rows(_ count: Int, of rows: [Int], job: ContentDigest) -> [Int] {
        guard count < rows.count else { return rows }
        let drawn = rows.map { row in
            let bytes = SHA256Hasher.digest(of: job.bytes + Array("\(row)".utf8)).bytes
            return (hash: bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }, row: row)
        }
        return drawn.sorted { ($0.hash, $0.row) < ($1.hash, $1.row) }.prefix(count).map(\.row)
            .sorted()
    }
}
