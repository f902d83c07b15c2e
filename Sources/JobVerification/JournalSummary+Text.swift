package import JobJournal
internal import JobState
internal import StrictJSON

extension JournalSummary {
    private var isFinal: Bool { finalDigest != nil }

    /// For people.
    package var text: String {
        var lines = [
            "job         \(header["jobID"] ?? "")",
            "input       \(header["input"].flatMap { $0.isEmpty ? nil : $0 } ?? "rows in the job's folder")"
                + ", SHA-256 \(header["manifest"] ?? "")",
            "part        \(header["part"] ?? "1/1")",
            "model       \(header["model"] ?? ""), engine \(header["engine"] ?? "")",
            "arithmetic  \(header["facts.arithmetic"] ?? header["arithmetic"] ?? "")",
        ]
        for field in header.fields where field.name.hasPrefix("option.") && !field.value.isEmpty {
            lines.append("option      \(field.name.dropFirst(7)) = \(field.value)")
        }
        for epoch in epochs {
            lines.append(
                "run         \(epoch.number) at \(epoch.opened) UTC on \(epoch.host): \(epoch.rowCount) rows"
                    + (epoch.jobID == header["jobID"] ? "" : ", job \(epoch.jobID ?? "unknown")"))
        }
        lines.append("recorded    \(rowsRecorded) of \(header.rowCount) rows")
        for outcome in outcomes { lines.append("            \(outcome.value) \(outcome.name)") }
        lines.append("leases      \(openLeases) open, of \(rowsInOpenLeases) rows")
        if !troubledRows.isEmpty {
            let shown = troubledRows.prefix(20).map(String.init).joined(separator: " ")
            lines.append(
                "troubled    \(shown)\(troubledRows.count > 20 ? " … (\(troubledRows.count))" : "")"
            )
        }
        if !pauses.isEmpty { lines.append("paused      \(pauses.joined(separator: ", "))") }
        lines.append("output      \(finalDigest.map { "final, SHA-256 \($0)" } ?? "not final yet")")
        return lines.joined(separator: "\n") + "\n"
    }

    /// For other programs.
    package var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.key("job")
        json.beginObject()
        for field in header.fields {
            json.key(field.name)
            json.value(field.value)
        }
        json.endObject()
        json.key("runs")
        json.beginArray()
        for epoch in epochs {
            json.beginObject()
            json.key("number")
            json.value(epoch.number)
            json.key("host")
            json.value(epoch.host)
            json.key("opened")
            json.value(epoch.opened)
            json.key("rows")
            json.value(epoch.rowCount)
            json.key("job")
            if let jobID = epoch.jobID { json.value(jobID) } else { json.null() }
            json.endObject()
        }
        json.endArray()
        for (name, number) in [
            ("rows", header.rowCount), ("rows_recorded", rowsRecorded), ("open_leases", openLeases),
            ("rows_in_open_leases", rowsInOpenLeases),
        ] {
            json.key(name)
            json.value(number)
        }
        json.key("audio_seconds")
        json.value(Double(audioMilliseconds) / 1_000)
        json.key("outcomes")
        json.beginObject()
        for outcome in outcomes {
            json.key(outcome.name)
            json.value(Int(outcome.value) ?? 0)
        }
        json.endObject()
        json.key("troubled_rows")
        json.beginArray()
        for ordinal in troubledRows { json.value(ordinal) }
        json.endArray()
        json.key("pauses")
        json.beginArray()
        for pause in pauses { json.value(pause) }
        json.endArray()
        json.key("final")
        json.value(isFinal)
        if let finalDigest {
            json.key("output_sha256")
            json.value(finalDigest)
        }
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }
}
