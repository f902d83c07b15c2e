internal import ClusterProtocol
internal import Coordination
internal import Digests
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("Results and failures")
struct ResultTests {
    @Test("a result of another row is not taken, and the row is given out again")
    func wrongRowDigest() throws {
        var harness = CoordinatorHarness(rows: 2)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        let wrong = harness.result(0, digestOf: 1)
        harness.send(.results(Results(session: session, number: 1, rows: [wrong])), from: "a")
        harness.turn()
        #expect(harness.outcome(0) == nil)
        let refused = harness.said.compactMap { item -> Recorded? in
            if case .recorded(let recorded) = item.message { recorded } else { nil }
        }
        #expect(refused.last?.refusedOrdinals == [0])
        #expect(refused.last?.refusedReasons == [.rowDigest])
        #expect(harness.grants(for: "a").flatMap(\.ordinals) == [0, 1, 0])
    }

    @Test("a damaged record, an empty one and a row beyond the end are not taken")
    func refusedResults() throws {
        var harness = CoordinatorHarness(rows: 3)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        var damaged = harness.result(0)
        damaged.record[0] ^= 1
        var empty = harness.result(1)
        empty.record = []
        let beyond = harness.result(7)
        harness.send(
            .results(Results(session: session, number: 1, rows: [damaged, empty, beyond])),
            from: "a")
        harness.turn()
        guard case .recorded(let recorded)? = harness.said.last?.message else {
            Issue.record("not acknowledged")
            return
        }
        #expect(recorded.refusedReasons == [.crc, .size, .ordinal])
        #expect(harness.outcome(0) == nil && harness.outcome(1) == nil)
    }

    @Test("features that a job has none of, that are missing, too many or damaged are not taken")
    func refusedFeatures() throws {
        func reasons(hasFeatures: Bool, _ features: [[UInt8]], damaged: Bool = false) throws
            -> [RefusedReason]
        {
            var options = RecognitionOptions()
            options.hasFeatures = hasFeatures
            var harness = CoordinatorHarness(rows: features.count, options: options)
            let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
            let rows = features.indices.map { ordinal in
                var row = harness.result(ordinal)
                row.features = features[ordinal]
                row.featuresCRC = CRC32C.checksum(of: features[ordinal]) ^ (damaged ? 1 : 0)
                return row
            }
            harness.send(.results(Results(session: session, number: 1, rows: rows)), from: "a")
            harness.turn()
            let acknowledgements = harness.said.compactMap { item -> Recorded? in
                if case .recorded(let recorded) = item.message { recorded } else { nil }
            }
            let recorded = try #require(acknowledgements.last, "not acknowledged")
            for ordinal in features.indices {
                let isRefused = recorded.refusedOrdinals.contains(ordinal)
                #expect((harness.outcome(ordinal) == nil) == isRefused)
                if !isRefused { #expect(harness.outcome(ordinal)?.features == features[ordinal]) }
            }
            return recorded.refusedReasons
        }
        let one = Array(#"{"blank_share":0.5}"#.utf8)
        let tooMany = [UInt8](repeating: 0x20, count: RecordLimits.featuresBytesMax + 1)
        #expect(try reasons(hasFeatures: true, [one, one]) == [])
        #expect(try reasons(hasFeatures: true, [one, [], tooMany]) == [.size, .size])
        #expect(try reasons(hasFeatures: true, [one], damaged: true) == [.crc])
        #expect(try reasons(hasFeatures: false, [[], one]) == [.size])
    }

    @Test("three messages that are not usable end a session, and no row is blamed")
    func threeRefusals() throws {
        var harness = CoordinatorHarness(rows: 2)
        _ = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        for _ in 0..<3 {
            harness.handle(
                .malformed(
                    ProtocolError(.json, "not JSON"), from: CoordinatorHarness.peer("a")))
        }
        harness.turn()
        #expect(harness.rejections(for: "a").map(\.code) == [.protocol])
        #expect(harness.coordinator.status(at: harness.now).workers == 0)
        #expect(harness.coordinator.status(at: harness.now).rowsWaiting == 2)
    }

    @Test("the first outcome stands; a later one is acknowledged and compared")
    func duplicates() throws {
        var harness = CoordinatorHarness(rows: 3)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        harness.finish([0], number: 1, session: session, from: "a")
        harness.turn()
        let late = harness.result(0, record: "another record")
        harness.send(.results(Results(session: session, number: 2, rows: [late])), from: "a")
        harness.turn()
        #expect(harness.outcome(0)?.record == Array("record 0".utf8))
        #expect(harness.compared.map(\.recordDigest) == [late.recordDigest])
        #expect(harness.recordedNumbers(for: "a").last == 2)
        #expect(harness.coordinator.status(at: harness.now).rowsDuplicated == 1)
    }

    @Test("a message that comes again changes nothing and is acknowledged again")
    func repeatedMessage() throws {
        var harness = CoordinatorHarness(rows: 3)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        harness.finish([0], number: 1, session: session, from: "a")
        harness.turn()
        harness.finish([0], number: 1, session: session, from: "a")
        harness.turn()
        #expect(harness.recordedNumbers(for: "a") == [1, 1])
        #expect(harness.compared.isEmpty)
    }

    @Test("a gap in the numbers holds the acknowledgement back, not the rows")
    func gap() throws {
        var harness = CoordinatorHarness(rows: 3)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        harness.finish([1], number: 2, session: session, from: "a")
        harness.turn()
        #expect(harness.outcome(1) != nil)
        #expect(harness.recordedNumbers(for: "a").isEmpty)
        harness.finish([0], number: 1, session: session, from: "a")
        harness.turn()
        #expect(harness.recordedNumbers(for: "a") == [2])
    }

    @Test("results of a session on another connection are not taken")
    func otherConnection() throws {
        var harness = CoordinatorHarness(rows: 2)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        harness.finish([0], number: 1, session: session, from: "b")
        harness.turn()
        #expect(harness.outcome(0) == nil)
        #expect(harness.said.last?.message == .unknownSession)
    }

    @Test("a missing file gets a second opinion from another host before it is rejected")
    func secondOpinion() throws {
        var harness = CoordinatorHarness(rows: 1)
        let first = try harness.joined(Samples.identity(slot: "h1/0"), from: "a")
        let neighbour = try harness.joined(Samples.identity(slot: "h1/1", instance: 2), from: "b")
        let lease = try #require(harness.grants.last?.grant.lease)
        harness.fail(0, .input, .audioNotFound, number: 1, lease: lease, session: first, from: "a")
        // Only its own host is there: the neighbour may try, since nobody suits better.
        #expect(harness.grants.last?.peer == CoordinatorHarness.peer("b"))
        let second = try #require(harness.grants.last?.grant.lease)
        harness.fail(
            0, .input, .audioUnsupported, number: 1, lease: second, session: neighbour, from: "b")
        // The opinion that got further into the file stands.
        #expect(harness.outcome(0)?.code == .audioUnsupported)
        #expect(harness.outcome(0)?.status == .rejected && harness.isFinished)
    }

    @Test("where there is one slot only, the second opinion is its own")
    func oneSlot() throws {
        var harness = CoordinatorHarness(rows: 1)
        let session = try harness.joined(Samples.identity(slot: "h1/0"), from: "a")
        for number in 1...2 {
            let lease = try #require(harness.grants.last?.grant.lease)
            harness.fail(
                0, .input, .audioNotFound, number: number, lease: lease, session: session, from: "a"
            )
        }
        #expect(harness.outcome(0)?.code == .audioNotFound)
        #expect(harness.grants.count == 2)
    }

    @Test("the engine's failures need three slots, or three tries")
    func engineFailures() throws {
        var harness = CoordinatorHarness(rows: 1)
        var sessions: [Int] = []
        for index in 0..<3 {
            sessions.append(
                try harness.joined(
                    Samples.identity(slot: "h/\(index)", instance: index + 1), from: "\(index)")
            )
        }
        var peers: Set<PeerID> = []
        for _ in 0..<3 {
            let grant = try #require(harness.grants.last)
            peers.insert(grant.peer)
            let index = try #require(
                (0..<3).first { CoordinatorHarness.peer("\($0)") == grant.peer })
            harness.fail(
                0, .engine, .quarantinedEngine, number: 1, lease: grant.grant.lease,
                session: sessions[index], from: "\(index)")
        }
        #expect(peers.count == 3)
        #expect(harness.outcome(0)?.code == .quarantinedEngine)
    }

    @Test("a failure under a lease that is not current changes nothing")
    func staleLease() throws {
        var harness = CoordinatorHarness(rows: 1)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        let lease = try #require(harness.grants.last?.grant.lease)
        harness.fail(
            0, .engine, .quarantinedEngine, number: 1, lease: lease + 1, session: session, from: "a"
        )
        #expect(harness.coordinator.status(at: harness.now).rowsRetried == 0)
        #expect(harness.recordedNumbers(for: "a") == [1])
    }
}
