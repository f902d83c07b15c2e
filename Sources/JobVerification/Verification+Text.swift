internal import Digests
internal import JobState
internal import Provenance
internal import SpeechTypes
internal import StrictJSON

extension Verification {
    /// For people: what was looked at, then what differs.
    package var text: String {
        var text = lines.map { line in
            line.name.padded(to: 10) + line.text + "\n"
        }.joined()
        for difference in differences.first { text += "differs   \(difference.sentence)\n" }
        let hidden = differences.count - differences.first.count
        if hidden > 0 { text += "          and \(hidden) more\n" }
        return text
            + (differences.count == 0
                ? "verified  all of this holds\n"
                : "differs   in \(differences.count) places: this is not what the job wrote\n")
    }

    /// For programs: one object.
    package var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.key("verified")
        json.value(differences.count == 0)
        if let identity {
            json.key("job")
            json.value(identity.jobID().hex)
            json.key("rows")
            json.value(identity.rowCount)
            json.key("engine")
            json.value(identity.engineNumber)
        }
        if !rowsOfOtherEngines.isEmpty {
            json.key("rows_of_other_engines")
            json.beginObject()
            for (engine, rows) in rowsOfOtherEngines.sorted(by: { $0.key < $1.key }) {
                json.key(String(engine))
                json.value(rows)
            }
            json.endObject()
        }
        if let outputDigest {
            json.key("output_sha256")
            json.value(outputDigest.hex)
            for status in RowStatus.allCases {
                json.key(status.rawValue)
                json.value(counts[status, default: 0])
            }
        }
        for (name, count) in [
            ("audio_read", audioRead), ("transcribed_again", transcribedAgain),
        ] {
            json.key(name)
            json.value(count ?? 0)
        }
        json.key("older_engine_rows")
        json.beginArray()
        for row in Set(olderRows.map(\.row)).sorted().prefix(100) { json.value(row) }
        json.endArray()
        json.key("differences")
        json.value(differences.count)
        json.key("first_differences")
        json.beginArray()
        for difference in differences.first {
            json.beginObject()
            json.key("kind")
            json.value(difference.kind.rawValue)
            if let row = difference.row {
                json.key("row")
                json.value(row)
            }
            if let last = difference.lastRow {
                json.key("last_row")
                json.value(last)
            }
            json.key("text")
            json.value(difference.text)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
