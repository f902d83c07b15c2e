internal import ClusterProtocol
internal import Digests
internal import Foundation
internal import JobState
internal import SpeechTypes
internal import Testing
internal import WorkerCoordination

@Suite("A worker's session")
struct WorkerSessionTests {
    /// A session on a table, with everything it asked for.
    struct Harness {
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

        init(limits: ClusterLimits = ClusterLimits(), hasAlternatives: Bool = false) {
            session = WorkerSession(
                identity: Samples.identity(slot: "h/0"), limits: limits,
                hasAlternatives: hasAlternatives, at: now)
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

        static func ready(window: Int = 1_000_000) -> Harness {
            var harness = Harness()
            harness.handle(.connected)
            harness.welcome(window: window)
            return harness
        }
    }

    @Test("rows that the coordinator wants back are released, unless they were started")
    func revoked() {
        var harness = Harness.ready()
        harness.lease(7, [1, 2, 3, 4])
        harness.start([1])
        harness.handle(.message(.revoke(LeaseRows(session: 1, lease: 7, ordinals: [1, 3, 4]))))
        let releases = harness.sent.compactMap { if case .release(let it) = $0 { it } else { nil } }
        #expect(releases.map(\.ordinals) == [[3, 4]])
        #expect(releases.map(\.reason) == [.revoked])
        #expect(harness.inbox.map(\.ordinal) == [2])
        // Of another lease or session: not ours to give.
        harness.handle(.message(.revoke(LeaseRows(session: 1, lease: 8, ordinals: [2]))))
        harness.handle(.message(.revoke(LeaseRows(session: 9, lease: 7, ordinals: [2]))))
        #expect(harness.inbox.map(\.ordinal) == [2])
    }

    @Test("rows that are recorded elsewhere are forgotten without a word, unless they were started")
    func dismissed() {
        var harness = Harness.ready()
        harness.lease(7, [1, 2])
        harness.start([1])
        let before = harness.sent.count
        harness.handle(.message(.dismiss(LeaseRows(session: 1, lease: 7, ordinals: [1, 2]))))
        #expect(harness.inbox.isEmpty)
        #expect(harness.sent[before...].allSatisfy { $0.kind != .release })
        harness.finish(1)
        harness.wait(.seconds(1))
        #expect(harness.results.flatMap(\.rows).map(\.ordinal) == [1])
    }

    @Test("hello is said on connecting and again, ever later, until there is a welcome")
    func hello() {
        var harness = Harness()
        harness.wait(.seconds(1))
        #expect(harness.sent.isEmpty)
        harness.handle(.connected)
        #expect(harness.kinds == [.hello])
        for _ in 0..<300 { harness.wait(.milliseconds(100)) }
        let hellos = harness.kinds.count
        #expect((8...14).contains(hellos))
        harness.handle(.connected)
        harness.welcome()
        #expect(harness.kinds.last == .requestWork || harness.kinds.last == .heartbeat)
    }

    @Test("rows that end together go in one message, rows before them are not blamed for them")
    func companyAndOrder() {
        var harness = Harness.ready()
        harness.lease(1, [0, 1, 2, 3])
        #expect(harness.given == [0, 1, 2, 3])
        harness.start([0, 1])
        harness.finish(0)
        harness.finish(1)
        #expect(harness.results.isEmpty)
        harness.start([2, 3])
        harness.wait(ClusterLimits().startedLinger)
        #expect(harness.results.map { $0.rows.map(\.ordinal) } == [[0, 1]])
        #expect(harness.kinds.suffix(2) == [.results, .started])
    }

    @Test("what is not recorded is sent again after every welcome, under the same number")
    func resend() {
        var harness = Harness.ready()
        harness.lease(1, [0, 1])
        harness.start([0, 1])
        harness.finish(0)
        harness.wait(.milliseconds(10))
        harness.handle(.disconnected)
        harness.finish(1)
        harness.wait(.milliseconds(10))
        #expect(harness.results.map(\.number) == [1])
        harness.handle(.connected)
        guard case .hello(let hello)? = harness.sent.last else {
            Issue.record("no hello on reconnect")
            return
        }
        #expect(hello.firstNumber == 1)
        #expect(hello.held == [HeldLease(lease: 1, ordinals: [0, 1])])
        harness.welcome(2, kept: [1])
        #expect(harness.results.map(\.number) == [1, 1, 2])
        harness.handle(.message(.recorded(Recorded(session: 2, number: 2))))
        harness.handle(.disconnected)
        harness.handle(.connected)
        harness.welcome(3)
        #expect(harness.results.count == 3)
    }

    @Test("a full window holds results back and the engine still, one message excepted")
    func window() {
        var harness = Harness.ready(window: 5_000)
        harness.lease(1, [0, 1, 2])
        harness.start([0, 1, 2])
        harness.finish(0, bytes: 20_000)
        harness.wait(.milliseconds(10))
        // Larger than the window, and sent all the same: nothing else was on its way.
        #expect(harness.results.map(\.number) == [1])
        #expect(harness.isHeld)
        harness.finish(1)
        harness.wait(.milliseconds(10))
        #expect(harness.results.map(\.number) == [1])
        harness.handle(.message(.recorded(Recorded(session: 1, number: 1))))
        #expect(harness.results.map(\.number) == [1, 2])
        #expect(!harness.isHeld)
    }

    @Test("an older coordinator is not believed")
    func fencing() {
        var harness = Harness()
        harness.handle(.connected)
        harness.welcome(9, epoch: 3)
        harness.handle(.connected)
        let before = harness.sent.count
        harness.welcome(10, epoch: 2)
        harness.lease(5, [1], session: 10)
        #expect(harness.given.isEmpty)
        #expect(harness.sent[before...].allSatisfy { $0.kind == .hello })
    }

    @Test("another job at the same address ends the process, to be started again")
    func otherJob() {
        var harness = Harness.ready()
        harness.handle(.connected)
        harness.welcome(2, job: "another")
        #expect(harness.exit == .otherJob && harness.exit?.status == 75)
    }

    @Test("leases that a beat does not list are dropped, started rows go on")
    func droppedLease() {
        var harness = Harness.ready()
        harness.lease(1, [0, 1, 2])
        harness.start([0])
        // Answers a heartbeat that did not list the lease: means nothing.
        harness.handle(
            .message(
                .beat(
                    Beat(
                        session: 1, number: 1, epoch: 1, leases: [], windowBytes: 1_000_000,
                        recordedNumber: 0))))
        #expect(harness.inbox.count == 2)
        harness.wait(.seconds(5))
        harness.handle(
            .message(
                .beat(
                    Beat(
                        session: 1, number: 2, epoch: 1, leases: [], windowBytes: 1_000_000,
                        recordedNumber: 0))))
        #expect(harness.inbox.isEmpty)
        harness.finish(0)
        harness.wait(.milliseconds(10))
        #expect(harness.results.last?.rows.map(\.ordinal) == [0])
    }

    @Test("a row that is leased again to its holder is not computed twice")
    func leasedAgain() {
        var harness = Harness.ready()
        harness.lease(1, [0, 1])
        harness.start([0])
        harness.lease(2, [0, 5])
        #expect(harness.given == [0, 1, 5])
    }

    @Test("a drain finishes what is in the engine, gives back the rest, and says goodbye")
    func drain() {
        var harness = Harness.ready()
        harness.lease(1, [0, 1, 2])
        harness.start([0])
        harness.handle(.drain)
        #expect(harness.inboxIsClosed && harness.inbox.isEmpty)
        #expect(harness.kinds.contains(.release))
        #expect(harness.exit == nil)
        harness.finish(0)
        harness.wait(.milliseconds(10))
        #expect(harness.exit == nil)
        harness.handle(.message(.recorded(Recorded(session: 1, number: 2))))
        #expect(harness.kinds.last == .goodbye)
        #expect(harness.exit == .drained && harness.exit?.status == 75)
    }

    @Test("a drain without an end is cut short")
    func lateDrain() {
        var harness = Harness.ready()
        harness.lease(1, [0])
        harness.start([0])
        harness.handle(.drain)
        harness.wait(.seconds(24))
        #expect(harness.exit == nil)
        harness.wait(.seconds(2))
        #expect(harness.exit == .drained)
    }

    @Test("a worker that another one replaced says goodbye, so that its rows are not blamed")
    func replaced() {
        var harness = Harness.ready()
        harness.lease(1, [0])
        harness.start([0])
        harness.handle(.message(.rejected(Rejected(code: .superseded, sentence: ""))))
        #expect(harness.kinds.last == .goodbye)
        #expect(harness.exit?.status == 0)
    }

    @Test("exit statuses say whether starting again helps")
    func exits() {
        func exit(_ rejected: Rejected) -> WorkerExit? {
            var harness = Harness()
            harness.handle(.connected)
            harness.handle(.message(.rejected(rejected)))
            return harness.exit
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
        var harness = Harness.ready()
        harness.lease(1, [0])
        harness.start([0])
        let seconds = StallLimits.engineSeconds
        for _ in 0..<seconds { harness.wait(.seconds(1)) }
        #expect(harness.exit == nil)
        for _ in 0..<2 { harness.wait(.seconds(1)) }
        #expect(harness.exit?.status == 70)
        var waiting = Harness.ready(window: 1_000)
        waiting.lease(1, [0, 1])
        waiting.start([0])
        waiting.finish(0, bytes: 5_000)
        for _ in 0..<3 * seconds { waiting.wait(.seconds(1)) }
        #expect(waiting.isHeld && waiting.exit == nil)
    }

    @Test("a worker without a coordinator makes new sockets, and gives up after an hour")
    func givesUp() {
        var harness = Harness.ready()
        for _ in 0..<200 { harness.wait(.seconds(16)) }
        #expect(harness.reconnects > 150 && harness.exit == nil)
        for _ in 0..<40 { harness.wait(.seconds(16)) }
        #expect(harness.exit?.status == 75)
    }

    @Test("an engine's error is said before the end, with the results there are")
    func engineError() {
        var harness = Harness.ready()
        harness.lease(1, [0, 1])
        harness.start([0, 1])
        harness.finish(0)
        harness.handle(.engineEnded(error: "no memory"))
        #expect(harness.kinds.suffix(2) == [.results, .goodbye])
        #expect(harness.exit?.status == 70)
    }

    @Test(
        "a coordinator that does not say its engine is of an earlier release: it is upgraded first")
    func coordinatorFirst() throws {
        // The frame of the last release's coordinator.
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
            .appending(path: "Fixtures/former-release/wire/rejected.bin")
        guard case .coordinator(let refusal) = try MessageCodec.decode(Array(Data(contentsOf: url)))
        else {
            Issue.record("not a coordinator's message")
            return
        }
        var harness = Harness()
        harness.handle(.connected)
        harness.handle(.message(refusal))
        guard case .refused(let rejected) = harness.exit else {
            Issue.record("\(String(describing: harness.exit))")
            return
        }
        #expect(harness.exit?.status == 65)
        #expect(rejected.sentence.hasPrefix("the job needs engine 2, the worker has 3"))
        #expect(rejected.sentence.hasSuffix("; \(Rejected.coordinatorFirst)"))
    }

    @Test("a recipe that the worker does not arrive at ends it before it has rows")
    func otherRecipe() {
        func welcome(artefact: String?) -> Welcome {
            var artefacts = ModelArtefacts(acousticModel: Samples.digest("model"))
            if let artefact { artefacts.further["language_model"] = Samples.digest(artefact) }
            return Welcome(
                session: 1, epoch: 1, jobID: Samples.digest("job"), arithmetic: "fp32/a",
                options: RecognitionOptions(), manifestFolder: "/", heartbeatMilliseconds: 5_000,
                sessionTimeoutMilliseconds: 15_000, windowBytes: 1_000_000,
                leaseMilliseconds: 30_000, leaseRowsMax: 256, kept: [],
                recipeDigest: TranscriptRecipe(artefacts: artefacts, options: .init()).digest)
        }
        var harness = Harness()
        harness.handle(.connected)
        harness.handle(.message(.welcome(welcome(artefact: nil))))
        #expect(harness.exit == nil)
        var other = Harness()
        other.handle(.connected)
        other.handle(.message(.welcome(welcome(artefact: "words"))))
        guard case .refused(let rejected) = other.exit else {
            Issue.record("\(String(describing: other.exit))")
            return
        }
        #expect(rejected.sentence.contains("upgrade the worker"))
    }
}
