internal import ClusterProtocol
internal import Digests
internal import JobState
internal import SpeechTypes
internal import Testing
internal import WorkerCoordination

@Suite("A worker's session")
struct WorkerSessionTests {
    /// A session on a table, with everything it asked for.
    struct Desk {
        var session: WorkerSession
        var now = Instant(nanoseconds: 0)
        var sent: [WorkerMessage] = []
        var given: [Int] = []
        var exit: WorkerExit?
        var reconnects = 0
        var isHeld = false
        var inboxIsClosed = false
        /// Rows that the engine has not taken.
        var inbox: [RowTask] = []

        init(limits: ClusterLimits = ClusterLimits(), roams: Bool = false) {
            session = WorkerSession(
                identity: Samples.identity(slot: "h/0"), limits: limits, roams: roams, at: now)
        }

        mutating func handle(_ event: WorkerEvent) {
            for effect in session.handle(event, at: now) {
                switch effect {
                case .send(let message): sent.append(message)
                case .begin: break
                case .give(let tasks):
                    given += tasks.map(\.ordinal)
                    inbox += tasks
                case .withdraw(let ordinals):
                    let taken = inbox.filter { ordinals.contains($0.ordinal) }.map(\.ordinal)
                    inbox.removeAll { taken.contains($0.ordinal) }
                    handle(.withdrawn(taken))
                case .holdEngine(let hold): isHeld = hold
                case .closeInbox: inboxIsClosed = true
                case .reconnect: reconnects += 1
                case .exit(let reason): exit = reason
                }
            }
        }

        mutating func wait(_ duration: Duration) {
            now = now + duration
            handle(.tick)
        }

        mutating func welcome(
            _ number: Int = 1, epoch: Int = 1, job: String = "job", window: Int = 1_000_000,
            kept: [Int] = []
        ) {
            handle(
                .message(
                    .welcome(
                        Welcome(
                            session: number, epoch: epoch,
                            jobID: Samples.digest(job), arithmetic: "fp32/a",
                            options: RecognitionOptions(), manifestFolder: "/",
                            heartbeatMilliseconds: 5_000, sessionTimeoutMilliseconds: 15_000,
                            windowBytes: window, leaseMilliseconds: 30_000, leaseRowsMax: 256,
                            kept: kept))))
        }

        mutating func lease(_ lease: Int, _ ordinals: [Int], session: Int = 1) {
            let rows = ordinals.map {
                LeaseRow(
                    ordinal: $0, rowDigest: Samples.rowDigest($0), audioMilliseconds: 1_000,
                    raw: [123, 125])
            }
            handle(
                .message(
                    .lease(Lease(session: session, lease: lease, isAlone: false, rows: rows))))
        }

        mutating func start(_ ordinals: [Int]) {
            inbox.removeAll { ordinals.contains($0.ordinal) }
            handle(.engine(.started(ordinals)))
        }

        mutating func finish(_ ordinal: Int, bytes: Int = 10) {
            handle(
                .engine(
                    .finished(
                        FinishedRow(
                            ordinal: ordinal, record: Array(repeating: 65, count: bytes),
                            audioDigest: Array(repeating: 0, count: 16), audioSeconds: 1))))
        }

        var results: [Results] {
            sent.compactMap { if case .results(let results) = $0 { results } else { nil } }
        }

        var kinds: [MessageKind] { sent.map(\.kind) }

        static func ready(window: Int = 1_000_000) -> Desk {
            var desk = Desk()
            desk.handle(.connected)
            desk.welcome(window: window)
            return desk
        }
    }

    @Test("rows that the coordinator wants back are released, unless they were started")
    func revoked() {
        var desk = Desk.ready()
        desk.lease(7, [1, 2, 3, 4])
        desk.start([1])
        desk.handle(.message(.revoke(LeaseRows(session: 1, lease: 7, ordinals: [1, 3, 4]))))
        let releases = desk.sent.compactMap { if case .release(let it) = $0 { it } else { nil } }
        #expect(releases.map(\.ordinals) == [[3, 4]])
        #expect(releases.map(\.reason) == [.revoked])
        #expect(desk.inbox.map(\.ordinal) == [2])
        // Of another lease or session: not ours to give.
        desk.handle(.message(.revoke(LeaseRows(session: 1, lease: 8, ordinals: [2]))))
        desk.handle(.message(.revoke(LeaseRows(session: 9, lease: 7, ordinals: [2]))))
        #expect(desk.inbox.map(\.ordinal) == [2])
    }

    @Test("rows that are recorded elsewhere are forgotten without a word, unless they were started")
    func dismissed() {
        var desk = Desk.ready()
        desk.lease(7, [1, 2])
        desk.start([1])
        let before = desk.sent.count
        desk.handle(.message(.dismiss(LeaseRows(session: 1, lease: 7, ordinals: [1, 2]))))
        #expect(desk.inbox.isEmpty)
        #expect(desk.sent[before...].allSatisfy { $0.kind != .release })
        desk.finish(1)
        desk.wait(.seconds(1))
        #expect(desk.results.flatMap(\.rows).map(\.ordinal) == [1])
    }

    @Test("hello is said on connecting and again, ever later, until there is a welcome")
    func hello() {
        var desk = Desk()
        desk.wait(.seconds(1))
        #expect(desk.sent.isEmpty)
        desk.handle(.connected)
        #expect(desk.kinds == [.hello])
        for _ in 0..<300 { desk.wait(.milliseconds(100)) }
        let hellos = desk.kinds.count
        #expect((8...14).contains(hellos))
        desk.handle(.connected)
        desk.welcome()
        #expect(desk.kinds.last == .requestWork || desk.kinds.last == .heartbeat)
    }

    @Test("rows that end together go in one message, rows before them are not blamed for them")
    func companyAndOrder() {
        var desk = Desk.ready()
        desk.lease(1, [0, 1, 2, 3])
        #expect(desk.given == [0, 1, 2, 3])
        desk.start([0, 1])
        desk.finish(0)
        desk.finish(1)
        #expect(desk.results.isEmpty)
        desk.start([2, 3])
        desk.wait(ClusterLimits().startedLinger)
        #expect(desk.results.map { $0.rows.map(\.ordinal) } == [[0, 1]])
        #expect(desk.kinds.suffix(2) == [.results, .started])
    }

    @Test("what is not recorded is sent again after every welcome, under the same number")
    func resend() {
        var desk = Desk.ready()
        desk.lease(1, [0, 1])
        desk.start([0, 1])
        desk.finish(0)
        desk.wait(.milliseconds(10))
        desk.handle(.disconnected)
        desk.finish(1)
        desk.wait(.milliseconds(10))
        #expect(desk.results.map(\.number) == [1])
        desk.handle(.connected)
        guard case .hello(let hello)? = desk.sent.last else {
            Issue.record("no hello on reconnect")
            return
        }
        #expect(hello.firstNumber == 1)
        #expect(hello.held == [HeldLease(lease: 1, ordinals: [0, 1])])
        desk.welcome(2, kept: [1])
        #expect(desk.results.map(\.number) == [1, 1, 2])
        desk.handle(.message(.recorded(Recorded(session: 2, number: 2))))
        desk.handle(.disconnected)
        desk.handle(.connected)
        desk.welcome(3)
        #expect(desk.results.count == 3)
    }

    @Test("a full window holds results back and the engine still, one message excepted")
    func window() {
        var desk = Desk.ready(window: 5_000)
        desk.lease(1, [0, 1, 2])
        desk.start([0, 1, 2])
        desk.finish(0, bytes: 20_000)
        desk.wait(.milliseconds(10))
        // Larger than the window, and sent all the same: nothing else was on its way.
        #expect(desk.results.map(\.number) == [1])
        #expect(desk.isHeld)
        desk.finish(1)
        desk.wait(.milliseconds(10))
        #expect(desk.results.map(\.number) == [1])
        desk.handle(.message(.recorded(Recorded(session: 1, number: 1))))
        #expect(desk.results.map(\.number) == [1, 2])
        #expect(!desk.isHeld)
    }

    @Test("an older coordinator is not believed")
    func fencing() {
        var desk = Desk()
        desk.handle(.connected)
        desk.welcome(9, epoch: 3)
        desk.handle(.connected)
        let before = desk.sent.count
        desk.welcome(10, epoch: 2)
        desk.lease(5, [1], session: 10)
        #expect(desk.given.isEmpty)
        #expect(desk.sent[before...].allSatisfy { $0.kind == .hello })
    }

    @Test("another job at the same address ends the process, to be started again")
    func otherJob() {
        var desk = Desk.ready()
        desk.handle(.connected)
        desk.welcome(2, job: "another")
        #expect(desk.exit == .otherJob && desk.exit?.status == 75)
    }

    @Test("leases that a beat does not list are dropped, started rows go on")
    func droppedLease() {
        var desk = Desk.ready()
        desk.lease(1, [0, 1, 2])
        desk.start([0])
        // Answers a heartbeat that did not list the lease: means nothing.
        desk.handle(
            .message(
                .beat(
                    Beat(
                        session: 1, number: 1, epoch: 1, leases: [], windowBytes: 1_000_000,
                        recordedNumber: 0))))
        #expect(desk.inbox.count == 2)
        desk.wait(.seconds(5))
        desk.handle(
            .message(
                .beat(
                    Beat(
                        session: 1, number: 2, epoch: 1, leases: [], windowBytes: 1_000_000,
                        recordedNumber: 0))))
        #expect(desk.inbox.isEmpty)
        desk.finish(0)
        desk.wait(.milliseconds(10))
        #expect(desk.results.last?.rows.map(\.ordinal) == [0])
    }

    @Test("a row that is leased again to its holder is not computed twice")
    func leasedAgain() {
        var desk = Desk.ready()
        desk.lease(1, [0, 1])
        desk.start([0])
        desk.lease(2, [0, 5])
        #expect(desk.given == [0, 1, 5])
    }

    @Test("a drain finishes what is in the engine, gives back the rest, and says goodbye")
    func drain() {
        var desk = Desk.ready()
        desk.lease(1, [0, 1, 2])
        desk.start([0])
        desk.handle(.drain)
        #expect(desk.inboxIsClosed && desk.inbox.isEmpty)
        #expect(desk.kinds.contains(.release))
        #expect(desk.exit == nil)
        desk.finish(0)
        desk.wait(.milliseconds(10))
        #expect(desk.exit == nil)
        desk.handle(.message(.recorded(Recorded(session: 1, number: 2))))
        #expect(desk.kinds.last == .goodbye)
        #expect(desk.exit == .drained && desk.exit?.status == 75)
    }

    @Test("a drain without an end is cut short")
    func lateDrain() {
        var desk = Desk.ready()
        desk.lease(1, [0])
        desk.start([0])
        desk.handle(.drain)
        desk.wait(.seconds(24))
        #expect(desk.exit == nil)
        desk.wait(.seconds(2))
        #expect(desk.exit == .drained)
    }

    @Test("a worker that another one replaced says goodbye, so that its rows are not blamed")
    func replaced() {
        var desk = Desk.ready()
        desk.lease(1, [0])
        desk.start([0])
        desk.handle(.message(.rejected(Rejected(code: .superseded, sentence: ""))))
        #expect(desk.kinds.last == .goodbye)
        #expect(desk.exit?.status == 0)
    }

    @Test("exit statuses say whether starting again helps")
    func exits() {
        func exit(_ rejected: Rejected) -> WorkerExit? {
            var desk = Desk()
            desk.handle(.connected)
            desk.handle(.message(.rejected(rejected)))
            return desk.exit
        }
        #expect(exit(Rejected(code: .jobFinished, sentence: ""))?.status == 0)
        #expect(exit(Rejected(code: .superseded, sentence: ""))?.status == 0)
        #expect(exit(Rejected(code: .model, sentence: ""))?.status == 65)
        #expect(
            exit(Rejected(code: .arithmetic, sentence: "", arithmetic: "fp32/a"))
                == .otherArithmetic("fp32/a"))
        #expect(exit(Rejected(code: .fleetFull, sentence: "", retryMilliseconds: 10)) == nil)
    }

    @Test("an engine that stands still is ended, one that waits for the window is not")
    func watchdog() {
        var desk = Desk.ready()
        desk.lease(1, [0])
        desk.start([0])
        let seconds = StallLimits.engineSeconds
        for _ in 0..<seconds { desk.wait(.seconds(1)) }
        #expect(desk.exit == nil)
        for _ in 0..<2 { desk.wait(.seconds(1)) }
        #expect(desk.exit?.status == 70)
        var waiting = Desk.ready(window: 1_000)
        waiting.lease(1, [0, 1])
        waiting.start([0])
        waiting.finish(0, bytes: 5_000)
        for _ in 0..<3 * seconds { waiting.wait(.seconds(1)) }
        #expect(waiting.isHeld && waiting.exit == nil)
    }

    @Test("a worker without a coordinator makes new sockets, and gives up after an hour")
    func givesUp() {
        var desk = Desk.ready()
        for _ in 0..<200 { desk.wait(.seconds(16)) }
        #expect(desk.reconnects > 150 && desk.exit == nil)
        for _ in 0..<40 { desk.wait(.seconds(16)) }
        #expect(desk.exit?.status == 75)
    }

    @Test("an engine's error is said before the end, with the results there are")
    func engineError() {
        var desk = Desk.ready()
        desk.lease(1, [0, 1])
        desk.start([0, 1])
        desk.finish(0)
        desk.handle(.engineEnded(error: "no memory"))
        #expect(desk.kinds.suffix(2) == [.results, .goodbye])
        #expect(desk.exit?.status == 70)
    }
}
