internal import SpeechTypes

/// `statusReply`: the numbers as a flat object, which is also what `scriptorium status --json` may print.
extension JobStatus {
    /// The status as one flat JSON object.
    package var meta: [UInt8] {
        var meta = MetaWriter()
        meta.field("phase", phase.rawValue)
        meta.field("pauses", pauses.map(\.rawValue))
        meta.field("incarnation", epoch)
        meta.field("rowsTotal", rowsTotal)
        meta.field("rowsTranscribed", rowsTranscribed)
        meta.field("rowsRejected", rowsRejected)
        meta.field("rowsQuarantined", rowsQuarantined)
        meta.field("rowsLeased", rowsLeased)
        meta.field("rowsWaiting", rowsWaiting)
        meta.field("audioMillisecondsTotal", audioMillisecondsTotal)
        meta.field("audioMillisecondsDone", audioMillisecondsDone)
        meta.field("workers", workers)
        meta.field("workersComputing", workersComputing)
        meta.field("workersLost", workersLost)
        meta.field("rowsDuplicated", rowsDuplicated)
        meta.field("rowsRetried", rowsRetried)
        meta.field("speedMilli", speedMilli)
        meta.field("remainingMilliseconds", remainingMilliseconds ?? -1)
        meta.field("elapsedMilliseconds", elapsedMilliseconds)
        meta.field("failureCodes", failures.map(\.code))
        meta.field("failureRows", failures.map(\.rows))
        meta.field("slots", slots)
        if load != .zero {
            load.write("stageMilliseconds", to: &meta)
            meta.field("batches", load.batches)
            meta.field("batchedMilliseconds", load.batchedMilliseconds)
            recentLoad.write("recentStageMilliseconds", to: &meta)
            meta.field("recentBatches", recentLoad.batches)
            meta.field("recentBatchedMilliseconds", recentLoad.batchedMilliseconds)
            meta.field("residentBytes", residentBytes)
        }
        return meta.finish()
    }

    init(_ meta: MetaReader, _ limits: ClusterLimits) throws(ProtocolError) {
        self.init()
        phase = try meta.word("phase", Phase.self)
        pauses = try meta.words("pauses", PauseReason.self, countMax: PauseReason.allCases.count)
        epoch = try meta.int("incarnation")
        rowsTotal = try meta.int("rowsTotal")
        rowsTranscribed = try meta.int("rowsTranscribed")
        rowsRejected = try meta.int("rowsRejected")
        rowsQuarantined = try meta.int("rowsQuarantined")
        rowsLeased = try meta.int("rowsLeased")
        rowsWaiting = try meta.int("rowsWaiting")
        audioMillisecondsTotal = try meta.int("audioMillisecondsTotal")
        audioMillisecondsDone = try meta.int("audioMillisecondsDone")
        workers = try meta.int("workers")
        workersComputing = try meta.int("workersComputing")
        workersLost = try meta.int("workersLost")
        rowsDuplicated = try meta.int("rowsDuplicated")
        rowsRetried = try meta.int("rowsRetried")
        speedMilli = try meta.int("speedMilli")
        let remaining = try meta.int("remainingMilliseconds", -1...MetaReader.integerMax)
        remainingMilliseconds = remaining < 0 ? nil : remaining
        elapsedMilliseconds = try meta.int("elapsedMilliseconds")
        let codes = try meta.texts("failureCodes", countMax: 64, bytesMax: limits.nameBytesMax)
        let rows = try meta.ints("failureRows", countMax: 64)
        try requireEqualCounts("failureCodes and failureRows", codes.count, rows.count)
        failures = zip(codes, rows).map { FailureCount(code: $0, rows: $1) }
        slots = try meta.texts("slots", countMax: Self.slotsMax, bytesMax: limits.nameBytesMax)
        // What minor 6 added, where a worker of it has told something.
        guard meta.has("stageMilliseconds") else { return }
        load = EngineLoad(
            milliseconds: try EngineLoad.milliseconds("stageMilliseconds", in: meta),
            batches: try meta.int("batches"),
            batchedMilliseconds: try meta.int("batchedMilliseconds"))
        recentLoad = EngineLoad(
            milliseconds: try EngineLoad.milliseconds("recentStageMilliseconds", in: meta),
            batches: try meta.int("recentBatches"),
            batchedMilliseconds: try meta.int("recentBatchedMilliseconds"))
        residentBytes = try meta.int("residentBytes")
    }
}
