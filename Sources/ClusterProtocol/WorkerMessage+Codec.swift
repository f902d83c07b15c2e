internal import Digests
internal import SpeechTypes

extension WorkerMessage {
    /// Meta and payload of the message.
    var body: (meta: [UInt8], payload: [UInt8]) {
        var meta = MetaWriter()
        var payload: [UInt8] = []
        if let session { meta.field("session", session) }
        switch self {
        case .hello(let message):
            message.write(to: &meta)
        case .requestWork(let message):
            message.credit.write(to: &meta)
        case .started(let message):
            meta.field("ordinals", message.ordinals)
        case .results(let message):
            payload = message.write(to: &meta)
        case .failure(let message):
            message.write(to: &meta)
        case .release(let message):
            meta.field("number", message.number)
            meta.field("lease", message.lease)
            meta.field("ordinals", message.ordinals)
            meta.field("reason", message.reason.rawValue)
        case .heartbeat(let message):
            meta.field("number", message.number)
            meta.field("leases", message.leases)
            meta.field("inEngine", message.inEngine)
            meta.field("progressAgeMilliseconds", message.progressAgeMilliseconds)
            meta.field("isWaitingForWindow", message.isWaitingForWindow)
            message.credit.write(to: &meta)
            meta.field("measuredOrdinals", message.measured.map(\.ordinal))
            meta.field("measuredMilliseconds", message.measured.map(\.length.milliseconds))
            meta.field("measuredLanes", message.measured.map(\.length.lanes))
            meta.field("computedMilliseconds", message.computedMilliseconds)
            message.load?.write(to: &meta)
        case .goodbye(let message):
            meta.field("reason", message.reason.rawValue)
        }
        return (meta.finish(), payload)
    }

    /// Reads a message; nil if `kind` is not a worker's.
    init?(
        _ kind: MessageKind, _ meta: MetaReader, _ payload: UnsafeRawBufferPointer,
        _ limits: ClusterLimits
    ) throws(ProtocolError) {
        guard kind.isFromWorker else { return nil }
        if kind != .results { try requireNoPayload(payload) }
        switch kind {
        case .hello:
            self = .hello(try Hello(meta, limits))
        case .requestWork:
            self = .requestWork(
                RequestWork(session: try meta.int("session"), credit: try Credit(meta, limits)))
        case .started:
            self = .started(
                Started(
                    session: try meta.int("session"),
                    ordinals: try meta.ints("ordinals", countMax: limits.heldRowsMax)))
        case .results:
            self = .results(try Results(meta, payload, limits))
        case .failure:
            self = .failure(try Failure(meta, limits))
        case .release:
            self = .release(
                Release(
                    session: try meta.int("session"), number: try meta.int("number"),
                    lease: try meta.int("lease"),
                    ordinals: try meta.ints("ordinals", countMax: limits.leaseRowsMax),
                    reason: try meta.word("reason", Release.Reason.self)))
        case .heartbeat:
            self = .heartbeat(try Heartbeat(meta, limits))
        case .goodbye:
            self = .goodbye(
                Goodbye(
                    session: try meta.int("session"),
                    reason: try meta.word("reason", Goodbye.Reason.self)))
        default:
            return nil
        }
    }
}

extension Credit {
    fileprivate func write(to meta: inout MetaWriter) {
        meta.field("creditAudioMilliseconds", audioMilliseconds)
        meta.field("creditRows", rows)
        meta.field("speed", speed)
    }

    fileprivate init(_ meta: MetaReader, _ limits: ClusterLimits) throws(ProtocolError) {
        self.init(
            audioMilliseconds: try meta.int("creditAudioMilliseconds"),
            rows: try meta.int("creditRows"),
            speed: try meta.int("speed", 0...limits.speedMax))
    }
}

extension Hello {
    fileprivate func write(to meta: inout MetaWriter) {
        meta.field("slot", identity.slot)
        meta.field("instance", identity.instance)
        meta.field("build", identity.build)
        meta.field("versionMin", identity.versionMin)
        meta.field("versionMax", identity.versionMax)
        meta.field("modelDigest", identity.modelDigest.hex)
        meta.field("engineNumber", identity.engineNumber)
        meta.field("arithmetic", identity.arithmetic)
        meta.field("arithmeticClasses", identity.arithmeticClasses)
        meta.field("canaryDigest", identity.canaryDigest.hex)
        meta.field("cores", identity.cores)
        meta.field("memoryBytes", identity.memoryBytes)
        meta.field("speed", identity.speed)
        meta.field("firstNumber", firstNumber)
        meta.field("heldLeases", held.map(\.lease))
        meta.field("heldCounts", held.map(\.ordinals.count))
        meta.field("heldOrdinals", held.flatMap(\.ordinals))
        meta.field("inEngine", inEngine)
        meta.field("artefactsDigest", identity.artefactsDigest.hex)
        let further = identity.furtherArtefacts.sorted { $0.key < $1.key }
        if !further.isEmpty {
            meta.field("artefactNames", further.map(\.key))
            meta.field("artefactDigests", further.map(\.value.hex))
        }
        if identity.computesSpans { meta.field("computesSpans", true) }
    }

    fileprivate init(_ meta: MetaReader, _ limits: ClusterLimits) throws(ProtocolError) {
        let instance = try meta.text("instance", bytesMax: 32)
        guard ShortDigest(hex: instance) != nil else {
            throw ProtocolError(.field, "instance is not 32 hexadecimal digits")
        }
        let identity = WorkerIdentity(
            slot: try meta.text("slot", bytesMax: limits.nameBytesMax), instance: instance,
            build: try meta.text("build", bytesMax: limits.nameBytesMax),
            versionMin: try meta.int("versionMin", 0...255),
            versionMax: try meta.int("versionMax", 0...255),
            modelDigest: try meta.digest("modelDigest"),
            engineNumber: try meta.int("engineNumber"),
            arithmetic: try meta.text("arithmetic", bytesMax: limits.nameBytesMax),
            arithmeticClasses: try meta.texts(
                "arithmeticClasses", countMax: 64, bytesMax: limits.nameBytesMax),
            canaryDigest: try meta.digest("canaryDigest"), cores: try meta.int("cores"),
            memoryBytes: try meta.int("memoryBytes"),
            speed: try meta.int("speed", 0...limits.speedMax),
            artefactsDigest: meta.has("artefactsDigest")
                ? try meta.digest("artefactsDigest") : nil,
            furtherArtefacts: try Self.furtherArtefacts(meta, limits),
            computesSpans: meta.has("computesSpans") ? try meta.bool("computesSpans") : false)
        let leases = try meta.ints("heldLeases", countMax: limits.heldLeasesMax)
        let counts = try meta.ints(
            "heldCounts", countMax: limits.heldLeasesMax, 0...limits.leaseRowsMax)
        let ordinals = try meta.ints("heldOrdinals", countMax: limits.heldRowsMax)
        try requireEqualCounts("heldLeases and heldCounts", leases.count, counts.count)
        try requireEqualCounts(
            "heldOrdinals and the sum of heldCounts", ordinals.count, counts.reduce(0, +))
        var start = 0
        var held: [HeldLease] = []
        for (lease, count) in zip(leases, counts) {
            held.append(HeldLease(lease: lease, ordinals: Array(ordinals[start..<start + count])))
            start += count
        }
        self.init(
            identity: identity, firstNumber: try meta.int("firstNumber", 1...MetaReader.integerMax),
            held: held, inEngine: try meta.ints("inEngine", countMax: limits.heldRowsMax))
    }
}

extension Hello {
    /// What minor 4 added; only workers with files for decoding have it.
    private static func furtherArtefacts(
        _ meta: MetaReader, _ limits: ClusterLimits
    ) throws(ProtocolError) -> [String: ContentDigest] {
        guard meta.has("artefactNames") else { return [:] }
        let names = try meta.texts(
            "artefactNames", countMax: limits.artefactsMax, bytesMax: limits.nameBytesMax)
        let digests = try meta.digests("artefactDigests", countMax: limits.artefactsMax)
        try requireEqualCounts("artefactNames and artefactDigests", names.count, digests.count)
        return Dictionary(zip(names, digests)) { first, _ in first }
    }
}

extension Results {
    /// - Returns: the payload: all records, end to end, and then all features.
    fileprivate func write(to meta: inout MetaWriter) -> [UInt8] {
        meta.field("number", number)
        meta.field("ordinals", rows.map { $0.ordinal })
        meta.field("rowDigests", rows.map { $0.rowDigest })
        meta.field("recordLengths", rows.map { $0.record.count })
        meta.field("recordCRCs", rows.map { Int($0.recordCRC) })
        meta.field("recordDigests", rows.map { $0.recordDigest })
        meta.field("audioDigests", rows.map { $0.audioDigest })
        meta.field("audioMilliseconds", rows.map { $0.audioMilliseconds })
        meta.field("warnings", rows.map { $0.warning })
        if rows.contains(where: { !$0.features.isEmpty }) {
            meta.field("featureLengths", rows.map { $0.features.count })
            meta.field("featureCRCs", rows.map { Int($0.featuresCRC) })
        }
        if rows.contains(where: { !$0.object.isEmpty }) {
            meta.field("objects", rows.map { $0.object })
        }
        return endToEnd(rows.map { $0.record } + rows.map { $0.features })
    }

    fileprivate init(
        _ meta: MetaReader, _ payload: UnsafeRawBufferPointer, _ limits: ClusterLimits
    ) throws(ProtocolError) {
        let countMax = limits.leaseRowsMax
        let ordinals = try meta.ints("ordinals", countMax: countMax)
        let rowDigests = try meta.shortDigests("rowDigests", countMax: countMax)
        let lengths = try meta.ints(
            "recordLengths", countMax: countMax, 0...limits.recordBytesMax)
        let checksums = try meta.ints("recordCRCs", countMax: countMax, 0...Int(UInt32.max))
        let recordDigests = try meta.shortDigests("recordDigests", countMax: countMax)
        let audioDigests = try meta.shortDigests("audioDigests", countMax: countMax)
        let durations = try meta.ints(
            "audioMilliseconds", countMax: countMax, 0...limits.recordingMillisecondsMax)
        let warnings = try meta.texts(
            "warnings", countMax: countMax, bytesMax: limits.textBytesMax)
        try requireEqualCounts(
            "the arrays of results", ordinals.count, rowDigests.count, lengths.count,
            checksums.count, recordDigests.count, audioDigests.count, durations.count,
            warnings.count)
        let features = try Self.features(meta, rows: ordinals.count, limits)
        let objects =
            meta.has("objects")
            ? try meta.texts("objects", countMax: countMax, bytesMax: limits.textBytesMax)
            : [String](repeating: "", count: ordinals.count)
        try requireEqualCounts("the arrays of objects", ordinals.count, objects.count)
        let pieces = try cut(payload, lengths + features.lengths)
        self.init(
            session: try meta.int("session"), number: try meta.int("number"),
            rows: ordinals.indices.map {
                ResultRow(
                    ordinal: ordinals[$0], rowDigest: rowDigests[$0], record: pieces[$0],
                    recordCRC: UInt32(checksums[$0]), recordDigest: recordDigests[$0],
                    audioDigest: audioDigests[$0], audioMilliseconds: durations[$0],
                    warning: warnings[$0], features: pieces[ordinals.count + $0],
                    featuresCRC: UInt32(features.checksums[$0]), object: objects[$0])
            })
    }

    /// What minor 3 added; only jobs with features have it.
    private static func features(
        _ meta: MetaReader, rows: Int, _ limits: ClusterLimits
    ) throws(ProtocolError) -> (lengths: [Int], checksums: [Int]) {
        guard meta.has("featureLengths") else {
            let none = [Int](repeating: 0, count: rows)
            return (none, none)
        }
        let lengths = try meta.ints(
            "featureLengths", countMax: limits.leaseRowsMax, 0...limits.featuresBytesMax)
        let checksums = try meta.ints(
            "featureCRCs", countMax: limits.leaseRowsMax, 0...Int(UInt32.max))
        try requireEqualCounts("the arrays of features", rows, lengths.count, checksums.count)
        return (lengths, checksums)
    }
}

extension Failure {
    fileprivate func write(to meta: inout MetaWriter) {
        meta.field("number", number)
        meta.field("lease", lease)
        meta.field("ordinal", ordinal)
        meta.field("rowDigest", rowDigest.hex)
        meta.field("class", failureClass.rawValue)
        meta.field("code", code.rawValue)
        meta.field("detail", detail)
    }

    fileprivate init(_ meta: MetaReader, _ limits: ClusterLimits) throws(ProtocolError) {
        self.init(
            session: try meta.int("session"), number: try meta.int("number"),
            lease: try meta.int("lease"), ordinal: try meta.int("ordinal"),
            rowDigest: try meta.shortDigest("rowDigest"),
            failureClass: try meta.word("class", FailureClass.self),
            code: try meta.word("code", FailureCode.self),
            detail: try meta.text("detail", bytesMax: limits.textBytesMax))
    }
}

extension Heartbeat {
    fileprivate init(_ meta: MetaReader, _ limits: ClusterLimits) throws(ProtocolError) {
        self.init(
            session: try meta.int("session"), number: try meta.int("number"),
            leases: try meta.ints("leases", countMax: limits.heldLeasesMax),
            inEngine: try meta.ints("inEngine", countMax: limits.heldRowsMax),
            progressAgeMilliseconds: try meta.int("progressAgeMilliseconds"),
            isWaitingForWindow: try meta.bool("isWaitingForWindow"),
            credit: try Credit(meta, limits), measured: try Self.measured(meta, limits),
            computedMilliseconds: meta.has("measuredOrdinals")
                ? try meta.int(
                    "computedMilliseconds",
                    0...limits.recordingMillisecondsMax * limits.lanesMax) : 0,
            load: meta.has("stageMilliseconds") ? try WorkerLoad(meta) : nil)
    }

    /// What minor 1 added; a worker of minor 0 says nothing of it.
    private static func measured(
        _ meta: MetaReader, _ limits: ClusterLimits
    ) throws(ProtocolError) -> [MeasuredRow] {
        guard meta.has("measuredOrdinals") else { return [] }
        let ordinals = try meta.ints("measuredOrdinals", countMax: limits.heldRowsMax)
        let milliseconds = try meta.ints(
            "measuredMilliseconds", countMax: limits.heldRowsMax,
            0...limits.recordingMillisecondsMax)
        let lanes = try meta.ints(
            "measuredLanes", countMax: limits.heldRowsMax, 1...limits.lanesMax)
        guard ordinals.count == milliseconds.count, ordinals.count == lanes.count else {
            throw ProtocolError(.field, "the lists of measured rows are of unequal length")
        }
        return ordinals.indices.map { index in
            MeasuredRow(
                ordinal: ordinals[index],
                length: RowLength(milliseconds: milliseconds[index], lanes: lanes[index]))
        }
    }
}
