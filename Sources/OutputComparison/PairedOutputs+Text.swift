internal import Calibration
internal import ErrorRates
internal import SpeechTypes
internal import StrictJSON

extension PairedOutputs {
    /// Below this, a difference so large is taken for more than chance.
    private static let significance = 0.05

    /// For people.
    package var text: String {
        var lines = [
            "rows        \(rows), \(rowsOfBoth) with a transcript in both"
                + (rowsOnlyInFirst > 0 ? ", \(rowsOnlyInFirst) only in the first" : "")
                + (rowsOnlyInSecond > 0 ? ", \(rowsOnlyInSecond) only in the second" : ""),
            "equal       \(rowsEqual) rows, \(rowsOfBoth - rowsEqual) changed",
        ]
        if let agreement {
            lines.append(
                "agreement   \(Calibration.percent(agreement)) of words: \(edits.substitutions) "
                    + "substituted, \(edits.insertions) put in, \(edits.deletions) left out")
        }
        if let references { lines += Self.lines(references) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ references: References) -> [String] {
        let (first, second) = (references.first.rate ?? 0, references.second.rate ?? 0)
        var lines = [
            "WER         \(Calibration.percent(first)) of the first, \(Calibration.percent(second)) "
                + "of the second, on \(references.rows) rows with a reference"
        ]
        if let interval = references.bootstrap?.intervalOfDifference {
            lines.append(
                "difference  \(Calibration.percent(first - second)), between "
                    + "\(Calibration.percent(interval.lowerBound)) and "
                    + "\(Calibration.percent(interval.upperBound)) in 95 % of draws")
        }
        let test = references.test
        let verdict =
            test.p >= significance
            ? "the difference may be chance"
            : (test.z < 0 ? "the first" : "the second") + " makes fewer errors"
        lines.append(
            "matched pairs: \(test.segments) segments, z \(Calibration.fixed(test.z, 3)), "
                + "p \(Calibration.fixed(test.p, 4)): \(verdict) (level 5 %)")
        return lines
    }

    /// One JSON object.
    package var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.member("rows", rows)
        json.member("rows_of_both", rowsOfBoth)
        json.member("rows_only_in_first", rowsOnlyInFirst)
        json.member("rows_only_in_second", rowsOnlyInSecond)
        json.member("rows_equal", rowsEqual)
        json.key("agreement")
        if let agreement { json.value(agreement) } else { json.null() }
        json.member("substitutions", edits.substitutions)
        json.member("insertions", edits.insertions)
        json.member("deletions", edits.deletions)
        if let references {
            json.key("references")
            json.beginObject()
            json.member("rows", references.rows)
            json.member("first_wer", references.first.rate ?? 0)
            json.member("second_wer", references.second.rate ?? 0)
            json.member("segments", references.test.segments)
            json.member("z", references.test.z)
            json.member("p", references.test.p)
            if let interval = references.bootstrap?.intervalOfDifference {
                json.member("difference_low", interval.lowerBound)
                json.member("difference_high", interval.upperBound)
            }
            json.endObject()
        }
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }
}

extension ChangedRow {
    /// One line of the list of changed rows.
    package var line: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("row", ordinal)
        json.member("line", lineNumber)
        json.member("audio_filepath", audio.text)
        json.member("edits", edits)
        json.member("text", text)
        json.member("other", other)
        json.endObject()
        return json.bytes + [0x0A]
    }
}
