internal import ClusterProtocol
internal import CoordinatorState
internal import Digests
internal import JobState
internal import SpeechTypes

/// Who may not work here, and what is not understood.
extension Coordinator {
    /// Why a worker cannot work here; nil if it can.
    func refusal(of worker: WorkerIdentity) -> Rejected? {
        let identity = configuration.identity
        let major = Int(ProtocolVersion.major)
        let arithmetic = jobArithmetic(for: worker)
        if job.isFinished { return Self.jobFinished }
        if job.isCancelled { return Self.cancelled }
        if job.isDraining {
            return Rejected(
                code: .stopping, sentence: "the coordinator is stopping",
                retryMilliseconds: limits.heartbeat.wholeMilliseconds)
        }
        guard worker.versionMin <= major, major <= worker.versionMax else {
            return Rejected(
                code: .version,
                sentence: "the coordinator speaks protocol \(major), the worker "
                    + "\(worker.versionMin) to \(worker.versionMax): install the same release")
        }
        guard worker.modelDigest == identity.modelDigest else {
            return Rejected(
                code: .model,
                sentence:
                    "the job needs model \(identity.modelDigest.hex.prefix(16)), the worker has "
                    + "\(worker.modelDigest.hex.prefix(16)): give it the same --model")
        }
        guard worker.artefactsDigest == identity.recipe.artefacts.digest else {
            return Rejected(
                code: .model,
                sentence: configuration.artefacts.difference(from: worker.furtherArtefacts)
                    .truncated(bytesMax: limits.textBytesMax),
                artefacts: configuration.artefacts)
        }
        guard worker.engineNumber == identity.engineNumber else {
            let what =
                "the job runs on engine \(identity.engineNumber), the worker has "
                + "\(worker.engineNumber): "
            return Rejected(
                code: .engine,
                sentence: what
                    + (worker.engineNumber < identity.engineNumber
                        ? "upgrade the worker to the release of its coordinator"
                        : Rejected.coordinatorFirst),
                engineNumber: identity.engineNumber)
        }
        guard worker.arithmetic == arithmetic else {
            let canChange = worker.arithmeticClasses.contains(arithmetic)
            return Rejected(
                code: .arithmetic,
                sentence: canChange
                    ? "the job runs in \(arithmetic), the worker loaded \(worker.arithmetic)"
                    : "the job runs in \(arithmetic), and this worker can change to "
                        + "\(worker.arithmeticClasses.joined(separator: ", ")): start it with "
                        + "--arithmetic \(arithmetic) if its machine has that library, or name a "
                        + "narrower class for the whole job",
                arithmetic: arithmetic)
        }
        if let facts = factsOfThisEngine, facts.arithmetic == arithmetic,
            facts.canaryDigest != worker.canaryDigest
        {
            return Rejected(
                code: .canary,
                sentence: "the worker's canary differs from that of \(facts.slot): its model, "
                    + "vocabulary or math library is not the same")
        }
        guard !sessions.isSuperseded(worker.instance) else {
            return Rejected(
                code: .superseded, sentence: "a newer worker runs in slot \(worker.slot)")
        }
        guard !sessions.isDrained(worker.slot) else {
            return Rejected(
                code: .drained,
                sentence: "an operator drained slot \(worker.slot); resume lets it work again")
        }
        guard sessions.count < limits.sessionsMax || sessions.number(inSlot: worker.slot) != nil
        else {
            return Rejected(
                code: .fleetFull, sentence: "\(limits.sessionsMax) workers are there already",
                retryMilliseconds: limits.heartbeat.wholeMilliseconds)
        }
        return nil
    }

    /// A key that was taken back ends its session; what it held goes back without a charge.
    mutating func forbid(_ peer: PeerID, at now: Instant) {
        let refusal = Rejected(
            code: .forbidden,
            sentence: "the coordinator does not let this machine's key work (any more): "
                + "scriptorium keys allow there lets it in")
        if let number = sessions.number(of: peer), let session = sessions[number] {
            note(.workerRejected, slot: session.slot, refusal.sentence)
            endSession(number, .released, at: now)
        }
        effects.append(.send(.rejected(refusal), to: peer))
    }

    // MARK: What is not understood

    mutating func refuse(_ error: ProtocolError, from peer: PeerID, at now: Instant) {
        if error.code == .version {
            let refusal = Rejected(code: .version, sentence: error.message)
            effects.append(.send(.rejected(refusal), to: peer))
            return
        }
        effects.append(.send(.refused(.malformed), to: peer))
        if let number = sessions.number(of: peer) { countRefusal(in: number, at: now) }
    }

    /// Several malformed or impossible messages end a session: its worker is broken, no row is.
    mutating func countRefusal(in number: Int, at now: Instant) {
        sessions[number]?.refusals += 1
        guard let session = sessions[number], session.refusals >= limits.refusalsMax else { return }
        let refusal = Rejected(
            code: .protocol, sentence: "\(session.refusals) messages of this worker were not usable"
        )
        note(.workerRejected, slot: session.slot, refusal.sentence)
        endSession(number, .released, at: now)
        effects.append(.send(.rejected(refusal), to: session.peer))
    }
}
