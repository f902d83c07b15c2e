internal import Calibration
internal import StrictJSON

/// What was chosen, as a table and as JSON.
package enum SelectionReport {
    private static let tableRows = 12
    /// An error rate that may be more times as high as expected is said to be uncertain: a fifth, a point of five.
    private static let surelyWithin = 1.2

    /// For people.
    package static func text(_ summary: SelectionSummary) -> String {
        var lines: [String] = []
        let hours = summary.parts.reduce(0) { $0 + $1.hours }
        lines.append(
            "kept        \(summary.rowsKept) of \(summary.rows) rows, \(Calibration.fixed(hours, 2)) "
                + "of \(Calibration.fixed(summary.hours, 2)) h, \(summary.groups) groups")
        if let kept = summary.kept, let rate = kept.errorRate {
            let interval = kept.interval.map {
                ", with 95 % between \(Calibration.percent($0.lowerBound)) and "
                    + Calibration.percent($0.upperBound)
            }
            lines.append("expected    WER \(Calibration.percent(rate))\(interval ?? "")")
            if let upper = kept.interval?.upperBound, upper > rate * surelyWithin {
                lines.append(
                    "uncertain   it may well be more than a fifth off; a calibration on more rows of this very "
                        + "archive narrows the interval")
            }
        }
        if summary.rowsOutside > 0 {
            lines.append(
                "outside     \(summary.rowsOutside) of \(summary.rowsWithin) rows that passed the limits "
                    + "are outside of what the calibration saw; --inside leaves them out")
        }
        if summary.rowsFar > 0 {
            lines.append(
                "far         \(summary.rowsFar) of \(summary.rowsWithin) rows are farther from what it saw than "
                    + "nineteen of twenty of its own")
        }
        if summary.isUnlike {
            lines.append(
                "warning     so many that this is other speech than was calibrated on: the expected WER does "
                    + "not hold, and has no interval; calibrate on a sample of it")
        }
        for part in summary.parts where summary.parts.count > 1 {
            lines.append(
                "  \(part.name): \(part.rows) rows, \(Calibration.fixed(part.hours, 2)) h, "
                    + "\(part.groups) groups")
        }
        for (reason, rows) in summary.rejected {
            lines.append("left out    \(rows): \(reason.sentence)")
        }
        lines += table(summary.curve)
        return lines.joined(separator: "\n") + "\n"
    }

    /// A dozen points of the curve.
    private static func table(_ curve: YieldCurve) -> [String] {
        guard let last = curve.points.last, last.errorRate != nil else { return [] }
        var lines = ["", "     hours      rows  expected WER          95 %   last row"]
        let step = max(1, curve.points.count / tableRows)
        for (index, point) in curve.points.enumerated()
        where index % step == step - 1 || index == curve.points.count - 1 {
            let interval = point.interval.map {
                Calibration.fixed($0.lowerBound * 100, 2) + "–"
                    + Calibration.fixed($0.upperBound * 100, 2)
            }
            lines.append(
                right(Calibration.fixed(point.hours, 2), 10) + right(String(point.rows), 10)
                    + right(Calibration.percent(point.errorRate ?? 0), 14)
                    + right(interval ?? "", 14)
                    + right(Calibration.percent(point.rowErrorRate ?? 0), 11))
        }
        return lines
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.unicodeScalars.count)) + text
    }

    /// The curve: one JSON object.
    static func json(_ curve: YieldCurve) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        write(curve, to: &json)
        json.endObject()
        return json.bytes + [0x0A]
    }

    /// What ``text(_:)`` tells, and the whole curve: one JSON object.
    package static func json(_ summary: SelectionSummary) -> String {
        var json = JSONWriter()
        json.beginObject()
        write(countsOf: summary, to: &json)
        json.member("hours", rounded(summary.hours, 6))
        json.key("unlike")
        json.value(summary.isUnlike)
        json.key("parts")
        json.beginArray()
        for part in summary.parts {
            json.beginObject()
            json.member("name", part.name)
            json.member("rows", part.rows)
            json.member("hours", rounded(part.hours, 6))
            json.member("groups", part.groups)
            json.endObject()
        }
        json.endArray()
        write(summary.curve, to: &json)
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }

    private static func write(_ curve: YieldCurve, to json: inout JSONWriter) {
        json.key("points")
        json.beginArray()
        for point in curve.points { write(point, to: &json) }
        json.endArray()
    }

    /// Members of an object that the caller has begun.
    static func write(countsOf summary: SelectionSummary, to json: inout JSONWriter) {
        json.key("rows")
        json.beginObject()
        json.member("read", summary.rows)
        json.member("kept", summary.rowsKept)
        json.key("rejected")
        json.beginObject()
        for (reason, rows) in summary.rejected { json.member(reason.name, rows) }
        json.endObject()
        json.endObject()
        if let kept = summary.kept {
            json.key("kept")
            write(kept, to: &json)
        }
        json.member("groups", summary.groups)
        json.member("rows_within_limits", summary.rowsWithin)
        json.member("rows_outside_calibration", summary.rowsOutside)
        json.member("rows_far_from_calibration", summary.rowsFar)
    }

    static func write(_ point: YieldCurve.Point, to json: inout JSONWriter) {
        json.beginObject()
        json.member("rows", point.rows)
        json.member("words", point.words)
        json.member("hours", rounded(point.hours, 6))
        if let rate = point.errorRate { json.member("expected_wer", rounded(rate, 6)) }
        if let interval = point.interval {
            json.member("low", rounded(interval.lowerBound, 6))
            json.member("high", rounded(interval.upperBound, 6))
        }
        if let rate = point.rowErrorRate { json.member("row_expected_wer", rounded(rate, 6)) }
        if let confidence = point.confidence {
            json.member("confidence", rounded(confidence, 4))
        }
        json.endObject()
    }

    /// Hides what differs between mathematical libraries.
    static func rounded(_ value: Double, _ decimals: Int) -> Double {
        Double(Calibration.fixed(value, decimals)) ?? value
    }
}
