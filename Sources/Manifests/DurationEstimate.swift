package import SpeechTypes

/// How long a recording may be, judged by its size: for planning only, never for records.
package enum DurationEstimate {
    /// Milliseconds of a file that is not to be seen from here: another machine may have it, and rows
    /// that seem to be no work would never be shared out among idle workers.
    package static let unseen: UInt32 = 10_000

    /// Milliseconds of a file of `byteCount` bytes, by the usual rates of its type.
    package static func milliseconds(path: PathBytes, byteCount: Int) -> UInt32 {
        // Bytes a second of speech as it is commonly kept.
        let rate =
            switch path.fileExtension {
            case "flac", "alac", "wv", "ape", "tta": 17_000
            case "mp3", "m4a", "aac", "mp4", "wma", "webm", "mka", "m4b": 8_000
            case "ogg", "oga", "opus", "amr", "3gp": 4_000
            case "mkv", "mov", "avi": 100_000
            default: 32_000
            }
        let (product, overflow) = byteCount.multipliedReportingOverflow(by: 1_000)
        return overflow ? .max >> 1 : UInt32(clamping: min(product / rate, Int(UInt32.max >> 1)))
    }
}
