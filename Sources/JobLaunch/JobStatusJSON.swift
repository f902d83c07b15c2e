package import ClusterProtocol
internal import StrictJSON

/// A job's status for other programs.
package enum JobStatusJSON {
    package static func object(_ status: JobStatus) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("phase")
        writer.value(status.phase.rawValue)
        writer.key("pauses")
        writer.beginArray()
        for reason in status.pauses { writer.value(reason.rawValue) }
        writer.endArray()
        let numbers: [(String, Int)] = [
            ("incarnation", status.epoch), ("rows", status.rowsTotal),
            ("transcribed", status.rowsTranscribed), ("rejected", status.rowsRejected),
            ("quarantined", status.rowsQuarantined), ("leased", status.rowsLeased),
            ("waiting", status.rowsWaiting), ("workers", status.workers),
            ("workers_computing", status.workersComputing), ("workers_lost", status.workersLost),
            ("duplicates", status.rowsDuplicated), ("retried", status.rowsRetried),
        ]
        for (name, value) in numbers {
            writer.key(name)
            writer.value(value)
        }
        let seconds: [(String, Int?)] = [
            ("audio_seconds", status.audioMillisecondsTotal),
            ("audio_seconds_done", status.audioMillisecondsDone), ("rtfx", status.speedMilli),
            ("elapsed_seconds", status.elapsedMilliseconds),
            ("remaining_seconds", status.remainingMilliseconds),
        ]
        for (name, thousandths) in seconds {
            guard let thousandths else { continue }
            writer.key(name)
            writer.value(Double(thousandths) / 1_000)
        }
        writer.key("slots")
        writer.beginArray()
        for slot in status.slots { writer.value(slot) }
        writer.endArray()
        writer.key("failures")
        writer.beginObject()
        for failure in status.failures {
            writer.key(failure.code)
            writer.value(failure.rows)
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}
