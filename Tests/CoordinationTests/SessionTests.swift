internal import ClusterProtocol
internal import Coordination
internal import Digests
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("Sessions")
struct SessionTests {
    @Test("a worker with another model, engine, arithmetic or canary is told what is wrong")
    func refusals() throws {
        var harness = CoordinatorHarness(rows: 1)
        #expect(harness.join(Samples.identity(slot: "h/0"), from: "first") != nil)
        let others: [(WorkerIdentity, Rejected.Code)] = [
            (Samples.identity(slot: "h/1", model: "other"), .model),
            (Samples.identity(slot: "h/1", engine: 2), .engine),
            (Samples.identity(slot: "h/1", arithmetic: "fp32/b", classes: ["fp32/b"]), .arithmetic),
            (Samples.identity(slot: "h/1", canary: "other"), .canary),
        ]
        for (index, (identity, code)) in others.enumerated() {
            #expect(harness.join(identity, from: "\(index)") == nil)
            let rejected = try #require(harness.rejections(for: "\(index)").last)
            #expect(rejected.code == code && rejected.retryMilliseconds == nil)
        }
        var old = Samples.identity(slot: "h/1")
        old.versionMin = 2
        old.versionMax = 3
        harness.join(old, from: "old")
        #expect(harness.rejections(for: "old").last?.code == .version)
    }

    @Test("the first worker's class is the job's, unless one was named")
    func arithmetic() throws {
        var harness = CoordinatorHarness(rows: 1)
        harness.join(Samples.identity(slot: "h/0", arithmetic: "fp32/wide"), from: "a")
        let narrow = Samples.identity(
            slot: "h/1", instance: 2, arithmetic: "fp32/a", classes: ["fp32/wide", "fp32/a"])
        harness.join(narrow, from: "b")
        #expect(harness.rejections(for: "b").last?.arithmetic == "fp32/wide")
        var named = CoordinatorHarness(rows: 1, arithmetic: "fp32/a")
        named.join(Samples.identity(slot: "h/0", arithmetic: "fp32/wide"), from: "a")
        #expect(named.rejections(for: "a").last?.arithmetic == "fp32/a")
        #expect(named.join(narrow, from: "b") != nil)
    }

    @Test("a newer instance takes the slot once it speaks twice; the old one is sent home")
    func supersede() throws {
        var harness = CoordinatorHarness(rows: 4)
        let old = try harness.joined(Samples.identity(slot: "h/0", instance: 1), from: "a")
        harness.send(.started(Started(session: old, ordinals: [0, 1])), from: "a")
        // A hello may be the late word of a dead process: the slot does not change hands yet.
        let new = try harness.joined(
            Samples.identity(slot: "h/0", instance: 2), from: "b", asks: false)
        #expect(harness.rejections(for: "a").isEmpty)
        let credit = Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000)
        harness.send(.requestWork(RequestWork(session: new, credit: credit)), from: "b")
        harness.turn()
        #expect(harness.rejections(for: "a").map(\.code) == [.superseded])
        // What was in the engine is suspected and runs alone; the rest waits clean.
        #expect(harness.grants(for: "b").first?.isAlone == true)
        harness.join(Samples.identity(slot: "h/0", instance: 1), from: "c")
        #expect(harness.rejections(for: "c").map(\.code) == [.superseded])
    }

    @Test("the same instance over a new connection keeps the leases it lists, and only those")
    func reconnect() throws {
        var harness = CoordinatorHarness(rows: 100, limits: smallLeases)
        _ = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        let grants = harness.grants(for: "a")
        #expect(grants.count > 1)
        let again = try harness.joined(
            Samples.identity(slot: "h/0"), from: "b",
            held: [HeldLease(lease: grants[0].lease, ordinals: grants[0].ordinals)],
            asks: false)
        guard case .welcome(let welcome)? = harness.said.last?.message else {
            Issue.record("no welcome")
            return
        }
        #expect(welcome.session == again && welcome.kept == [grants[0].lease])
        #expect(harness.coordinator.status(at: harness.now).rowsLeased == grants[0].ordinals.count)
    }

    @Test("a silent session is lost after its time; what was started is suspected")
    func silence() throws {
        var harness = CoordinatorHarness(rows: 4)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        harness.send(.started(Started(session: session, ordinals: [0])), from: "a")
        harness.turn(after: .seconds(14))
        #expect(harness.coordinator.status(at: harness.now).workers == 1)
        harness.turn(after: .seconds(2))
        #expect(harness.coordinator.status(at: harness.now).workers == 0)
        #expect(suspects(harness) == [0])
        // It is back: it had not crashed, and nothing is held against the row.
        let back = try harness.joined(Samples.identity(slot: "h/0"), from: "b")
        harness.send(heartbeat(back, number: 1, leases: []), from: "b")
        harness.turn()
        #expect(suspects(harness) == [])
        #expect(harness.grants(for: "b").allSatisfy { !$0.isAlone })
    }

    @Test("a lease that two heartbeats do not list goes back without penalty")
    func unlisted() throws {
        var harness = CoordinatorHarness(rows: 4)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        let count = harness.grants.count
        harness.send(heartbeat(session, number: 1, leases: []), from: "a")
        harness.turn()
        #expect(harness.grants.count == count)
        harness.send(heartbeat(session, number: 2, leases: []), from: "a")
        harness.turn()
        #expect(harness.grants.count == 2 * count)
        #expect(suspects(harness) == [])
    }

    @Test("a worker that stands still loses its rows, and gets none until it shows progress")
    func stall() throws {
        var harness = CoordinatorHarness(rows: 2)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        let leases = harness.grants.map(\.grant.lease)
        harness.send(
            heartbeat(
                session, number: 1, leases: leases, inEngine: [0],
                ageSeconds: StallLimits.sessionStallSeconds + 1), from: "a")
        harness.turn()
        #expect(suspects(harness) == [0])
        let back = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        #expect(harness.grants.count == leases.count)
        harness.finish([0], number: 1, session: back, from: "a")
        harness.turn()
        #expect(harness.grants.last?.grant.ordinals == [1])
        #expect(harness.grants.count == leases.count + 1)
    }

    @Test("a worker that made a step is not stalled, however long its row is predicted to be")
    func noStall() throws {
        var harness = CoordinatorHarness(rows: 2)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        let leases = harness.grants.map(\.grant.lease)
        harness.send(
            heartbeat(
                session, number: 1, leases: leases, inEngine: [0],
                ageSeconds: StallLimits.sessionStallSeconds - 1), from: "a")
        harness.turn()
        #expect(suspects(harness) == [])
        #expect(harness.coordinator.status(at: harness.now).workers == 1)
    }

    @Test("what a worker finds a row to be replaces the plan: audio to come, and time to come")
    func measured() throws {
        var harness = CoordinatorHarness(rows: 3)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        #expect(harness.coordinator.status(at: harness.now).audioMillisecondsTotal == 30_000)
        var beat = Heartbeat(
            session: session, number: 1, leases: harness.grants.map(\.grant.lease), inEngine: [0],
            progressAgeMilliseconds: 0, isWaitingForWindow: false,
            credit: Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000))
        beat.measured = [
            MeasuredRow(ordinal: 0, length: RowLength(milliseconds: 7_200_000, lanes: 8)),
            MeasuredRow(ordinal: 99, length: RowLength(milliseconds: 1)),
        ]
        harness.send(.heartbeat(beat), from: "a")
        harness.turn()
        #expect(harness.coordinator.status(at: harness.now).audioMillisecondsTotal == 7_220_000)
        #expect(harness.coordinator.contradictions() == [])
        harness.finish([1], number: 1, session: session, from: "a")
        harness.turn()
        let status = harness.coordinator.status(at: harness.now)
        // Every channel is computed: eight times as long as the recording of two hours.
        let left = 8 * 7_200_000 + 10_000
        #expect(status.remainingMilliseconds == left * 1_000 / status.speedMilli)
        harness.finish([0, 2], number: 2, session: session, from: "a")
        harness.turn()
        #expect(harness.coordinator.contradictions() == [])
        #expect(harness.coordinator.status(at: harness.now).audioMillisecondsTotal == 27_000)
    }

    @Test("what is computed of a long row counts while it lasts, and once")
    func computed() throws {
        var harness = CoordinatorHarness(rows: 2)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        let leases = harness.grants.map(\.grant.lease)
        func beat(_ number: Int, _ computed: Int) -> WorkerMessage {
            var beat = Heartbeat(
                session: session, number: number, leases: leases, inEngine: [0],
                progressAgeMilliseconds: 0, isWaitingForWindow: false,
                credit: Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000))
            beat.computedMilliseconds = computed
            return .heartbeat(beat)
        }
        harness.send(beat(1, 4_000), from: "a")
        harness.turn()
        harness.send(beat(2, 6_000), from: "a")
        harness.turn()
        var status = harness.coordinator.status(at: harness.now)
        #expect(status.audioMillisecondsDone == 6_000 && status.audioMillisecondsTotal == 20_000)
        #expect(status.remainingMilliseconds == 14_000 * 1_000 / status.speedMilli)
        let speed = status.speedMilli
        harness.finish([0], number: 1, session: session, from: "a")
        harness.turn()
        status = harness.coordinator.status(at: harness.now)
        #expect(status.audioMillisecondsDone == 9_000)
        // Three seconds more of the same row, not nine.
        #expect(status.speedMilli < 2 * speed)
    }

    @Test("the time left does not count the time before the first row was begun as time at work")
    func lateStart() throws {
        var harness = CoordinatorHarness(rows: 3)
        // The worker is begun, and its engine comes up.
        harness.turn(after: .seconds(20))
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        let beat = Heartbeat(
            session: session, number: 1, leases: harness.grants.map(\.grant.lease), inEngine: [0],
            progressAgeMilliseconds: 0, isWaitingForWindow: false,
            credit: Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000))
        harness.send(.heartbeat(beat), from: "a")
        harness.turn()
        harness.now = harness.now + .seconds(9)
        harness.finish([0], number: 1, session: session, from: "a")
        let speed = harness.coordinator.status(at: harness.now).speedMilli
        #expect((900...1_000).contains(speed), "9 s of audio in 9 s, and a turn or two: \(speed)")
    }

    @Test("status is answered from memory while the disk stands still")
    func status() throws {
        var harness = CoordinatorHarness(rows: 6)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        harness.commits = false
        harness.finish([0, 1], number: 1, session: session, from: "a")
        harness.turn()
        let effects = harness.coordinator.handle(
            .statusRequested(from: CoordinatorHarness.peer("op")), at: harness.now)
        guard case .sendStatus(let status, _)? = effects.first else {
            Issue.record("no answer")
            return
        }
        #expect(status.rowsTranscribed == 2 && status.rowsLeased == 4 && status.rowsTotal == 6)
        #expect(status.audioMillisecondsDone == 18_000)
        #expect(status.audioMillisecondsTotal == 18_000 + 40_000)
    }

    private var smallLeases: ClusterLimits {
        var limits = ClusterLimits()
        limits.leaseRowsMax = 4
        return limits
    }

    private func heartbeat(
        _ session: Int, number: Int, leases: [Int], inEngine: [Int] = [], ageSeconds: Int = 0
    ) -> WorkerMessage {
        .heartbeat(
            Heartbeat(
                session: session, number: number, leases: leases, inEngine: inEngine,
                progressAgeMilliseconds: ageSeconds * 1_000, isWaitingForWindow: false,
                credit: Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000)))
    }

    /// Rows that must run alone, by the last entry on each.
    private func suspects(_ harness: CoordinatorHarness) -> [Int] {
        var last: [Int: AttemptHistory] = [:]
        for case .history(let history) in harness.journal { last[history.ordinal] = history }
        return last.values.filter(\.needsToBeAlone).map(\.ordinal).sorted()
    }

    @Test("a worker of another release is told which side to upgrade", arguments: [1, 3])
    func upgrade(engine: Int) {
        var identity = Samples.job(rows: 3)
        identity.engineNumber = 2
        var coordinator = Coordinator(
            configuration: .init(identity: identity, manifestFolder: "/"),
            plan: PlainPlan(rowCount: 3),
            replay: ReplayState(epoch: 1, recorded: RowSet(rowCount: 3)), at: .init(nanoseconds: 0))
        let hello = Hello(
            identity: Samples.identity(slot: "h/0", engine: engine), firstNumber: 1, held: [],
            inEngine: [])
        let effects = coordinator.handle(
            .message(.hello(hello), from: CoordinatorHarness.peer("p")), at: .init(nanoseconds: 1))
        let refusals = effects.compactMap { effect -> Rejected? in
            if case .send(.rejected(let rejected), _) = effect { rejected } else { nil }
        }
        #expect(refusals.map(\.code) == [.engine] && refusals[0].engineNumber == 2)
        #expect(
            refusals[0].sentence
                == "the job runs on engine 2, the worker has \(engine): "
                + (engine == 1
                    ? "upgrade the worker to the release of its coordinator"
                    : Rejected.coordinatorFirst))
    }

    @Test("another artefact than the acoustic model is asked for before any work")
    func artefacts() {
        var harness = CoordinatorHarness(rows: 3)
        var identity = Samples.identity(slot: "h/0")
        identity.artefactsDigest = Samples.digest("with a language model")
        let hello = Hello(identity: identity, firstNumber: 1, held: [], inEngine: [])
        harness.handle(.message(.hello(hello), from: CoordinatorHarness.peer("p")))
        guard case .rejected(let rejected) = harness.said.last?.message else {
            Issue.record("\(harness.said)")
            return
        }
        #expect(rejected.code == .model && rejected.sentence.contains("other artefacts"))
    }

    @Test("a worker without the job's language model is told which file it lacks")
    func neededFiles() {
        var identity = Samples.job(rows: 3)
        let digest = Samples.digest("words")
        identity.recipe.artefacts.further = ["language_model": digest]
        let file = ArtefactFile(
            name: "language_model", digest: digest, fileName: "4-gram.bin", byteCount: 7)
        func answer(_ artefacts: [String: ContentDigest]) -> CoordinatorMessage? {
            var coordinator = Coordinator(
                configuration: .init(identity: identity, manifestFolder: "/", files: [file]),
                plan: PlainPlan(rowCount: 3),
                replay: ReplayState(epoch: 1, recorded: RowSet(rowCount: 3)),
                at: .init(nanoseconds: 0))
            let worker = WorkerIdentity(
                slot: "h/0", instance: Samples.instanceName(1), build: "test",
                modelDigest: Samples.digest("model"), engineNumber: 1, arithmetic: "fp32/a",
                arithmeticClasses: ["fp32/a"], canaryDigest: Samples.digest("canary"), cores: 1,
                memoryBytes: 1 << 30, speed: 10_000, furtherArtefacts: artefacts)
            let effects = coordinator.handle(
                .message(
                    .hello(Hello(identity: worker, firstNumber: 1, held: [], inEngine: [])),
                    from: CoordinatorHarness.peer("p")), at: .init(nanoseconds: 1))
            return effects.compactMap { effect -> CoordinatorMessage? in
                if case .send(let message, _) = effect { message } else { nil }
            }.first
        }
        for artefacts in [[:], ["language_model": Samples.digest("others")]] {
            guard case .rejected(let rejected)? = answer(artefacts) else {
                Issue.record("a worker with \(artefacts) was let in")
                continue
            }
            #expect(rejected.code == .model && rejected.artefacts == [file])
            #expect(rejected.sentence.contains("language model is 4-gram.bin"))
            #expect(rejected.sentence.contains(artefacts.isEmpty ? "has none" : "another one"))
        }
        // A worker that is let in is welcomed when the commit is durable.
        #expect(answer(["language_model": digest]) == nil)
    }

    @Test("the first worker of a later engine fixes the canary anew, in the class that was")
    func laterEngine() {
        func replay(facts engine: Int) -> ReplayState {
            var state = ReplayState(epoch: 2, recorded: RowSet(rowCount: 3))
            state.facts = FleetFacts(
                arithmetic: "fp32/a", canaryDigest: Samples.digest("former canary"), slot: "h/9",
                engineNumber: engine)
            return state
        }
        func answers(facts engine: Int) -> (CoordinatorHarness, CoordinatorMessage?) {
            var harness = CoordinatorHarness(rows: 3, replay: replay(facts: engine))
            let hello = Hello(
                identity: Samples.identity(slot: "h/0"), firstNumber: 1, held: [], inEngine: [])
            harness.send(.hello(hello), from: "p")
            harness.turn()
            return (harness, harness.said.last?.message)
        }
        let (harness, answer) = answers(facts: 0)
        #expect(answer?.kind == .welcome)
        let fixed = harness.journal.compactMap { entry -> FleetFacts? in
            if case .fleetFacts(let facts) = entry { facts } else { nil }
        }
        #expect(fixed.map(\.canaryDigest) == [Samples.digest("canary")])
        #expect(fixed.map(\.engineNumber) == [1] && fixed.map(\.arithmetic) == ["fp32/a"])
        let notes = harness.journal.compactMap { entry -> JobNote? in
            if case .note(let note) = entry { note } else { nil }
        }
        #expect(notes.contains { $0.kind == .engineChanged })
        // The same engine's canary binds.
        guard case .rejected(let rejected) = answers(facts: 1).1 else {
            Issue.record("it was welcome")
            return
        }
        #expect(rejected.code == .canary)
    }
}
