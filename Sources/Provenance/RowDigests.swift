package import Digests

/// What the records and the audio of all rows should be, by ordinal.
///
/// Takes 32 bytes a row.
package struct RowDigests: Hashable, Sendable {
    /// Of each row's record.
    package var records: [ShortDigest]
    /// Of each transcribed row's decoded audio; ``ShortDigest/zero`` for the others.
    package var audio: [ShortDigest]

    package init(records: [ShortDigest] = [], audio: [ShortDigest] = []) {
        self.records = records
        self.audio = audio
    }

    package var rowCount: Int { records.count }
}
