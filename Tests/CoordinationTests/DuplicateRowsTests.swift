internal import ClusterProtocol
internal import Coordination
internal import Digests
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("Rows with the audio of another row")
struct DuplicateRowsTests {
    private let duplicates = [
        (first: 1, duplicate: 3), (first: 1, duplicate: 4), (first: 2, duplicate: 5),
    ]

    @Test("pairs are found from either side")
    func pairs() {
        let rows = DuplicateRows(
            duplicates.map { .init(first: UInt32($0.first), duplicate: UInt32($0.duplicate)) })
        #expect((0..<7).map { rows.duplicates(of: $0) } == [[], [3, 4], [5], [], [], [], []])
        #expect((0..<7).map { rows.first(of: $0) } == [nil, nil, nil, 1, 1, 2, nil])
    }

    @Test("one is computed, and all get their own records in one commit")
    func oneComputation() throws {
        var harness = CoordinatorHarness(rows: 6, duplicates: duplicates)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        #expect(harness.grants(for: "a").flatMap(\.ordinals) == [0, 1, 2])
        #expect(harness.coordinator.status(at: harness.now).rowsWaiting == 3)
        harness.commits = false
        harness.finish([1], number: 1, session: session, from: "a")
        harness.turn()
        let batch = try #require(harness.openCommit)
        let outcomes = batch.entries.compactMap { entry -> RowOutcome? in
            if case .outcome(let outcome) = entry { outcome } else { nil }
        }
        #expect(outcomes.map(\.ordinal) == [1, 3, 4])
        for outcome in outcomes.dropFirst() {
            let record = try #require(outcome.record)
            #expect(String(decoding: record, as: UTF8.self) == "record 1 for \(outcome.ordinal)")
            #expect(outcome.recordCRC == CRC32C.checksum(of: record))
            #expect(outcome.recordDigest == SHA256Hasher.digest(of: record).short)
            #expect(outcome.audioDigest == outcomes[0].audioDigest)
            #expect(outcome.rowDigest == Samples.rowDigest(outcome.ordinal))
            #expect(outcome.lease == 0)
        }
        harness.commits = true
        harness.finishCommit()
        harness.finish([0, 2], number: 2, session: session, from: "a")
        harness.turn()
        #expect(harness.isFinished)
        #expect(harness.coordinator.status(at: harness.now).rowsTranscribed == 6)
        #expect(harness.grants(for: "a").flatMap(\.ordinals) == [0, 1, 2])
    }

    @Test("what is wrong with the audio is wrong for all; what is wrong with a path is not")
    func failures() throws {
        var limits = ClusterLimits()
        limits.inputTriesMax = 1
        var harness = CoordinatorHarness(rows: 6, limits: limits, duplicates: duplicates)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        let lease = try #require(harness.grants(for: "a").first?.lease)
        harness.fail(1, .input, .audioDamaged, number: 1, lease: lease, session: session, from: "a")
        #expect(
            [1, 3, 4].map { harness.outcome($0)?.code } == [
                .audioDamaged, .audioDamaged, .audioDamaged,
            ])
        harness.fail(
            2, .input, .audioNotFound, number: 2, lease: lease, session: session, from: "a")
        harness.turn()
        #expect(harness.outcome(5) == nil)
        #expect(harness.grants(for: "a").last?.ordinals == [5])
        #expect(harness.outcome(0) == nil)
    }

    @Test("a record that nothing can be taken from leaves its duplicates to be computed")
    func unreadable() throws {
        var harness = CoordinatorHarness(rows: 6, duplicates: duplicates)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        let row = harness.result(1, record: "unreadable")
        harness.send(.results(Results(session: session, number: 1, rows: [row])), from: "a")
        harness.turn()
        #expect(harness.outcome(1) != nil && harness.outcome(3) == nil)
        #expect(harness.grants(for: "a").flatMap(\.ordinals) == [0, 1, 2, 3, 4])
    }

    @Test("a duplicate of a recorded row, and one that somebody holds, is a row like others")
    func resumed() throws {
        var recorded = RowSet(rowCount: 6)
        recorded.insert(1)
        let held = LeaseRecord(
            lease: 1, slot: "h/0", instance: Samples.instanceName(1), session: 1, isAlone: false,
            ordinals: [5])
        let replay = ReplayState(
            epoch: 2, recorded: recorded, lastLease: 1, openLeases: [held])
        var harness = CoordinatorHarness(rows: 6, replay: replay, duplicates: duplicates)
        let session = try harness.joined(
            Samples.identity(slot: "h/0"), from: "a", held: [HeldLease(lease: 1, ordinals: [5])])
        #expect(harness.grants(for: "a").flatMap(\.ordinals) == [0, 2, 3, 4])
        harness.finish([2], number: 1, session: session, from: "a")
        harness.turn()
        // Its own result counts: it is not parked.
        #expect(harness.outcome(5) == nil)
        harness.finish([0, 3, 4, 5], number: 2, session: session, from: "a")
        harness.turn()
        #expect(harness.isFinished)
        #expect(
            harness.outcome(5)?.record.map { String(decoding: $0, as: UTF8.self) } == "record 5")
    }

    @Test("quarantined duplicates are tried again one by one where an operator says so")
    func retry() throws {
        var limits = ClusterLimits()
        limits.engineTriesMax = 1
        var harness = CoordinatorHarness(rows: 6, limits: limits, duplicates: duplicates)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        let lease = try #require(harness.grants(for: "a").first?.lease)
        harness.fail(
            1, .engine, .quarantinedEngine, number: 1, lease: lease, session: session, from: "a")
        #expect([1, 3, 4].allSatisfy { harness.outcome($0)?.code == .quarantinedEngine })
        #expect(try harness.command(.retry(.allQuarantined)).count == 3)
        #expect([1, 3, 4].allSatisfy { harness.outcome($0) == nil })
        harness.finish([0, 1, 2, 3, 4], number: 2, session: session, from: "a")
        harness.turn()
        #expect(harness.isFinished)
        #expect(harness.coordinator.status(at: harness.now).rowsTranscribed == 6)
    }
}
