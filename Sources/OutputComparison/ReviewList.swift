internal import Calibration
internal import SpeechTypes
internal import TranscriptRows

/// The rows to review, as a table and as a page with their audio.
package enum ReviewList {
    /// Tab-separated, with a line of names.
    package static func table(_ rows: [ReviewRow]) -> String {
        var text =
            "rank\trow\tline\taudio_filepath\toffset\tduration\terrors\terrors_a_minute\ttext\tother\n"
        for (rank, review) in rows.enumerated() {
            let row = review.row
            let fields = [
                "\(rank + 1)", "\(row.ordinal)", "\(row.lineNumber)", row.audio.text,
                seconds(row.start), Calibration.fixed(row.seconds, 3),
                Calibration.fixed(review.errors, 2), Calibration.fixed(review.gain, 2), row.text,
                row.other,
            ]
            text += fields.map(FlatText.flat).joined(separator: "\t") + "\n"
        }
        return text
    }

    /// One HTML file that plays each row's span from where the recordings lie.
    ///
    /// - Parameter folder: below which relative paths are.
    package static func page(_ rows: [ReviewRow], title: String, recordingsIn folder: String)
        -> String
    {
        var lines = [
            "<!doctype html>", "<html lang=\"en\"><head><meta charset=\"utf-8\">",
            "<title>\(escaped(title))</title>",
            "<style>body{font:16px sans-serif;margin:2em}td{vertical-align:top;padding:.5em;"
                + "border-top:1px solid #ccc}p{margin:.2em 0}small{color:#666}</style></head><body>",
            "<h1>\(escaped(title))</h1>", "<table>",
        ]
        for (rank, review) in rows.enumerated() {
            let row = review.row
            let end = row.duration.map { row.start + $0 }
            let span =
                row.start == .zero && end == nil
                ? ""
                : "#t=\(seconds(row.start))"
                    + (end.map { ",\(seconds($0))" } ?? "")
            let place = PathBytes(folder).joined(row.audio)
            lines.append(
                "<tr><td>\(rank + 1)</td><td><audio controls preload=\"none\" "
                    + "src=\"\(address(place))\(span)\"></audio></td><td><p>\(escaped(row.text))</p>"
                    + (row.other == row.text ? "" : "<p>\(escaped(row.other))</p>")
                    + "<small>row \(row.ordinal), \(escaped(row.audio.text)), "
                    + "\(Calibration.fixed(review.errors, 2)) errors</small></td></tr>")
        }
        lines += ["</table>", "</body></html>"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func seconds(_ time: MediaTime) -> String {
        Calibration.fixed(Double(time.nanoseconds) / 1e9, 3)
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    /// A path as an address: bytes other than letters, digits and a few marks as percent signs.
    private static func address(_ path: PathBytes) -> String {
        let digits = Array("0123456789ABCDEF")
        var text = path.isAbsolute ? "file://" : ""
        for byte in path.bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x2F, 0x5F, 0x7E:
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return text
    }
}
