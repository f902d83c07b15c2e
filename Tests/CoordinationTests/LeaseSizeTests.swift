internal import ClusterProtocol
internal import Coordination
internal import Digests
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("How much is leased")
struct LeaseSizeTests {
    /// Lengths by ordinal; the longest first.
    private struct Lengths: RowPlan {
        let milliseconds: [Int]
        let ranks: [Int]

        init(_ milliseconds: [Int]) {
            self.milliseconds = milliseconds
            ranks = milliseconds.indices.sorted {
                (milliseconds[$1], $0) < (milliseconds[$0], $1)
            }
        }

        var rowCount: Int { milliseconds.count }
        func ordinal(atRank rank: Int) -> Int { ranks[rank] }
        func audioMilliseconds(of ordinal: Int) -> Int { milliseconds[ordinal] }
        func source(of ordinal: Int) -> String { "" }
        func rawBytes(of ordinal: Int) -> Int { 20 }
        func rowDigest(of ordinal: Int) -> ShortDigest { Samples.rowDigest(ordinal) }
    }

    /// Leases that a lone worker of the given speed gets at first.
    private func grants(_ plan: any RowPlan, speed: Int, credit: Int, rows: Int = 512) -> [[Int]] {
        var coordinator = Coordinator(
            configuration: .init(identity: Samples.job(rows: plan.rowCount), manifestFolder: "/"),
            plan: plan,
            replay: ReplayState(epoch: 1, recorded: RowSet(rowCount: plan.rowCount)),
            at: Instant(nanoseconds: 0))
        var granted: [[Int]] = []
        var session = 0
        var now = Instant(nanoseconds: 0)
        func run(_ events: [CoordinatorEvent]) {
            var queue = events + [.turnEnded]
            while !queue.isEmpty {
                for effect in coordinator.handle(queue.removeFirst(), at: now) {
                    switch effect {
                    case .commit(let batch):
                        queue.append(.commitFinished(batch: batch.number))
                        queue.append(.turnEnded)
                    case .send(.welcome(let welcome), _): session = welcome.session
                    case .sendLease(let grant, _): granted.append(grant.ordinals)
                    default: break
                    }
                }
                now = now + .milliseconds(10)
            }
        }
        let peer = PeerID([1])
        let hello = Hello(
            identity: Samples.identity(slot: "h/0"), firstNumber: 1, held: [], inEngine: [])
        run([.message(.hello(hello), from: peer)])
        let offered = Credit(audioMilliseconds: credit, rows: rows, speed: speed)
        run([
            .message(.requestWork(RequestWork(session: session, credit: offered)), from: peer)
        ])
        return granted
    }

    @Test("about half a minute of work at the worker's speed, longest rows first")
    func size() {
        let plan = Lengths((0..<4_000).map { 1_000 + $0 % 7 * 1_000 })
        let first = grants(plan, speed: 2_000, credit: 120_000)
        #expect(first.count == 2)
        for lease in first {
            #expect((50_000...60_000).contains(lease.reduce(0) { $0 + plan.milliseconds[$1] }))
        }
        let lengths = first.flatMap { $0 }.map { plan.milliseconds[$0] }
        #expect(lengths == lengths.sorted(by: >))
    }

    @Test("never more rows than a lease may have, and never more than is asked for")
    func bounds() {
        let short = Lengths(Array(repeating: 10, count: 4_000))
        #expect(grants(short, speed: 100_000, credit: 6_000_000).map(\.count) == [256, 256])
        #expect(grants(short, speed: 100_000, credit: 6_000_000, rows: 10).map(\.count) == [5, 5])
        #expect(grants(short, speed: 100_000, credit: 0, rows: 0).isEmpty)
    }

    @Test("an idle worker gets a row that is longer than its credit, alone in its lease")
    func longRow() {
        #expect(grants(Lengths([90_000_000, 5_000]), speed: 1_000, credit: 60_000) == [[0]])
    }

    @Test("leases shrink when the end is near")
    func tail() {
        let plan = Lengths(Array(repeating: 1_000, count: 40))
        let counts = grants(plan, speed: 1_000, credit: 60_000).map(\.count)
        // 40 s are left: half of that, then half of the rest.
        #expect(counts == [20, 10, 5, 2, 1, 1, 1])
    }
}
