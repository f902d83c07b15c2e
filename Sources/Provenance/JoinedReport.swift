internal import Digests
internal import JobState
internal import SpeechTypes
internal import StrictJSON
internal import TranscriptRows

/// The report beside a joined output: the parts' reports summed, with rows numbered as in the whole.
struct JoinedReport {
    let join: PartJoin
    let written: PartJoin.Written
    let byteCount: Int
    let digestsDigest: ContentDigest
    /// Nil where the job has no features.
    let featuresDigest: ContentDigest?

    /// Rows listed at most, as in other reports.
    private static let rowsMax = 10_000

    var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        job.write(to: &json)
        json.member("rows", written.rows)
        for status in RowStatus.allCases {
            json.member(status.rawValue, written.counts[status, default: 0])
        }
        json.key("audio_seconds")
        json.value(reports.reduce(0) { $0 + ($1["audio_seconds"]?.double ?? 0) })
        let coverage = reports.compactMap { ReportedCoverage.read($0) }
        if coverage.count == reports.count, !coverage.isEmpty {
            var totals = CoverageTotals()
            for part in coverage { totals.add(part) }
            ReportedCoverage.write(totals, to: &json)
        }
        leftOut(&json)
        if !join.engines.isEmpty {
            json.key("engines")
            json.beginArray()
            for (engine, rows) in join.engines {
                json.beginObject()
                json.member("engine", engine)
                json.member("rows", rows)
                json.endObject()
            }
            json.endArray()
        }
        parts(&json)
        json.key("output")
        json.beginObject()
        json.member("sha256", written.digest.hex)
        json.member("bytes", byteCount)
        json.member("digests_sha256", digestsDigest.hex)
        if let featuresDigest {
            json.member("features_sha256", featuresDigest.hex)
            json.member("features_lines", written.rows)
        }
        json.endObject()
        rows("failures", &json)
        rows("warnings", &json)
        json.endObject()
        return json.bytes + [0x0A]
    }

    private var reports: [JSONObject] { join.parts.map(\.report.object) }

    private var job: ReportedJob {
        let first = join.parts[0].report
        return ReportedJob(
            join.identity, manifest: first.manifest, folder: first.folder, model: first.model,
            labels: first.labels, language: first.language,
            artefactPaths: first.artefactPaths)
    }

    /// What there was in folders of the input besides its rows: the same for each part.
    private func leftOut(_ json: inout JSONWriter) {
        guard let kinds = reports[0]["left_out"]?.object?.members else { return }
        json.key("left_out")
        json.beginObject()
        for kind in kinds {
            json.key(kind.key)
            json.beginObject()
            json.member("count", kind.value.object?["count"]?.int ?? 0)
            json.key("examples")
            json.beginArray()
            for example in kind.value.object?["examples"]?.array ?? [] {
                if let text = example.string { json.value(text) }
            }
            json.endArray()
            json.endObject()
        }
        json.endObject()
    }

    private func parts(_ json: inout JSONWriter) {
        json.key("parts")
        json.beginArray()
        for part in join.parts {
            json.beginObject()
            json.member("part", part.part.text)
            json.member("id", part.report.jobID.hex)
            json.member("output", part.output)
            json.member("sha256", part.report.outputDigest.hex)
            json.member("rows", part.report.rows)
            json.member("engine", part.report.identity.engineNumber)
            json.endObject()
        }
        json.endArray()
    }

    /// The lists of all parts, each `row` counted from the first row of the whole.
    private func rows(_ name: String, _ json: inout JSONWriter) {
        json.key(name)
        json.beginArray()
        var listed = 0
        var first = 0
        for part in join.parts {
            for entry in part.report.object[name]?.array ?? [] {
                guard let object = entry.object, let row = object["row"]?.int,
                    (0..<part.report.rows).contains(row), listed < Self.rowsMax
                else { continue }
                listed += 1
                json.beginObject()
                json.member("row", first + row)
                for member in object.members where member.key != "row" {
                    if let text = member.value.string { json.member(member.key, text) }
                }
                json.endObject()
            }
            first += part.report.rows
        }
        json.endArray()
    }
}
