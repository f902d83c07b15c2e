package import Digests

/// What the coordinator may ask about the rows of the input; answered from a mapped index.
///
/// Answers never change as long as the job exists. Ordinals and ranks are in `0..<rowCount`.
package protocol RowPlan: Sendable {
    var rowCount: Int { get }

    /// The ordinal of the row that is `rank`th in the order of work: longest first, equal lengths by
    /// ordinal; spans of one recording together.
    func ordinal(atRank rank: Int) -> Int

    /// The planned length of a row's audio: what its file's header says, the manifest or the file's
    /// size; at least 0.
    func audioMilliseconds(of ordinal: Int) -> Int

    /// Lanes of the row that are computed, as far as they are known; at least 1.
    func lanes(of ordinal: Int) -> Int

    /// Bytes of the raw row without its line end.
    func rawBytes(of ordinal: Int) -> Int

    /// Where a row's audio comes from, a server or a mount, for rows that fail together because it
    /// is away; asked when one is, for every row.
    func source(of ordinal: Int) -> String

    /// First 16 bytes of SHA-256 of the raw row; asked about twice for every row, so it may cost a hash.
    func rowDigest(of ordinal: Int) -> ShortDigest

    /// Rows with the audio of another row: each waits for that row, and takes its outcome over.
    var duplicates: DuplicateRows { get }

    /// The record of a row, given the record of one with the same audio; nil if the one cannot be
    /// made from the other.
    func record(of ordinal: Int, like record: [UInt8]) -> [UInt8]?
}

extension RowPlan {
    package func lanes(of ordinal: Int) -> Int { 1 }

    package var duplicates: DuplicateRows { DuplicateRows() }

    package func record(of ordinal: Int, like record: [UInt8]) -> [UInt8]? { nil }
}
