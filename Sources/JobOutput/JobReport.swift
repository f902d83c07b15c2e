internal import AudioFolders
package import Digests
internal import InputForms
package import JobJournal
package import JobState
internal import Manifests
internal import Provenance
internal import SpeechTypes
internal import StrictJSON
package import TranscriptRows

/// `OUT.jsonl.report.json`: what depends on machines and on how it went, and therefore has no place
/// in the output.
package struct JobReport {
    private let identity: JobIdentity
    private let sources: JobSources
    /// Where relative paths of the rows start.
    private let manifestFolder: String
    package let history: JobHistory
    /// Audio that earlier runs had transcribed.
    private let audioBefore: Int
    package var outputDigest: ContentDigest?
    package var outputBytes = 0
    package var digestsDigest: ContentDigest?
    /// Of the file of features, where the job has one.
    package var featuresDigest: ContentDigest?
    package var wallMilliseconds = 0
    /// Rows that share the audio of an earlier one, where that was looked for.
    package var duplicateCount = 0
    /// Rows with a field of their own that records keep under another name, by that field's name.
    package var sourceFields: [(name: String, rows: Int)] = []
    /// How the seconds of all rows were spent; nil where the job does not look for speech.
    package var coverage: CoverageTotals?
    /// Rows whose objects the side file names.
    package var objectCount = 0

    package init(
        _ identity: JobIdentity, _ sources: JobSources, manifestFolder: String,
        history: JobHistory, audioBefore: Int
    ) {
        self.identity = identity
        self.sources = sources
        self.manifestFolder = manifestFolder
        self.history = history
        self.audioBefore = audioBefore
    }

    /// The report as JSON, with a line end.
    package func json() -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        job.write(to: &json)
        outcome(&json)
        rows(&json)
        json.key("workers")
        json.beginArray()
        for worker in history.workers {
            json.beginObject()
            json.member("slot", worker.slot)
            json.member("rows", worker.rows)
            json.member("audio_seconds", seconds(worker.audioMilliseconds))
            json.endObject()
        }
        json.endArray()
        json.key("events")
        json.beginArray()
        for event in history.events {
            json.beginObject()
            json.member("run", event.epoch)
            json.member("kind", event.kind)
            if !event.slot.isEmpty { json.member("slot", event.slot) }
            if let ordinal = event.ordinal { json.member("row", ordinal) }
            json.member("text", event.text)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes + [0x0A]
    }

    private var job: ReportedJob {
        var identity = identity
        identity.engineNumber = engine
        identity.arithmetic = history.facts?.arithmetic ?? identity.arithmetic
        return ReportedJob(
            identity, manifest: sources.manifest, folder: manifestFolder,
            model: sources.model, labels: sources.labels, language: sources.language,
            artefactPaths: sources.artefacts)
    }

    /// The latest engine that made one of the rows: side files name the others.
    package var engine: Int { history.engines.last?.engine ?? identity.engineNumber }

    private func outcome(_ json: inout JSONWriter) {
        json.member("rows", identity.rowCount)
        json.member("transcribed", history.rowsTranscribed)
        json.member("rejected", history.rowsRejected)
        json.member("quarantined", history.rowsQuarantined)
        if duplicateCount > 0 { json.member("same_audio", duplicateCount) }
        if !sourceFields.isEmpty {
            json.key("source_fields")
            json.beginObject()
            for field in sourceFields { json.member(field.name, field.rows) }
            json.endObject()
        }
        leftOut(&json)
        json.member("audio_seconds", seconds(history.audioMilliseconds))
        if let coverage { ReportedCoverage.write(coverage, to: &json) }
        if history.engines.count > 1 {
            json.key("engines")
            json.beginArray()
            for engine in history.engines {
                json.beginObject()
                json.member("engine", engine.engine)
                json.member("rows", engine.rows)
                json.endObject()
            }
            json.endArray()
        }
        json.member("runs", history.epochs)
        json.member("leases", history.leases)
        json.member("leases_lost", history.leasesLost)
        json.key("last_run")
        json.beginObject()
        json.member("wall_seconds", seconds(wallMilliseconds))
        let audio = history.audioMilliseconds - audioBefore
        json.member("audio_seconds", seconds(audio))
        json.member(
            "audio_seconds_per_second",
            wallMilliseconds > 0
                ? (Double(audio) / Double(wallMilliseconds) * 100).rounded() / 100 : 0)
        json.endObject()
        if let outputDigest {
            json.key("output")
            json.beginObject()
            json.member("sha256", outputDigest.hex)
            json.member("bytes", outputBytes)
            if let digestsDigest { json.member("digests_sha256", digestsDigest.hex) }
            if objectCount > 0 { json.member("objects", objectCount) }
            if let featuresDigest {
                json.member("features_sha256", featuresDigest.hex)
                json.member("features_lines", identity.rowCount)
            }
            json.endObject()
        }
    }

    /// What of the folders of the input is no row.
    private func leftOut(_ json: inout JSONWriter) {
        if sources.leftOut.isEmpty { return }
        json.key("left_out")
        json.beginObject()
        for (reason, kind) in sources.leftOut.sorted {
            json.key(reason.rawValue)
            json.beginObject()
            json.member("count", kind.count)
            json.key("examples")
            json.beginArray()
            for path in kind.examples { json.value(path.text) }
            json.endArray()
            json.endObject()
        }
        json.endObject()
    }

    /// Rows without a transcript and rows with a warning.
    private func rows(_ json: inout JSONWriter) {
        for (name, isFailure) in [("failures", true), ("warnings", false)] {
            json.key(name)
            json.beginArray()
            for row in history.details where (row.code != nil) == isFailure {
                json.beginObject()
                json.member("row", row.ordinal)
                if let code = row.code {
                    json.member("status", row.status)
                    json.member("code", code)
                }
                if !row.slot.isEmpty { json.member("slot", row.slot) }
                json.member("detail", row.detail)
                json.endObject()
            }
            json.endArray()
        }
        if history.isTruncated { json.member("rows_listed_at_most", history.details.count) }
    }

    private func seconds(_ milliseconds: Int) -> Double { Double(milliseconds) / 1_000 }
}
