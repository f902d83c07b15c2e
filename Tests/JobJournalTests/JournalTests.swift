internal import ClusterProtocol
internal import Digests
internal import Foundation
internal import GRDB
internal import JobJournal
internal import JobState
internal import SpeechTypes
internal import TemporaryFolders
internal import Testing

@Suite("The journal") struct JournalTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("durability settings are what acknowledged rows need, as SQLite itself reports them")
    func durability() throws {
        let journal = try open()
        #expect(
            try journal.durabilitySettings()
                == ["locking_mode": "exclusive", "journal_mode": "wal", "synchronous": "2"])
        // Exclusive locking from the start: no shared memory, so network file systems work.
        #expect(!FileManager.default.fileExists(atPath: folder.file("journal.sqlite-shm")))
    }

    @Test("what was committed comes back in the next life, and nothing else")
    func replay() throws {
        var journal = try open()
        #expect(journal.epoch == 1)
        try journal.commit([
            .fleetFacts(
                FleetFacts(
                    arithmetic: "fp32/avx2", canaryDigest: SHA256Hasher.digest(of: [7]),
                    slot: "a/0",
                    engineNumber: 1)),
            .leaseGranted(lease(1, rows: [0, 1, 2])),
            .leaseStarted(lease: 1, ordinals: [0, 1]),
        ])
        var history = AttemptHistory(ordinal: 5)
        history.lossesInCompany = [.init(slot: "b/1", instance: "11", session: 3)]
        history.waivedLosses = 1
        var settled = AttemptHistory(ordinal: 6)
        settled.inputSlots = ["a/0"]
        settled.inputCode = .audioNotFound
        try journal.commit([
            .outcome(transcribed(0, "zero")), .leaseStarted(lease: 1, ordinals: [1, 2]),
            .leaseGranted(lease(2, rows: [4])), .leaseEnded(lease: 2, .released),
            .history(history), .history(settled),
        ])
        try journal.commit([
            .outcome(
                RowOutcome(
                    ordinal: 6, rowDigest: Sample.rowDigest(6), status: .rejected,
                    code: .audioNotFound)),
            .history(AttemptHistory(ordinal: 6)),
        ])
        let lived = try journal.replay(rowCount: 10)
        try journal.close()

        journal = try open()
        let state = try journal.replay(rowCount: 10)
        #expect(state.epoch == 2)
        #expect(state.recorded == lived.recorded)
        #expect((0..<10).filter { state.recorded.contains($0) } == [0, 6])
        #expect(state.counts.transcribed == 1)
        #expect(state.counts[.audioNotFound] == 1)
        #expect(state.transcribedAudioMilliseconds == 1_500)
        #expect(state.lastLease == 2)
        #expect(state.openLeases == [lease(1, rows: [0, 1, 2], started: [0, 1, 2])])
        #expect(state.histories == [history])
        #expect(state.facts?.arithmetic == "fp32/avx2")
    }

    @Test("leases and troubles of rows that the job does not have are damage, not a trap")
    func beyondTheEnd() throws {
        var journal = try open()
        try journal.commit([.leaseGranted(lease(1, rows: [3, 12]))])
        let granted = #expect(throws: JournalError.self) { try journal.replay(rowCount: 10) }
        #expect(granted?.code == .damaged)
        try journal.commit([
            .leaseEnded(lease: 1, .released), .history(AttemptHistory(ordinal: 10)),
        ])
        var history = AttemptHistory(ordinal: 11)
        history.inputSlots = ["a/0"]
        history.inputCode = .audioNotFound
        try journal.commit([.history(history)])
        #expect(throws: JournalError.self) { try journal.replay(rowCount: 10) }
        #expect(try journal.replay(rowCount: 12).histories == [history])
        try journal.close()
        try sqlite("UPDATE lease SET number = 9223372036854775807")
        journal = try open()
        #expect(throws: JournalError.self) { try journal.replay(rowCount: 12) }
    }

    @Test("the first outcome of a row stands, and a second one is counted as a fault")
    func firstOutcomeWins() throws {
        let journal = try open()
        try journal.commit([.outcome(transcribed(3, "first"))])
        #expect(journal.ignoredOutcomes == 0)
        try journal.commit([.outcome(transcribed(3, "second"))])
        #expect(journal.ignoredOutcomes == 1)
        #expect(try journal.rows(from: 3).map(\.record) == [Array("first".utf8)])
    }

    @Test("outcomes that are taken back leave nothing behind, and pauses outlive a restart")
    func retriedAndPaused() throws {
        var journal = try open()
        var history = AttemptHistory(ordinal: 4)
        history.engineSlots = ["a/0", "a/1", "b/0"]
        try journal.commit([
            .history(history),
            .outcome(
                RowOutcome(
                    ordinal: 4, rowDigest: Sample.rowDigest(4), status: .quarantined,
                    code: .quarantinedEngine)),
            .outcome(
                RowOutcome(
                    ordinal: 5, rowDigest: Sample.rowDigest(5), status: .rejected,
                    code: .manifestInvalidJSON)),
            .pauses([.operator, .noSpace]),
        ])
        try journal.recordFinal(outputDigest: SHA256Hasher.digest(of: [1]))
        #expect(try journal.replay(rowCount: 10).givenUp == [4: .quarantinedEngine])
        try journal.commit([.retried([4]), .pauses([.noSpace])])
        #expect(try journal.finalDigest() == nil)
        try journal.close()

        journal = try open()
        let state = try journal.replay(rowCount: 10)
        #expect(state.givenUp.isEmpty && state.histories.isEmpty)
        #expect(!state.recorded.contains(4) && state.recorded.contains(5))
        #expect(state.counts.total == 1)
        #expect(state.pauses == [.noSpace])
        try journal.commit([.outcome(transcribed(4, "again"))])
        #expect(journal.ignoredOutcomes == 0)
    }

    @Test("rows come out in input order, up to the first that is missing")
    func inputOrder() throws {
        let journal = try open()
        for ordinal in [2, 0, 5, 1] {
            try journal.commit([.outcome(transcribed(ordinal, "row \(ordinal)"))])
        }
        #expect(try journal.rows(from: 0).map(\.ordinal) == [0, 1, 2])
        #expect(try journal.rows(from: 0, rowsMax: 2).map(\.ordinal) == [0, 1])
        #expect(try journal.rows(from: 0, bytesMax: 1).map(\.ordinal) == [0])
        #expect(try journal.rows(from: 3).isEmpty)
    }

    @Test("a second coordinator is refused while the first lives, and let in afterwards")
    func secondCoordinator() throws {
        let first = try open()
        #expect { try open() } throws: { ($0 as? JournalError)?.code == .locked }
        try first.commit([.outcome(transcribed(0, "zero"))])
        try first.close()
        #expect(try open().epoch == 2)
    }

    @Test("a coordinator that is not the highest incarnation commits nothing")
    func superseded() throws {
        var journal = try open()
        try journal.close()
        try sqlite("INSERT INTO incarnation VALUES (1000, 'elsewhere', 'now', '')")
        journal = try open()
        #expect(journal.epoch == 1_001)
        try journal.close()
        // The lock would keep two writers apart here, so the later epoch is written beforehand.
        try sqlite(
            "CREATE TRIGGER later AFTER INSERT ON incarnation BEGIN "
                + "INSERT OR IGNORE INTO incarnation VALUES (NEW.number + 1, 'other', 'now', ''); END"
        )
        journal = try open()
        #expect { try journal.commit([.outcome(transcribed(0, "zero"))]) } throws: {
            ($0 as? JournalError)?.code == .superseded
        }
        #expect(try journal.rows(from: 0).isEmpty)
    }

    @Test("another model, option or manifest is refused in words")
    func otherJob() throws {
        try open().close()
        var identity = Self.identity
        identity.options.channels = .each
        identity.rowCount = 11
        #expect { try open(identity) } throws: { error in
            guard let error = error as? JournalError, error.code == .otherJob else { return false }
            return error.message.contains("--channels is each, was mix")
                && error.message.contains("the number of rows is 11, was 10")
        }
        identity = Self.identity
        identity.rowCount = 11
        #expect { try open(identity) } throws: { ($0 as? JournalError)?.code == .otherRows }
        identity = Self.identity
        identity.modelDigest = SHA256Hasher.digest(of: [99])
        #expect { try open(identity) } throws: {
            ($0 as? JournalError)?.message.contains("another model") == true
        }
    }

    @Test("a damaged page is found when the journal is opened or its rows are read")
    func damagedPage() throws {
        var journal = try open()
        let record = [UInt8](repeating: UInt8(ascii: "r"), count: 3_000)
        for ordinal in 0..<10 {
            try journal.commit([
                .outcome(transcribed(ordinal, String(decoding: record, as: UTF8.self)))
            ])
        }
        try journal.close()
        let intact = try Data(contentsOf: URL(fileURLWithPath: folder.file("journal.sqlite")))
        var found = 0
        var offsets: [Int] = []
        for page in 1..<(intact.count / 4_096) { offsets.append(page * 4_096 + 2_000) }
        for offset in offsets {
            var damaged = intact
            for index in offset..<(offset + 64) { damaged[index] ^= 0x5A }
            try damaged.write(to: URL(fileURLWithPath: folder.file("journal.sqlite")))
            do {
                journal = try open()
                defer { try? journal.close() }
                let rows = try journal.rows(from: 0)
                // Bytes that no row uses may be damaged without harm.
                #expect(rows.map(\.record) == Array(repeating: record, count: 10))
            } catch let error as JournalError {
                #expect(error.code == .damaged, "\(error)")
                found += 1
            }
            try? FileManager.default.removeItem(atPath: folder.file("journal.sqlite-wal"))
        }
        #expect(found >= 8, "each row's record fills most of a page of its own")
    }

    @Test("a file that is no journal is left alone")
    func notAJournal() throws {
        try Data(repeating: 65, count: 10_000)
            .write(to: URL(fileURLWithPath: folder.file("journal.sqlite")))
        #expect { try open() } throws: { ($0 as? JournalError)?.code == .damaged }
    }

    @Test("the report lists failures with their details, and who did what")
    func history() throws {
        let journal = try open()
        try journal.commit([
            .outcome(transcribed(0, "zero")), .outcome(transcribed(1, "one")),
            .outcome(
                RowOutcome(
                    ordinal: 2, rowDigest: Sample.rowDigest(2), status: .rejected,
                    code: .audioNotFound, slot: "a/1",
                    detail: "/archive/2.wav: No such file")),
            .note(JobNote(kind: .workerJoined, slot: "a/0", text: "8 cores")),
        ])
        let history = try journal.history()
        #expect(history.rowsTranscribed == 2)
        #expect(history.rowsRejected == 1)
        #expect(history.audioMilliseconds == 3_000)
        #expect(history.details.map(\.detail) == ["/archive/2.wav: No such file"])
        #expect(history.workers.map(\.slot) == ["a/0"])
        #expect(history.workers.map(\.rows) == [2])
        #expect(history.events.map(\.kind) == ["worker_joined"])
    }

    @Test("the object that a row was fetched from is kept beside its warning, and is none itself")
    func objects() throws {
        let journal = try open()
        var fetched = transcribed(1, "one")
        fetched.object = "1234 bytes, etag \"a\""
        var warned = transcribed(2, "two")
        (warned.object, warned.detail) = ("5 bytes", "cut\u{1F}short")
        try journal.commit([transcribed(0, "zero"), fetched, warned].map { .outcome($0) })
        #expect(try journal.rows(from: 0).map(\.object) == ["", fetched.object, "5 bytes"])
        #expect(try journal.history().details.map(\.detail) == ["cut short"])
    }

    // MARK: Builders

    private static let identity = Sample.identity

    private func open(_ identity: JobIdentity = Self.identity) throws -> Journal {
        try Sample.open(folder.file("journal.sqlite"), identity)
    }

    private func transcribed(_ ordinal: Int, _ text: String) -> RowOutcome {
        Sample.transcribed(ordinal, Array(text.utf8))
    }

    private func lease(_ number: Int, rows: [Int], started: [Int] = []) -> LeaseRecord {
        LeaseRecord(
            lease: number, slot: "a/0", instance: "77", session: 4, isAlone: false,
            ordinals: rows, started: started)
    }

    /// Runs a statement as another program would.
    private func sqlite(_ statement: String) throws {
        let queue = try DatabaseQueue(path: folder.file("journal.sqlite"))
        try queue.writeWithoutTransaction { try $0.execute(sql: statement) }
        try queue.close()
    }
}
