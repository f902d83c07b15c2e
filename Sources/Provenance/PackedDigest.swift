package import Digests

/// A 16-byte digest in two words: what is held for each of millions of rows.
package struct PackedDigest: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    /// Stands where there is no digest.
    package static let none = PackedDigest(high: 0, low: 0)

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(_ digest: ShortDigest) {
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
            bytes.reduce(0) { $0 << 8 | UInt64($1) }
        }
        self.init(high: word(digest.bytes[..<8]), low: word(digest.bytes[8...]))
    }

    /// Of the bytes of a record without its line end.
    package init(ofRecord record: [UInt8]) {
        self.init(SHA256Hasher.digest(of: record).short)
    }
}

/// What the records and the audio of all rows should be, by ordinal.
///
/// Takes 32 bytes a row.
package struct RowDigests: Hashable, Sendable {
    /// Of each row's record.
    package var records: [PackedDigest]
    /// Of each transcribed row's decoded audio; ``PackedDigest/none`` for the others.
    package var audio: [PackedDigest]

    package init(records: [PackedDigest] = [], audio: [PackedDigest] = []) {
        self.records = records
        self.audio = audio
    }

    package var rowCount: Int { records.count }
}
