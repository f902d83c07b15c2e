/// That a recording is not as long as its container states, or was not read whole: what the record of its
/// row says.
package struct AudioWarning: Hashable, Sendable {
    /// Raw values are part of the output's bytes.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        /// Less decodes than is stated: the file was cut short, as a rule.
        case shorterThanStated = "shorter_than_stated"
        /// More decodes than is stated: files were joined, or a size did not fit its field.
        case longerThanStated = "longer_than_stated"
        /// Parts from within were lost on the way.
        case lostInside = "lost_inside"
        /// Bytes that may be sound were not decoded.
        case unreadBytes = "unread_bytes"

        /// What it means, for people.
        package var meaning: String {
            switch self {
            case .shorterThanStated: "less audio decodes than the file states"
            case .longerThanStated: "more audio decodes than the file states"
            case .lostInside: "parts are missing from within the recording"
            case .unreadBytes: "bytes that may be audio were not decoded"
            }
        }
    }

    package let code: Code
    /// Seconds that the container states.
    package let statedSeconds: Double
    /// Seconds that decode.
    package let decodedSeconds: Double

    /// Headers can state any number, records hold no more than this.
    private static let secondsMax = 1e9

    package init(_ code: Code, statedSeconds: Double, decodedSeconds: Double) {
        self.code = code
        self.statedSeconds = min(max(0, statedSeconds), Self.secondsMax)
        self.decodedSeconds = min(max(0, decodedSeconds), Self.secondsMax)
    }
}
