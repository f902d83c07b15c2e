internal import Digests
internal import SpeechTypes

extension CoordinatorMessage {
    /// Meta and payload of the message.
    var body: (meta: [UInt8], payload: [UInt8]) {
        var meta = MetaWriter()
        var payload: [UInt8] = []
        switch self {
        case .welcome(let message):
            message.write(to: &meta)
        case .rejected(let message):
            meta.field("code", message.code.rawValue)
            meta.field("sentence", message.sentence)
            meta.field("retryMilliseconds", message.retryMilliseconds ?? -1)
            meta.field("arithmetic", message.arithmetic)
            if let engine = message.engineNumber { meta.field("engineNumber", engine) }
            if let artefacts = message.artefacts {
                meta.field("artefactNames", artefacts.map(\.name))
                meta.field("artefactDigests", artefacts.map(\.digest.hex))
                meta.field("artefactFiles", artefacts.map(\.fileName))
                meta.field("artefactBytes", artefacts.map(\.byteCount))
            }
        case .lease(let message):
            payload = message.write(to: &meta)
        case .recorded(let message):
            meta.field("session", message.session)
            meta.field("number", message.number)
            meta.field("refusedOrdinals", message.refusedOrdinals)
            meta.field("refusedReasons", message.refusedReasons.map(\.rawValue))
        case .revoke(let message), .dismiss(let message):
            meta.field("session", message.session)
            meta.field("lease", message.lease)
            meta.field("ordinals", message.ordinals)
        case .beat(let message):
            meta.field("session", message.session)
            meta.field("number", message.number)
            meta.field("incarnation", message.epoch)
            meta.field("leases", message.leases)
            meta.field("windowBytes", message.windowBytes)
            meta.field("recordedNumber", message.recordedNumber)
        case .drain(let session):
            meta.field("session", session)
        case .unknownSession:
            break
        case .refused(let code):
            meta.field("code", code.rawValue)
        }
        return (meta.finish(), payload)
    }

    /// Reads a message; nil if `kind` is not a coordinator's.
    init?(
        _ kind: MessageKind, _ meta: MetaReader, _ payload: UnsafeRawBufferPointer,
        _ limits: ClusterLimits
    ) throws(ProtocolError) {
        guard kind.isFromCoordinator else { return nil }
        if kind != .lease { try requireNoPayload(payload) }
        switch kind {
        case .welcome:
            self = .welcome(try Welcome(meta, limits))
        case .rejected:
            let retry = try meta.int("retryMilliseconds", -1...MetaReader.integerMax)
            self = .rejected(
                Rejected(
                    code: try meta.word("code", Rejected.Code.self),
                    sentence: try meta.text("sentence", bytesMax: limits.textBytesMax),
                    retryMilliseconds: retry < 0 ? nil : retry,
                    arithmetic: try meta.text("arithmetic", bytesMax: limits.nameBytesMax),
                    engineNumber: meta.has("engineNumber") ? try meta.int("engineNumber") : nil,
                    artefacts: try artefacts(meta, limits)))
        case .lease:
            self = .lease(try Lease(meta, payload, limits))
        case .recorded:
            self = .recorded(try Recorded(meta, limits))
        case .revoke:
            self = .revoke(try LeaseRows(meta, limits))
        case .dismiss:
            self = .dismiss(try LeaseRows(meta, limits))
        case .beat:
            self = .beat(
                Beat(
                    session: try meta.int("session"), number: try meta.int("number"),
                    epoch: try meta.int("incarnation"),
                    leases: try meta.ints("leases", countMax: limits.heldLeasesMax),
                    windowBytes: try meta.int("windowBytes"),
                    recordedNumber: try meta.int("recordedNumber")))
        case .drain:
            self = .drain(session: try meta.int("session"))
        case .unknownSession:
            self = .unknownSession
        case .refused:
            self = .refused(try meta.word("code", RefusedCode.self))
        default:
            return nil
        }
    }
}

/// What minor 4 added to `rejected`.
private func artefacts(
    _ meta: MetaReader, _ limits: ClusterLimits
) throws(ProtocolError) -> [ArtefactFile]? {
    guard meta.has("artefactNames") else { return nil }
    let countMax = limits.artefactsMax
    let names = try meta.texts(
        "artefactNames", countMax: countMax, bytesMax: limits.nameBytesMax)
    let digests = try meta.digests("artefactDigests", countMax: countMax)
    let files = try meta.texts(
        "artefactFiles", countMax: countMax, bytesMax: limits.pathBytesMax)
    let bytes = try meta.ints("artefactBytes", countMax: countMax)
    try requireEqualCounts(
        "the arrays of artefacts", names.count, digests.count, files.count, bytes.count)
    return names.indices.map {
        ArtefactFile(
            name: names[$0], digest: digests[$0], fileName: files[$0], byteCount: bytes[$0])
    }
}

extension Welcome {
    fileprivate func write(to meta: inout MetaWriter) {
        meta.field("session", session)
        meta.field("incarnation", epoch)
        meta.field("jobID", jobID.hex)
        meta.field("arithmetic", arithmetic)
        meta.field("optionNames", options.fields.map(\.name))
        meta.field("optionValues", options.fields.map(\.value))
        meta.field("manifestFolder", manifestFolder)
        meta.field("heartbeatMilliseconds", heartbeatMilliseconds)
        meta.field("sessionTimeoutMilliseconds", sessionTimeoutMilliseconds)
        meta.field("windowBytes", windowBytes)
        meta.field("leaseMilliseconds", leaseMilliseconds)
        meta.field("leaseRowsMax", leaseRowsMax)
        meta.field("kept", kept)
        if let recipeDigest { meta.field("recipeDigest", recipeDigest.hex) }
    }

    fileprivate init(_ meta: MetaReader, _ limits: ClusterLimits) throws(ProtocolError) {
        let names = try meta.texts("optionNames", countMax: 64, bytesMax: limits.nameBytesMax)
        let values = try meta.texts("optionValues", countMax: 64, bytesMax: limits.pathBytesMax)
        try requireEqualCounts("optionNames and optionValues", names.count, values.count)
        let recipe = meta.has("recipeDigest") ? try meta.digest("recipeDigest") : nil
        // An option of a later release shows in the recipe's digest, which the worker compares.
        let known = Set(RecognitionOptions.allFields.map(\.name))
        let fields = zip(names, values).map { (name: $0, value: $1) }
            .filter { recipe == nil || known.contains($0.name) }
        guard let options = RecognitionOptions(fields: fields) else {
            throw ProtocolError(.field, "optionNames or optionValues holds what is not known here")
        }
        let hour = 3_600_000
        self.init(
            session: try meta.int("session"), epoch: try meta.int("incarnation"),
            jobID: try meta.digest("jobID"),
            arithmetic: try meta.text("arithmetic", bytesMax: limits.nameBytesMax),
            options: options,
            manifestFolder: try meta.text("manifestFolder", bytesMax: limits.pathBytesMax),
            heartbeatMilliseconds: try meta.int("heartbeatMilliseconds", 1...hour),
            sessionTimeoutMilliseconds: try meta.int("sessionTimeoutMilliseconds", 1...hour),
            windowBytes: try meta.int("windowBytes"),
            leaseMilliseconds: try meta.int("leaseMilliseconds", 1...hour),
            leaseRowsMax: try meta.int("leaseRowsMax", 1...limits.leaseRowsMax),
            kept: try meta.ints("kept", countMax: limits.heldLeasesMax), recipeDigest: recipe)
    }
}

extension Lease {
    /// - Returns: the payload: all raw rows, and then what joins are made of, end to end.
    fileprivate func write(to meta: inout MetaWriter) -> [UInt8] {
        meta.field("session", session)
        meta.field("lease", lease)
        meta.field("isAlone", isAlone)
        meta.field("ordinals", rows.map { $0.ordinal })
        meta.field("rowDigests", rows.map { $0.rowDigest })
        meta.field("audioMilliseconds", rows.map { $0.audioMilliseconds })
        meta.field("rawLengths", rows.map { $0.raw.count })
        return endToEnd(rows.map { $0.raw } + writeParts(to: &meta))
    }

    fileprivate init(
        _ meta: MetaReader, _ payload: UnsafeRawBufferPointer, _ limits: ClusterLimits
    ) throws(ProtocolError) {
        let countMax = limits.leaseRowsMax
        let ordinals = try meta.ints("ordinals", countMax: countMax)
        let digests = try meta.shortDigests("rowDigests", countMax: countMax)
        let durations = try meta.ints("audioMilliseconds", countMax: countMax)
        // A row that is longer than a lease should be is alone in its lease.
        let lengths = try meta.ints(
            "rawLengths", countMax: countMax,
            0...max(limits.leaseBytesMax, RecordLimits.rowBytesMax))
        try requireEqualCounts(
            "the arrays of a lease", ordinals.count, digests.count, durations.count, lengths.count)
        let parts = try LeaseParts(meta, rows: ordinals.count, limits)
        let pieces = try cut(payload, lengths + parts.lengths)
        self.init(
            session: try meta.int("session"), lease: try meta.int("lease"),
            isAlone: try meta.bool("isAlone"),
            rows: ordinals.indices.map {
                LeaseRow(
                    ordinal: ordinals[$0], rowDigest: digests[$0], audioMilliseconds: durations[$0],
                    raw: pieces[$0], part: parts.part(of: $0, pieces[ordinals.count...]))
            })
    }
}

extension LeaseRows {
    fileprivate init(_ meta: MetaReader, _ limits: ClusterLimits) throws(ProtocolError) {
        self.init(
            session: try meta.int("session"), lease: try meta.int("lease"),
            ordinals: try meta.ints("ordinals", countMax: limits.leaseRowsMax))
    }
}

extension Recorded {
    fileprivate init(_ meta: MetaReader, _ limits: ClusterLimits) throws(ProtocolError) {
        let countMax = limits.heldRowsMax
        let ordinals = try meta.ints("refusedOrdinals", countMax: countMax)
        let reasons = try meta.words("refusedReasons", RefusedReason.self, countMax: countMax)
        try requireEqualCounts(
            "refusedOrdinals and refusedReasons", ordinals.count, reasons.count)
        self.init(
            session: try meta.int("session"), number: try meta.int("number"),
            refusedOrdinals: ordinals, refusedReasons: reasons)
    }
}
