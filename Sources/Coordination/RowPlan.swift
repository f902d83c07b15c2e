package import Digests

/// What the coordinator may ask about the rows of the input; answered from a mapped index.
///
/// Answers never change for the life of the job. Ordinals and ranks are in `0..<rowCount`.
package protocol RowPlan: Sendable {
    var rowCount: Int { get }

    /// The ordinal of the row that is `rank`th in the order of work: longest first, equal lengths by
    /// ordinal.
    func ordinal(atRank rank: Int) -> Int

    /// The planned length of a row's audio (the manifest's, or estimated); at least 0.
    func audioMilliseconds(of ordinal: Int) -> Int

    /// Bytes of the raw row without its line end.
    func rawBytes(of ordinal: Int) -> Int

    /// Where a row's audio comes from, a server or a mount, for rows that fail together because it
    /// is away; asked when one is, for every row.
    func source(of ordinal: Int) -> String

    /// First 16 bytes of SHA-256 of the raw row; asked once for every result, so it may cost a hash.
    func rowDigest(of ordinal: Int) -> ShortDigest
}
