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
        var desk = CoordinatorDesk(rows: 1)
        #expect(desk.join(Samples.identity(slot: "h/0"), from: "first") != nil)
        let others: [(WorkerIdentity, Rejected.Code)] = [
            (Samples.identity(slot: "h/1", model: "other"), .model),
            (Samples.identity(slot: "h/1", engine: 2), .engine),
            (Samples.identity(slot: "h/1", arithmetic: "fp32/b", classes: ["fp32/b"]), .arithmetic),
            (Samples.identity(slot: "h/1", canary: "other"), .canary),
        ]
        for (index, (identity, code)) in others.enumerated() {
            #expect(desk.join(identity, from: "\(index)") == nil)
            let rejected = try #require(desk.rejections(for: "\(index)").last)
            #expect(rejected.code == code && rejected.retryMilliseconds == nil)
        }
        var old = Samples.identity(slot: "h/1")
        old.versionMin = 2
        old.versionMax = 3
        desk.join(old, from: "old")
        #expect(desk.rejections(for: "old").last?.code == .version)
    }

    @Test("the first worker's class is the job's, unless one was named")
    func arithmetic() throws {
        var desk = CoordinatorDesk(rows: 1)
        desk.join(Samples.identity(slot: "h/0", arithmetic: "fp32/wide"), from: "a")
        let narrow = Samples.identity(
            slot: "h/1", instance: 2, arithmetic: "fp32/a", classes: ["fp32/wide", "fp32/a"])
        desk.join(narrow, from: "b")
        #expect(desk.rejections(for: "b").last?.arithmetic == "fp32/wide")
        var named = CoordinatorDesk(rows: 1, arithmetic: "fp32/a")
        named.join(Samples.identity(slot: "h/0", arithmetic: "fp32/wide"), from: "a")
        #expect(named.rejections(for: "a").last?.arithmetic == "fp32/a")
        #expect(named.join(narrow, from: "b") != nil)
    }

    @Test("a newer instance takes the slot once it speaks twice; the old one is sent home")
    func supersede() throws {
        var desk = CoordinatorDesk(rows: 4)
        let old = try desk.joined(Samples.identity(slot: "h/0", instance: 1), from: "a")
        desk.send(.started(Started(session: old, ordinals: [0, 1])), from: "a")
        // A hello may be the late word of a dead process: the slot does not change hands yet.
        let new = try desk.joined(
            Samples.identity(slot: "h/0", instance: 2), from: "b", asks: false)
        #expect(desk.rejections(for: "a").isEmpty)
        let credit = Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000)
        desk.send(.requestWork(RequestWork(session: new, credit: credit)), from: "b")
        desk.turn()
        #expect(desk.rejections(for: "a").map(\.code) == [.superseded])
        // What was in the engine is suspected and runs alone; the rest waits clean.
        #expect(desk.grants(for: "b").first?.isAlone == true)
        desk.join(Samples.identity(slot: "h/0", instance: 1), from: "c")
        #expect(desk.rejections(for: "c").map(\.code) == [.superseded])
    }

    @Test("the same instance over a new connection keeps the leases it lists, and only those")
    func reconnect() throws {
        var desk = CoordinatorDesk(rows: 100, limits: smallLeases)
        _ = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        let grants = desk.grants(for: "a")
        #expect(grants.count > 1)
        let again = try desk.joined(
            Samples.identity(slot: "h/0"), from: "b",
            held: [HeldLease(lease: grants[0].lease, ordinals: grants[0].ordinals)],
            asks: false)
        guard case .welcome(let welcome)? = desk.said.last?.message else {
            Issue.record("no welcome")
            return
        }
        #expect(welcome.session == again && welcome.kept == [grants[0].lease])
        #expect(desk.coordinator.status(at: desk.now).rowsLeased == grants[0].ordinals.count)
    }

    @Test("a silent session is lost after its time; what was started is suspected")
    func silence() throws {
        var desk = CoordinatorDesk(rows: 4)
        let session = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        desk.send(.started(Started(session: session, ordinals: [0])), from: "a")
        desk.turn(after: .seconds(14))
        #expect(desk.coordinator.status(at: desk.now).workers == 1)
        desk.turn(after: .seconds(2))
        #expect(desk.coordinator.status(at: desk.now).workers == 0)
        #expect(suspects(desk) == [0])
        // It is back: it had not crashed, and nothing is held against the row.
        let back = try desk.joined(Samples.identity(slot: "h/0"), from: "b")
        desk.send(heartbeat(back, number: 1, leases: []), from: "b")
        desk.turn()
        #expect(suspects(desk) == [])
        #expect(desk.grants(for: "b").allSatisfy { !$0.isAlone })
    }

    @Test("a lease that two heartbeats do not list goes back without penalty")
    func unlisted() throws {
        var desk = CoordinatorDesk(rows: 4)
        let session = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        let count = desk.grants.count
        desk.send(heartbeat(session, number: 1, leases: []), from: "a")
        desk.turn()
        #expect(desk.grants.count == count)
        desk.send(heartbeat(session, number: 2, leases: []), from: "a")
        desk.turn()
        #expect(desk.grants.count == 2 * count)
        #expect(suspects(desk) == [])
    }

    @Test("a worker that stands still loses its rows, and gets none until it shows progress")
    func stall() throws {
        var desk = CoordinatorDesk(rows: 2)
        let session = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        let leases = desk.grants.map(\.grant.lease)
        desk.send(
            heartbeat(
                session, number: 1, leases: leases, inEngine: [0],
                ageSeconds: StallLimits.sessionStallSeconds + 1), from: "a")
        desk.turn()
        #expect(suspects(desk) == [0])
        let back = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        #expect(desk.grants.count == leases.count)
        desk.finish([0], number: 1, session: back, from: "a")
        desk.turn()
        #expect(desk.grants.last?.grant.ordinals == [1])
        #expect(desk.grants.count == leases.count + 1)
    }

    @Test("a worker that made a step is not stalled, however long its row is predicted to be")
    func noStall() throws {
        var desk = CoordinatorDesk(rows: 2)
        let session = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        let leases = desk.grants.map(\.grant.lease)
        desk.send(
            heartbeat(
                session, number: 1, leases: leases, inEngine: [0],
                ageSeconds: StallLimits.sessionStallSeconds - 1), from: "a")
        desk.turn()
        #expect(suspects(desk) == [])
        #expect(desk.coordinator.status(at: desk.now).workers == 1)
    }

    @Test("what a worker finds a row to be replaces the plan: audio to come, and time to come")
    func measured() throws {
        var desk = CoordinatorDesk(rows: 3)
        let session = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        #expect(desk.coordinator.status(at: desk.now).audioMillisecondsTotal == 30_000)
        var beat = Heartbeat(
            session: session, number: 1, leases: desk.grants.map(\.grant.lease), inEngine: [0],
            progressAgeMilliseconds: 0, isWaitingForWindow: false,
            credit: Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000))
        beat.measured = [
            MeasuredRow(ordinal: 0, length: RowLength(milliseconds: 7_200_000, lanes: 8)),
            MeasuredRow(ordinal: 99, length: RowLength(milliseconds: 1)),
        ]
        desk.send(.heartbeat(beat), from: "a")
        desk.turn()
        #expect(desk.coordinator.status(at: desk.now).audioMillisecondsTotal == 7_220_000)
        #expect(desk.coordinator.contradictions() == [])
        desk.finish([1], number: 1, session: session, from: "a")
        desk.turn()
        let status = desk.coordinator.status(at: desk.now)
        // Every channel is computed: eight times as long as the recording of two hours.
        let left = 8 * 7_200_000 + 10_000
        #expect(status.remainingMilliseconds == left * 1_000 / status.speedMilli)
        desk.finish([0, 2], number: 2, session: session, from: "a")
        desk.turn()
        #expect(desk.coordinator.contradictions() == [])
        #expect(desk.coordinator.status(at: desk.now).audioMillisecondsTotal == 27_000)
    }

    @Test("what is computed of a long row counts while it lasts, and once")
    func computed() throws {
        var desk = CoordinatorDesk(rows: 2)
        let session = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        let leases = desk.grants.map(\.grant.lease)
        func beat(_ number: Int, _ computed: Int) -> WorkerMessage {
            var beat = Heartbeat(
                session: session, number: number, leases: leases, inEngine: [0],
                progressAgeMilliseconds: 0, isWaitingForWindow: false,
                credit: Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000))
            beat.computedMilliseconds = computed
            return .heartbeat(beat)
        }
        desk.send(beat(1, 4_000), from: "a")
        desk.turn()
        desk.send(beat(2, 6_000), from: "a")
        desk.turn()
        var status = desk.coordinator.status(at: desk.now)
        #expect(status.audioMillisecondsDone == 6_000 && status.audioMillisecondsTotal == 20_000)
        #expect(status.remainingMilliseconds == 14_000 * 1_000 / status.speedMilli)
        let speed = status.speedMilli
        desk.finish([0], number: 1, session: session, from: "a")
        desk.turn()
        status = desk.coordinator.status(at: desk.now)
        #expect(status.audioMillisecondsDone == 9_000)
        // Three seconds more of the same row, not nine.
        #expect(status.speedMilli < 2 * speed)
    }

    @Test("status is answered from memory while the disk stands still")
    func status() throws {
        var desk = CoordinatorDesk(rows: 6)
        let session = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        desk.commits = false
        desk.finish([0, 1], number: 1, session: session, from: "a")
        desk.turn()
        let effects = desk.coordinator.handle(
            .statusRequested(from: CoordinatorDesk.peer("op")), at: desk.now)
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
    private func suspects(_ desk: CoordinatorDesk) -> [Int] {
        var last: [Int: AttemptHistory] = [:]
        for case .trouble(let trouble) in desk.journal { last[trouble.ordinal] = trouble }
        return last.values.filter(\.needsToBeAlone).map(\.ordinal).sorted()
    }
}
