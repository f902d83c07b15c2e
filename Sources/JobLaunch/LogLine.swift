package import Logging
internal import StrictJSON

/// One notice as it stands on standard error.
package struct LogLine: Sendable {
    /// How notices are written.
    package enum Format: String, CaseIterable, Sendable {
        /// Sentences for people.
        case text
        /// One JSON object a line, for programs that gather the notices of many machines.
        case json
    }

    /// Seconds and nanoseconds since 1970.
    package var time: (seconds: Int, nanoseconds: Int)
    package var level: Logger.Level
    package var message: String
    package var fields: Logger.Metadata

    /// Longer messages and values are cut here: a line of a log is no place for a file.
    package static let messageBytesMax = 8_192
    package static let valueBytesMax = 1_024
    /// More fields than any notice of this program has.
    package static let fieldsMax = 32

    package init(
        at time: (seconds: Int, nanoseconds: Int), _ level: Logger.Level, _ message: String,
        _ fields: Logger.Metadata = [:]
    ) {
        self.time = time
        self.level = level
        self.message = message
        self.fields = fields
    }

    /// The line with its end.
    package func rendered(as format: Format) -> String {
        switch format {
        case .text:
            // What a worker of this machine says is told as its own.
            if let worker = fields["worker"] {
                "scriptorium: worker \(worker): \(message)\n"
            } else {
                "scriptorium: \(message)\n"
            }
        case .json: json
        }
    }

    private var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.member("time", Self.text(of: time))
        json.member("level", level.rawValue)
        json.member("message", Self.bounded(message, Self.messageBytesMax))
        for (name, value) in fields.sorted(by: { $0.key < $1.key }).prefix(Self.fieldsMax)
        where !["time", "level", "message"].contains(name) {
            let text = Self.bounded("\(value)", Self.valueBytesMax)
            json.key(Self.bounded(name, Self.valueBytesMax))
            // Numbers are numbers, so that they can be added up.
            if let number = Int(text), "\(number)" == text {
                json.value(number)
            } else {
                json.value(text)
            }
        }
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }

    /// The beginning of a text, with U+FFFD for control characters that JSON leaves alone (DEL, C1 and
    /// the separators of lines) and an ellipsis where it is cut.
    private static func bounded(_ text: String, _ bytesMax: Int) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            count += UTF8.width(scalar)
            guard count <= bytesMax else { return result + "…" }
            let isControl =
                (0x7F...0x9F).contains(scalar.value)
                || scalar.value == 0x2028 || scalar.value == 0x2029
            result.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
        }
        return result
    }

    /// RFC 3339 in UTC, to the millisecond.
    private static func text(of time: (seconds: Int, nanoseconds: Int)) -> String {
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = "\(number)"
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let (days, rest) = time.seconds.quotientAndRemainder(dividingBy: 86_400)
        let date = civilDate(ofDay: days)
        let clock =
            "\(padded(rest / 3_600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))"
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(clock)"
            + ".\(padded(time.nanoseconds / 1_000_000, 3))Z"
    }

    /// The date of a day counted from 1970-01-01, in the Gregorian calendar; years begin in March while
    /// it is computed, so that a leap day is the last.
    private static func civilDate(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let isNextYear = month >= 10
        return (
            year + era * 400 + (isNextYear ? 1 : 0), month + (isNextYear ? -9 : 3),
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }
}
