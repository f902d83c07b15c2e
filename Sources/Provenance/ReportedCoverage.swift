package import StrictJSON
package import TranscriptRows

/// How the seconds of all rows were spent, as reports say it:
/// `"coverage":{"speech":12.340000,"silence":1.660000,"skipped":46.000000}`.
package enum ReportedCoverage {
    private static let key = "coverage"

    /// Writes the member into the object that is open.
    package static func write(_ totals: CoverageTotals, to json: inout JSONWriter) {
        json.key(key)
        json.beginObject()
        for (name, microseconds) in totals.parts {
            json.key(name)
            var seconds: [UInt8] = []
            seconds.appendDecimal(microseconds / 1_000_000)
            seconds.append(UInt8(ascii: "."))
            seconds.appendDecimal(microseconds % 1_000_000, digits: 6)
            json.raw(seconds)
        }
        json.endObject()
    }

    /// What a report says; nil where it says nothing, or something else than ``write(_:to:)`` does.
    package static func read(_ report: JSONObject) -> CoverageTotals? {
        guard let object = report[key]?.object, let speech = microseconds(object["speech"]),
            let silence = microseconds(object["silence"]),
            let skipped = microseconds(object["skipped"])
        else { return nil }
        return CoverageTotals(speech: speech, silence: silence, skipped: skipped)
    }

    private static func microseconds(_ value: JSONValue?) -> Int? {
        guard case .number(let number)? = value else { return nil }
        let parts = number.text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 6,
            let microseconds = Int(parts[0] + parts[1]), microseconds >= 0
        else { return nil }
        return microseconds
    }
}
