internal import ClusterProtocol
internal import Coordination
internal import Digests
internal import JobState
internal import SpeechTypes
internal import Testing

/// Rows 0 and 1 are 5 minutes long and cut into 5 spans each; rows 2 to 4 are short.
///
/// Spans of row 0 have the ordinals 5 to 9, those of row 1 the ordinals 10 to 14.
private struct LongRows: RowPlan {
    let rowCount = 5
    func ordinal(atRank rank: Int) -> Int { rank }
    func audioMilliseconds(of ordinal: Int) -> Int { ordinal < 2 ? 300_000 : 1_000 }
    func source(of ordinal: Int) -> String { "here" }
    func rawBytes(of ordinal: Int) -> Int { 20 }
    func rowDigest(of ordinal: Int) -> ShortDigest { Samples.rowDigest(ordinal) }
}

@Suite("Rows that several workers share")
struct SharedRowTests {
    private var limits: ClusterLimits {
        var limits = ClusterLimits()
        limits.sharedMillisecondsMin = 60_000
        limits.sharedShareOfJob = 1_000
        limits.spanWindows = 2
        return limits
    }

    private func harness(_ limits: ClusterLimits? = nil, replay: ReplayState? = nil)
        -> CoordinatorHarness
    {
        var harness = CoordinatorHarness(rows: 5)
        harness.coordinator = Coordinator(
            configuration: .init(
                identity: Samples.job(rows: 5), manifestFolder: "/data",
                limits: limits ?? self.limits, sharesRows: true),
            plan: LongRows(),
            replay: replay ?? ReplayState(epoch: 1, recorded: RowSet(rowCount: 5)),
            at: harness.now)
        return harness
    }

    private func worker(_ slot: String, instance: Int = 1, old: Bool = false) -> WorkerIdentity {
        var identity = Samples.identity(slot: slot, instance: instance)
        identity.computesSpans = !old
        return identity
    }

    private func result(_ harness: CoordinatorHarness, _ ordinal: Int, row: Int) -> ResultRow {
        var result = harness.result(
            ordinal, record: ordinal < 5 ? "{\"row\":\(ordinal)}" : "span \(ordinal)",
            digestOf: row)
        result.audioMilliseconds = ordinal < 5 ? (row < 2 ? 300_000 : 1_000) : 60_000
        return result
    }

    private func row(of ordinal: Int) -> Int { ordinal < 5 ? ordinal : (ordinal - 5) / 5 }

    private func send(
        _ harness: inout CoordinatorHarness, _ ordinals: [Int], number: Int, _ session: Int,
        _ peer: String
    ) {
        let rows = ordinals.map { result(harness, $0, row: row(of: $0)) }
        harness.send(
            .results(Results(session: session, number: number, rows: rows)), from: peer)
        harness.turn()
    }

    /// Does all that `peer` is given, one ordinal at a time, until there is nothing more.
    private func work(
        _ harness: inout CoordinatorHarness, _ session: Int, _ peer: String, number: inout Int
    ) -> [Int] {
        var done: [Int] = []
        while true {
            let open = harness.grants(for: peer).flatMap(\.ordinals).filter { !done.contains($0) }
            guard let next = open.first else { return done }
            send(&harness, [next], number: number, session, peer)
            number += 1
            done.append(next)
        }
    }

    @Test(
        "the spans of the longest row are given out in their order, and then the row made of them")
    func oneWorker() throws {
        var harness = harness()
        let session = try harness.joined(worker("h/0"), from: "a")
        var number = 1
        let done = work(&harness, session, "a", number: &number)
        #expect(done.filter { $0 >= 5 } == Array(5..<15))
        #expect(Set(done) == Set(0..<15))
        #expect(done.firstIndex(of: 0).map { $0 > 4 } ?? false)
        let grants = harness.grants(for: "a")
        let parts = grants.flatMap { $0.parts }
        #expect(
            parts.first { $0.key == 5 }?.value
                == .span(RowSpan(firstWindow: 0, endWindow: 2)))
        #expect(
            parts.first { $0.key == 9 }?.value
                == .span(RowSpan(firstWindow: 8, endWindow: nil)))
        #expect(
            parts.first { $0.key == 0 }?.value
                == .join((5..<10).map { Array("span \($0)".utf8) }))
        #expect(harness.isFinished)
        #expect(harness.outcome(0)?.record == Array("{\"row\":0}".utf8))
        #expect(harness.outcome(0)?.audioMilliseconds == 300_000)
    }

    /// What forbids it, and what a job of it is called.
    struct Forbidding: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var change: @Sendable (inout RecognitionOptions) -> Void
    }

    @Test(
        "where sums go over a whole row, or one frame needs those before, nobody is given a part of it",
        arguments: [
            Forbidding(testDescription: "calibration") { $0.isCalibrated = true },
            Forbidding(testDescription: "features") { $0.hasFeatures = true },
            Forbidding(testDescription: "one pass") { $0.chunking = .off },
            Forbidding(testDescription: "channels") { $0.channels = .each },
            Forbidding(testDescription: "alignment") { $0.alignment = TextAlignmentOptions() },
            Forbidding(testDescription: "log-probabilities") { $0.logitsDirectory = "/logits" },
        ])
    func forbidden(by forbidding: Forbidding) throws {
        var harness = harness()
        var identity = Samples.job(rows: 5)
        forbidding.change(&identity.options)
        harness.coordinator = Coordinator(
            configuration: .init(
                identity: identity, manifestFolder: "/data", limits: limits, sharesRows: true),
            plan: LongRows(), replay: ReplayState(epoch: 1, recorded: RowSet(rowCount: 5)),
            at: harness.now)
        _ = try harness.joined(worker("h/0"), from: "a")
        _ = try harness.joined(worker("h/1", instance: 2), from: "b")
        let grants = [harness.grants(for: "a"), harness.grants(for: "b")]
        #expect(grants.allSatisfy { !$0.isEmpty })
        #expect(grants.joined().allSatisfy { $0.parts.isEmpty })
        #expect(Set(grants.joined().flatMap(\.ordinals)) == Set(0..<5))
    }

    @Test("two workers have spans of one row at a time")
    func twoWorkers() throws {
        var harness = harness()
        _ = try harness.joined(worker("h/0"), from: "a")
        _ = try harness.joined(worker("h/1", instance: 2), from: "b")
        let rows = { (peer: String) in
            Set(harness.grants(for: peer).flatMap(\.ordinals).filter { $0 >= 5 }.map(row(of:)))
        }
        #expect(rows("a").contains(0) && rows("b").contains(0))
        #expect(harness.coordinator.contradictions().isEmpty)
    }

    @Test("nothing of spans is journalled, and their seconds are counted once")
    func journal() throws {
        var harness = harness()
        let session = try harness.joined(worker("h/0"), from: "a")
        var number = 1
        send(&harness, [5, 6], number: number, session, "a")
        number += 1
        var status = harness.coordinator.status(at: harness.now)
        #expect(status.rowsTotal == 5)
        #expect(status.rowsTranscribed == 0)
        #expect(status.audioMillisecondsDone == 120_000)
        #expect(status.audioMillisecondsTotal == 603_000)
        _ = work(&harness, session, "a", number: &number)
        status = harness.coordinator.status(at: harness.now)
        #expect(status.audioMillisecondsDone == 603_000)
        #expect(status.audioMillisecondsTotal == 603_000)
        for entry in harness.journal {
            switch entry {
            case .outcome(let outcome): #expect(outcome.ordinal < 5)
            case .leaseGranted(let lease): #expect(lease.ordinals.allSatisfy { $0 < 5 })
            case .leaseStarted(_, let ordinals): #expect(ordinals.allSatisfy { $0 < 5 })
            case .history(let history): #expect(history.ordinal < 5)
            default: break
            }
        }
    }

    @Test(
        "a worker of an earlier release never gets a span, and where there is no other, rows are whole"
    )
    func olderWorkers() throws {
        var mixed = harness()
        _ = try mixed.joined(worker("h/0"), from: "new")
        _ = try mixed.joined(worker("h/1", instance: 2, old: true), from: "old")
        #expect(mixed.grants(for: "old").flatMap(\.ordinals).allSatisfy { (2..<5).contains($0) })
        #expect(mixed.grants(for: "old").allSatisfy { $0.parts.isEmpty })
        #expect(mixed.grants(for: "new").flatMap(\.ordinals).contains { $0 >= 5 })

        var old = harness()
        let session = try old.joined(worker("h/1", old: true), from: "old")
        var number = 1
        let done = work(&old, session, "old", number: &number)
        #expect(Set(done) == Set(0..<5))
        #expect(old.grants(for: "old").allSatisfy { $0.parts.isEmpty })
        #expect(old.isFinished)
    }

    @Test("a lost worker loses its span, which another one computes")
    func lostWorker() throws {
        var harness = harness()
        let session = try harness.joined(worker("h/0"), from: "a")
        let lost = harness.grants(for: "a").flatMap(\.ordinals).filter { $0 >= 5 }
        #expect(!lost.isEmpty)
        harness.send(.started(Started(session: session, ordinals: [5])), from: "a")
        harness.handle(.workerExited(slot: "h/0", instance: nil, .killed))
        harness.turn()
        #expect(harness.coordinator.contradictions().isEmpty)
        let other = try harness.joined(worker("h/1", instance: 2), from: "b")
        var number = 1
        let done = work(&harness, other, "b", number: &number)
        #expect(Set(done) == Set(0..<15))
        #expect(harness.isFinished)
        #expect(harness.outcome(0)?.status == .transcribed)
    }

    @Test("what becomes of a span becomes of its row, and the other spans are nobody's any more")
    func failingSpan() throws {
        var harness = harness()
        let one = try harness.joined(worker("h/0"), from: "a")
        let two = try harness.joined(worker("h/1", instance: 2), from: "b")
        func lease(_ peer: String, _ ordinal: Int) -> Int? {
            harness.grants(for: peer).last { $0.ordinals.contains(ordinal) }?.lease
        }
        func fail(_ peer: String, _ session: Int, number: Int) throws {
            let lease = try #require(lease(peer, 5))
            harness.send(
                .failure(
                    Failure(
                        session: session, number: number, lease: lease, ordinal: 5,
                        rowDigest: Samples.rowDigest(0), failureClass: .input,
                        code: .audioDamaged, detail: "test")), from: peer)
            harness.turn()
        }
        try fail("a", one, number: 1)
        #expect(harness.outcome(0) == nil)
        // The other one is asked when it has room.
        var number = 1
        while lease("b", 5) == nil {
            let open = harness.grants(for: "b").flatMap(\.ordinals)
            try #require(number <= open.count)
            send(&harness, [open[number - 1]], number: number, two, "b")
            number += 1
        }
        try fail("b", two, number: number)
        #expect(harness.outcome(0)?.code == .audioDamaged)
        #expect(harness.coordinator.contradictions().isEmpty)
        let dismissed = harness.said.compactMap { item -> [Int]? in
            if case .dismiss(let rows) = item.message { rows.ordinals } else { nil }
        }.flatMap { $0 }
        #expect(dismissed.allSatisfy { (5..<10).contains($0) })
    }

    @Test("a restart computes spans again, and takes those that are still on their way")
    func restart() throws {
        var first = harness()
        let session = try first.joined(worker("h/0"), from: "a")
        send(&first, [5, 6], number: 1, session, "a")
        let leases = first.journal.compactMap { entry -> LeaseRecord? in
            if case .leaseGranted(let record) = entry { record } else { nil }
        }
        var replay = ReplayState(epoch: 2, recorded: RowSet(rowCount: 5))
        replay.lastLease = leases.map(\.lease).max() ?? 0
        replay.openLeases = leases
        var second = harness(replay: replay)
        let held = leases.last.map { HeldLease(lease: $0.lease, ordinals: [7]) }
        let again = try second.joined(
            worker("h/0"), from: "a", held: held.map { [$0] } ?? [], inEngine: [7])
        send(&second, [7], number: 1, again, "a")
        #expect(second.coordinator.status(at: second.now).audioMillisecondsDone == 60_000)
        var number = 2
        _ = work(&second, again, "a", number: &number)
        #expect(second.isFinished)
        #expect(second.outcome(0)?.record == Array("{\"row\":0}".utf8))
        #expect(second.coordinator.contradictions().isEmpty)
    }

    @Test(
        "a row that leaves more than one message holds, or cannot be made of its spans, is computed whole"
    )
    func wholeAfterAll() throws {
        var limits = limits
        limits.joinBytesMax = 10
        var large = harness(limits)
        let session = try large.joined(worker("h/0"), from: "a")
        var number = 1
        _ = work(&large, session, "a", number: &number)
        #expect(large.grants(for: "a").allSatisfy { $0.parts[0] == nil })
        #expect(large.isFinished)

        var failing = harness()
        let other = try failing.joined(worker("h/0"), from: "a")
        var next = 1
        func lease(of row: Int) -> LeaseGrant? {
            failing.grants(for: "a").last { $0.ordinals.contains(row) }
        }
        var done: Set<Int> = []
        while lease(of: 0) == nil {
            let open = failing.grants(for: "a").flatMap(\.ordinals).filter { !done.contains($0) }
            let ordinal = try #require(open.first)
            send(&failing, [ordinal], number: next, other, "a")
            done.insert(ordinal)
            next += 1
        }
        let join = try #require(lease(of: 0))
        #expect(join.parts[0] != nil)
        failing.fail(
            0, .engine, .quarantinedEngine, number: next, lease: join.lease, session: other,
            from: "a")
        next += 1
        done.insert(0)
        while lease(of: 0)?.lease == join.lease {
            let open = failing.grants(for: "a").flatMap(\.ordinals).filter { !done.contains($0) }
            let ordinal = try #require(open.first)
            send(&failing, [ordinal], number: next, other, "a")
            done.insert(ordinal)
            next += 1
        }
        let whole = try #require(lease(of: 0))
        #expect(whole.lease > join.lease && whole.parts[0] == nil)
        #expect(failing.coordinator.contradictions().isEmpty)
    }

    @Test("a record does not pass for a span, nor what stands for a span for a record")
    func mixedUp() throws {
        var harness = harness()
        let session = try harness.joined(worker("h/0"), from: "a")
        var span = result(harness, 5, row: 0)
        span.ordinal = 0
        var record = result(harness, 0, row: 0)
        record.ordinal = 5
        harness.send(
            .results(Results(session: session, number: 1, rows: [span, record])), from: "a")
        harness.turn()
        #expect(harness.outcome(0) == nil)
        #expect(harness.coordinator.status(at: harness.now).audioMillisecondsDone == 0)
    }
}
