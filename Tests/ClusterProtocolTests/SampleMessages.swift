internal import ClusterProtocol
internal import Digests
internal import SpeechTypes

/// One message of each kind, with the bytes that docs/cluster-protocol.md shows.
enum SampleMessages {
    static let contentDigest = SHA256Hasher.digest(of: Array("model".utf8))
    static let rowDigest = SHA256Hasher.digest(of: row).short
    static let row = Array("{\"audio_filepath\":\"a.wav\"}".utf8)
    static let record = Array(
        "{\"audio_filepath\":\"a.wav\",\"pred_text\":\"so\",\"status\":\"transcribed\"}".utf8)

    static let identity = WorkerIdentity(
        slot: "host-17/2", instance: "000102030405060708090a0b0c0d0e0f", build: "0.1.0",
        modelDigest: contentDigest, engineNumber: 3, arithmetic: "fp32/avx2/openblas-0.3",
        arithmeticClasses: ["fp32/avx512/openblas-0.3", "fp32/avx2/openblas-0.3"],
        canaryDigest: SHA256Hasher.digest(of: Array("canary".utf8)), cores: 8,
        memoryBytes: 17_179_869_184, speed: 40_000)

    static let all: [ClusterMessage] = [
        .worker(
            .hello(
                Hello(
                    identity: identity, firstNumber: 4,
                    held: [
                        HeldLease(lease: 41, ordinals: [7, 9]), HeldLease(lease: 42, ordinals: [3]),
                    ], inEngine: [7]))),
        .worker(
            .requestWork(
                RequestWork(
                    session: 4_294_967_303,
                    credit: Credit(audioMilliseconds: 2_400_000, rows: 512, speed: 40_000)))),
        .worker(.started(Started(session: 4_294_967_303, ordinals: [7, 9]))),
        .worker(
            .results(
                Results(
                    session: 4_294_967_303, number: 4,
                    rows: [
                        ResultRow(
                            ordinal: 7, rowDigest: rowDigest, record: record,
                            recordCRC: CRC32C.checksum(of: record),
                            recordDigest: SHA256Hasher.digest(of: record).short,
                            audioDigest: SHA256Hasher.digest(of: [0]).short,
                            audioMilliseconds: 1_250, warning: "")
                    ]))),
        .worker(
            .failure(
                Failure(
                    session: 4_294_967_303, number: 5, lease: 41, ordinal: 9, rowDigest: rowDigest,
                    failureClass: .input, code: .audioNotFound, detail: "b.wav: errno 2"))),
        .worker(
            .release(
                Release(
                    session: 4_294_967_303, number: 6, lease: 42, ordinals: [3], reason: .drain))),
        .worker(
            .heartbeat(
                Heartbeat(
                    session: 4_294_967_303, number: 12, leases: [41, 42], inEngine: [7, 9],
                    progressAgeMilliseconds: 310, isWaitingForWindow: false,
                    credit: Credit(audioMilliseconds: 2_400_000, rows: 512, speed: 40_000),
                    measured: [
                        MeasuredRow(
                            ordinal: 9, length: RowLength(milliseconds: 7_200_000, lanes: 2))
                    ], computedMilliseconds: 450_000,
                    load: WorkerLoad(
                        engine: EngineLoad(
                            milliseconds: [120, 3_400, 58_000, 900, 70, 57_510], batches: 31,
                            batchedMilliseconds: 2_480_000), residentBytes: 734_003_200)))),
        .worker(.goodbye(Goodbye(session: 4_294_967_303, reason: .drained))),
        .coordinator(
            .welcome(
                Welcome(
                    session: 4_294_967_303, epoch: 1, jobID: contentDigest,
                    arithmetic: "fp32/avx2/openblas-0.3", options: RecognitionOptions(),
                    manifestFolder: "/data", heartbeatMilliseconds: 5_000,
                    sessionTimeoutMilliseconds: 15_000, windowBytes: 8_388_608,
                    leaseMilliseconds: 30_000, leaseRowsMax: 256, kept: [41],
                    recipeDigest: TranscriptRecipe(
                        artefacts: ModelArtefacts(acousticModel: contentDigest), options: .init()
                    ).digest))),
        .coordinator(
            .rejected(
                Rejected(
                    code: .fleetFull, sentence: "4000 workers are there already",
                    retryMilliseconds: 5_000))),
        .coordinator(
            .lease(
                Lease(
                    session: 4_294_967_303, lease: 43, isAlone: false,
                    rows: [
                        LeaseRow(
                            ordinal: 7, rowDigest: rowDigest, audioMilliseconds: 1_250, raw: row)
                    ]))),
        .coordinator(
            .recorded(
                Recorded(
                    session: 4_294_967_303, number: 4, refusedOrdinals: [9],
                    refusedReasons: [.rowDigest]))),
        .coordinator(
            .revoke(LeaseRows(session: 4_294_967_303, lease: 41, ordinals: [9, 11]))),
        .coordinator(
            .dismiss(LeaseRows(session: 4_294_967_303, lease: 44, ordinals: [7]))),
        .coordinator(
            .beat(
                Beat(
                    session: 4_294_967_303, number: 12, epoch: 1, leases: [41, 42],
                    windowBytes: 8_388_608, recordedNumber: 4))),
        .coordinator(.drain(session: 4_294_967_303)),
        .coordinator(.unknownSession),
        .coordinator(.refused(.malformed)),
        .statusRequest,
        .statusReply(status),
        .command(.retry(.row(9))),
        .commandReply(OperatorAnswer(isDone: true, sentence: "row 9 is tried again", count: 1)),
    ]

    static let status: JobStatus = {
        var status = JobStatus()
        status.epoch = 1
        status.rowsTotal = 10
        status.rowsTranscribed = 4
        status.rowsRejected = 1
        status.rowsLeased = 3
        status.rowsWaiting = 2
        status.audioMillisecondsTotal = 90_000
        status.audioMillisecondsDone = 41_250
        status.workers = 2
        status.workersComputing = 1
        status.speedMilli = 38_000
        status.remainingMilliseconds = 1_282
        status.elapsedMilliseconds = 1_100
        status.failures = [.init(code: "audio.not_found", rows: 1)]
        status.slots = ["host-17/2"]
        return status
    }()
}
