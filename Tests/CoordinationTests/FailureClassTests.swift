internal import ClusterProtocol
internal import Coordination
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("What each class of failure costs")
struct FailureClassTests {
    /// Fails the row in the newest lease that has it.
    ///
    /// - Returns: false if nobody has it now.
    private func fail(
        _ harness: inout CoordinatorHarness, _ ordinal: Int, _ failureClass: FailureClass,
        _ code: FailureCode
    ) -> Bool {
        let current = harness.coordinator.hardState.openLeases.last {
            $0.ordinals.contains(ordinal)
        }
        guard let lease = current,
            let peer = harness.grants.last(where: { $0.grant.lease == lease.lease })?.peer
        else { return false }
        numbers[lease.session, default: 0] += 1
        harness.send(
            .failure(
                Failure(
                    session: lease.session, number: numbers[lease.session] ?? 0,
                    lease: lease.lease, ordinal: ordinal, rowDigest: Samples.rowDigest(ordinal),
                    failureClass: failureClass, code: code, detail: "test")),
            from: String(decoding: peer.bytes, as: UTF8.self))
        harness.turn()
        return true
    }

    /// The last number that each session sent.
    private final class Numbers {
        var values: [Int: Int] = [:]
        subscript(session: Int, default value: Int) -> Int {
            get { values[session] ?? value }
            set { values[session] = newValue }
        }
        subscript(session: Int) -> Int? { values[session] }
    }
    private let numbers = Numbers()

    private func slots(_ harness: CoordinatorHarness, with ordinal: Int) -> [String] {
        harness.journal.compactMap { entry in
            guard case .leaseGranted(let lease) = entry, lease.ordinals.contains(ordinal) else {
                return nil
            }
            return lease.slot
        }
    }

    @Test("a source that does not answer is tried again ever later, twelve times")
    func source() throws {
        var harness = CoordinatorHarness(rows: 1)
        harness.join(Samples.identity(slot: "h/0"), from: "a")
        var gaps: [Int] = []
        while harness.outcome(0) == nil, gaps.count < 20 {
            #expect(fail(&harness, 0, .source, .quarantinedSource))
            let start = harness.now
            while harness.outcome(0) == nil, harness.coordinator.hardState.openLeases.isEmpty,
                harness.now - start < .seconds(1_000)
            {
                // The worker goes on beating, as it were.
                harness.send(
                    .requestWork(
                        RequestWork(
                            session: 1 << 32 | 1,
                            credit: Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000))),
                    from: "a")
                harness.turn(after: .milliseconds(500))
            }
            gaps.append((harness.now - start).wholeMilliseconds)
        }
        #expect(harness.outcome(0)?.code == .quarantinedSource)
        #expect(gaps.count == 12)
        #expect(gaps[0] >= 1_000 && gaps[0] < 2_500)
        #expect(gaps[5] >= 32_000 && gaps[5] < 42_000)
        #expect(gaps[10] >= 300_000 && gaps[10] < 380_000)
    }

    @Test("rows of a source that is away wait behind it uncharged, and the others go on")
    func breaker() throws {
        var limits = ClusterLimits()
        limits.leaseRowsMax = 4
        var harness = CoordinatorHarness(rows: 100, limits: limits)
        for (index, host) in ["a", "b", "c"].enumerated() {
            harness.join(Samples.identity(slot: "\(host)/0", instance: index + 1), from: host)
        }
        for turn in 0..<200 {
            // Of each worker in turn.
            let near = harness.coordinator.hardState.openLeases.flatMap { lease in
                lease.ordinals.filter { $0 < 50 }.map { (slot: lease.slot, ordinal: $0) }
            }
            guard let any = near.first else { break }
            let slot = ["a/0", "b/0", "c/0"][turn % 3]
            let ordinal = (near.first { $0.slot == slot } ?? any).ordinal
            #expect(fail(&harness, ordinal, .source, .quarantinedSource))
        }
        // Ten failures open the breaker; what is leased by then fails uncharged.
        #expect(harness.coordinator.hardState.histories.count <= 12)
        #expect(
            harness.coordinator.hardState.openLeases.flatMap(\.ordinals).allSatisfy { $0 >= 50 })
        #expect(!harness.coordinator.hardState.openLeases.isEmpty)
        #expect(harness.coordinator.contradictions().isEmpty)

        // The others finish; then the job is paused, and says why.
        while let lease = harness.coordinator.hardState.openLeases.first {
            let peer = try #require(harness.grants.first { $0.grant.lease == lease.lease }?.peer)
            numbers[lease.session, default: 0] += 1
            harness.finish(
                lease.ordinals, number: numbers[lease.session] ?? 0, session: lease.session,
                from: String(decoding: peer.bytes, as: UTF8.self))
            harness.turn()
        }
        #expect(harness.coordinator.status(at: harness.now).pauses == [.sourceDown])

        // One row tries now and then; when it is read, all come back.
        for index in 0..<90 {
            for host in ["a", "b", "c"] {
                harness.send(
                    .requestWork(
                        RequestWork(
                            session: 1 << 32 | (["a": 1, "b": 2, "c": 3][host] ?? 0),
                            credit: Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000))),
                    from: host)
            }
            harness.turn(after: .milliseconds(500))
            if !harness.coordinator.hardState.openLeases.isEmpty { break }
            #expect(index < 89, "no probe")
        }
        let probe = try #require(harness.coordinator.hardState.openLeases.first)
        #expect(probe.ordinals.count == 1)
        let peer = try #require(harness.grants.first { $0.grant.lease == probe.lease }?.peer)
        numbers[probe.session, default: 0] += 1
        harness.finish(
            probe.ordinals, number: numbers[probe.session] ?? 0, session: probe.session,
            from: String(decoding: peer.bytes, as: UTF8.self))
        harness.turn()
        #expect(harness.coordinator.status(at: harness.now).pauses.isEmpty)
        #expect(harness.coordinator.hardState.openLeases.flatMap(\.ordinals).count > 4)
    }

    @Test(
        "one worker or two, as most jobs have, are enough to find a source away, and it is told at once",
        arguments: [1, 2])
    func smallFleet(workers: Int) throws {
        var harness = CoordinatorHarness(rows: 40)
        for index in 0..<workers {
            harness.join(
                Samples.identity(slot: "h/\(index)", instance: index + 1), from: "\(index)")
        }
        func texts(_ kind: JobNote.Kind) -> [String] {
            harness.journal.compactMap { entry in
                guard case .note(let note) = entry, note.kind == kind else { return nil }
                return note.text
            }
        }
        var failures = 0
        while failures < 20, texts(.sourceDown).isEmpty {
            // Of each worker in turn, as wrong keys fail all of them.
            let leases = harness.coordinator.hardState.openLeases
            let lease = leases.first { $0.slot == "h/\(failures % workers)" } ?? leases.first
            guard let ordinal = lease?.ordinals.first else { break }
            #expect(fail(&harness, ordinal, .source, .quarantinedSource))
            failures += 1
            #expect(texts(.sourceFailing).count == 1, "the first failure is told, no other")
        }
        #expect(texts(.sourceFailing).first?.contains("test") == true)
        // Rows count once each, and the second worker has to have failed, too.
        #expect((10...15).contains(failures), "\(failures)")
        #expect(texts(.sourceDown).first?.contains("test") == true)
        // What is leased by now fails without a charge.
        let charged = harness.coordinator.hardState.histories.count
        while let ordinal = harness.coordinator.hardState.openLeases.first?.ordinals.first {
            #expect(fail(&harness, ordinal, .source, .quarantinedSource))
        }
        #expect(harness.coordinator.hardState.histories.count == charged)
        #expect(harness.coordinator.contradictions().isEmpty)
    }

    @Test("a row that does not fit is tried by a larger worker, then given up")
    func memory() throws {
        var harness = CoordinatorHarness(rows: 1)
        var small = Samples.identity(slot: "a/0")
        small.memoryBytes = 1 << 30
        var large = Samples.identity(slot: "b/0", instance: 2)
        large.memoryBytes = 8 << 30
        harness.join(small, from: "a")
        harness.join(large, from: "b", asks: true)
        #expect(fail(&harness, 0, .memory, .quarantinedMemory))
        #expect(slots(harness, with: 0) == ["a/0", "b/0"])
        #expect(fail(&harness, 0, .memory, .quarantinedMemory))
        #expect(harness.outcome(0)?.code == .quarantinedMemory)
    }

    @Test("a worker in trouble is benched, and its rows pay nothing")
    func workerTrouble() throws {
        var harness = CoordinatorHarness(rows: 3)
        harness.join(Samples.identity(slot: "a/0"), from: "a")
        for ordinal in 0..<3 {
            #expect(fail(&harness, ordinal, .worker, .quarantinedEngine))
        }
        harness.turn(after: .seconds(10))
        #expect(harness.coordinator.hardState.openLeases.isEmpty)
        harness.join(Samples.identity(slot: "b/0", instance: 2), from: "b")
        #expect(harness.coordinator.hardState.openLeases.allSatisfy { $0.slot == "b/0" })
        #expect(!harness.coordinator.hardState.openLeases.isEmpty)
        #expect(
            harness.journal.contains { entry in
                if case .note(let note) = entry { note.kind == .slotBenched } else { false }
            })
    }

    @Test("a worker that cannot read what others read is benched")
    func missingMount() throws {
        var limits = ClusterLimits()
        limits.leaseRowsMax = 12
        var harness = CoordinatorHarness(rows: 12, limits: limits)
        harness.join(Samples.identity(slot: "a/0"), from: "a")
        for ordinal in 0..<12 {
            // Nobody else is there, but the second opinion is another's.
            #expect(fail(&harness, ordinal, .input, .audioNotFound))
            if ordinal == 0 {
                harness.join(Samples.identity(slot: "b/0", instance: 2), from: "b")
            }
        }
        let reader = try #require(
            harness.coordinator.hardState.openLeases.first { $0.slot == "b/0" })
        var number = 0
        for lease in harness.coordinator.hardState.openLeases where lease.slot == "b/0" {
            number += 1
            harness.finish(lease.ordinals, number: number, session: reader.session, from: "b")
        }
        harness.turn()
        #expect(
            harness.journal.contains { entry in
                if case .note(let note) = entry {
                    note.kind == .slotBenched && note.slot == "a/0"
                } else {
                    false
                }
            })
    }

    @Test("engines that fail everywhere pause the job before the archive is quarantined")
    func suspectFleet() throws {
        var limits = ClusterLimits()
        limits.suspectFleetRowsMin = 20
        limits.leaseRowsMax = 4
        var harness = CoordinatorHarness(rows: 200, limits: limits)
        for (index, host) in ["a", "b", "c"].enumerated() {
            harness.join(Samples.identity(slot: "\(host)/0", instance: index + 1), from: host)
        }
        for _ in 0..<400 {
            guard let lease = harness.coordinator.hardState.openLeases.first,
                let ordinal = lease.ordinals.first
            else { break }
            #expect(fail(&harness, ordinal, .engine, .quarantinedEngine))
        }
        #expect(harness.coordinator.hardState.pauses == [.suspectFleet])
        #expect(harness.coordinator.hardState.counts[.quarantinedEngine] <= 7)
        #expect(try harness.command(.resume).isDone)
        #expect(harness.coordinator.hardState.pauses.isEmpty)
        #expect(!harness.coordinator.hardState.openLeases.isEmpty)
    }
}
