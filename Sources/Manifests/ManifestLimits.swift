internal import SpeechTypes

/// Every bound on what is accepted as a manifest, with its reason.
package enum ManifestLimits {
    /// The longest row; what is longer is no row but a file without line ends.
    package static let lineBytesMax = RecordLimits.rowBytesMax
    /// The same for engines before 4.
    static let formerLineBytesMax = 1 << 20
    /// How much of an unusable line its record shows.
    package static let rawTextBytesMax = 4 << 10
    /// Arrays and objects within each other in one row.
    package static let depthMax = 32
    /// More than any recording has, and small enough to multiply by any sample rate.
    package static let secondsMax = 1e9
    /// What a duration can be where audio of more than a day is refused: beyond it, it is none.
    package static let plannedSecondsMax = 86_400.0
    /// The index numbers rows with 32 bits.
    package static let rowsMax = Int(UInt32.max) - 1
    /// Folders within each other.
    package static let folderDepthMax = 128
}
