package import ClusterProtocol
internal import SpeechTypes
internal import StrictJSON

/// A job's status and its workers, for other programs.
package enum JobStatusJSON {
    /// - Parameter remainingMilliseconds: the least and the most time that may be left; nil where unknown.
    package static func object(
        _ status: JobStatus, remainingMilliseconds: ClosedRange<Int>? = nil
    ) -> [UInt8] {
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
            ("remaining_seconds_min", remainingMilliseconds?.lowerBound),
            ("remaining_seconds_max", remainingMilliseconds?.upperBound),
        ]
        for (name, thousandths) in seconds {
            guard let thousandths else { continue }
            writer.key(name)
            writer.value(Double(thousandths) / 1_000)
        }
        write(status.load, "stage_seconds", to: &writer)
        write(status.recentLoad, "stage_seconds_recent", to: &writer)
        writer.key("waiting_for_audio")
        writer.value(status.waitsForAudio)
        writer.member("batches", status.load.batches)
        writer.member("batched_audio_seconds", Double(status.load.batchedMilliseconds) / 1_000)
        writer.member("memory_used_bytes", status.residentBytes)
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

    package static func object(_ worker: WorkerStatus) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("slot", worker.slot)
        writer.member("state", worker.state.rawValue)
        writer.member("arithmetic", worker.arithmetic)
        writer.member("build", worker.build)
        writer.member("cores", worker.cores)
        writer.member("memory_bytes", worker.memoryBytes)
        writer.member("rtfx", Double(worker.speed) / 1_000)
        writer.member("rows_held", worker.rowsHeld)
        writer.member("audio_seconds_held", Double(worker.audioMillisecondsHeld) / 1_000)
        writer.member("rows_in_engine", worker.rowsInEngine)
        writer.member("audio_seconds_computed", Double(worker.computedMilliseconds) / 1_000)
        writer.member("silent_seconds", Double(worker.silentMilliseconds) / 1_000)
        if let load = worker.load {
            write(load.engine, "stage_seconds", to: &writer)
            write(worker.recentLoad, "stage_seconds_recent", to: &writer)
            writer.member("batches", load.engine.batches)
            writer.member(
                "batched_audio_seconds", Double(load.engine.batchedMilliseconds) / 1_000)
            writer.member("memory_used_bytes", load.residentBytes)
        }
        writer.endObject()
        return writer.bytes
    }

    /// Seconds of threads by stage.
    private static func write(_ load: EngineLoad, _ name: String, to writer: inout JSONWriter) {
        writer.key(name)
        writer.beginObject()
        for stage in EngineStage.allCases {
            writer.member(stage.rawValue, Double(load[stage]) / 1_000)
        }
        writer.endObject()
    }
}
