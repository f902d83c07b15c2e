/// Numbers as people read them.
enum ReportText {
    /// With one decimal.
    static func fixed(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        return "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    static func percent(_ part: Int, of whole: Int) -> String {
        whole == 0 ? "–" : fixed(100 * Double(part) / Double(whole)) + " %"
    }

    /// With a thin space between thousands.
    static func count(_ number: Int) -> String {
        var digits = String(number)
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = String(digits.dropLast(3))
        }
        return ([digits[...]] + groups).joined(separator: "\u{202F}")
    }

    static func time(_ milliseconds: Int) -> String {
        let seconds = milliseconds / 1_000
        if seconds < 60 { return fixed(Double(milliseconds) / 1_000) + " s" }
        if seconds < 3_600 { return "\(seconds / 60) min \(seconds % 60) s" }
        if seconds < 100 * 3_600 { return "\(seconds / 3_600) h \(seconds % 3_600 / 60) min" }
        return count(seconds / 3_600) + " h"
    }
}
