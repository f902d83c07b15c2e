internal import ClusterProtocol
internal import Digests
internal import Foundation
internal import GRDB
internal import JobJournal
internal import JobState
internal import SpeechTypes
internal import TemporaryFolders
internal import Testing

@Suite("A journal that an earlier release began") struct MigrationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }
    private var path: String { folder.file("journal.sqlite") }

    private func identity(engine: Int) -> JobIdentity {
        var identity = Sample.identity
        identity.engineNumber = engine
        return identity
    }

    /// A journal of engine 1 with two transcribed rows, a rejected one, and one that is no row.
    private func begun() throws {
        let journal = try Sample.open(path)
        try journal.commit([
            Sample.facts, .outcome(Sample.transcribed(0, [1, 2])),
            .outcome(Sample.transcribed(4, [3])), .outcome(Sample.rejected(5)),
            .outcome(Sample.rejected(6, .manifestInvalidJSON)),
        ])
        try journal.close()
    }

    private func change(_ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .appending(path: "Fixtures/former-release/unfinished/out.jsonl.job/journal.sqlite")

    @Test("its rows stay and are known as the former engine's, the others are the present one's")
    func takenOver() throws {
        try begun()
        let journal = try Sample.open(path, identity(engine: 2))
        #expect(journal.takenOver == EngineRows(engine: 1, rows: 3))
        #expect(try journal.replay(rowCount: 10).recorded.count == 4)
        try journal.commit([.outcome(Sample.transcribed(1, [9]))])
        let rows = try journal.rows(from: 0, .passedOver)
        #expect(rows.map(\.ordinal) == [0, 1, 4, 5, 6])
        #expect(rows.map(\.formerEngine) == [1, nil, 1, 1, nil])
        let history = try journal.history()
        #expect(
            history.engines
                == [EngineRows(engine: 1, rows: 3), EngineRows(engine: 2, rows: 1)])
        #expect(history.events.map(\.kind) == ["engine_changed"])
        #expect(history.events[0].text.contains("engine 1: its 3 recorded rows stay"))
        // What is taken back and recorded again is the present engine's.
        try journal.commit([.retried([5]), .outcome(Sample.transcribed(5, [8]))])
        #expect(try journal.rows(from: 5).first?.formerEngine == nil)
        try journal.close()
        // A third engine takes all of it over; the second time nothing happens.
        let third = try Sample.open(path, identity(engine: 3))
        #expect(third.takenOver == EngineRows(engine: 2, rows: 4))
        #expect(
            try third.history().engines
                == [EngineRows(engine: 1, rows: 2), EngineRows(engine: 2, rows: 2)])
        try third.close()
        let again = try Sample.open(path, identity(engine: 3))
        #expect(again.takenOver == nil)
        try again.close()
        // Its name is that of the latest engine that made a row.
        let inspection = try JournalInspection(at: path)
        #expect(try inspection.identity().engineNumber == 2)
        var others: [Int: Int] = [:]
        try inspection.forEachRow { others[$0.ordinal] = $0.otherEngine }
        #expect(others == [0: 1, 4: 1])
        #expect(try inspection.verify(findingsMax: 9, rowDigest: nil).isEmpty)
        try inspection.close()
    }

    @Test("the first worker of the present engine fixes the canary, the former one the arithmetic")
    func facts() throws {
        try begun()
        let journal = try Sample.open(path, identity(engine: 2))
        let before = try #require(try journal.replay(rowCount: 10).facts)
        #expect(before.engineNumber == 1 && before.arithmetic == "fp32/avx2")
        let now = FleetFacts(
            arithmetic: "fp32/avx2", canaryDigest: SHA256Hasher.digest(of: [8]), slot: "b/0",
            engineNumber: 2)
        try journal.commit([.fleetFacts(now)])
        #expect(try journal.replay(rowCount: 10).facts == now)
        try journal.close()
    }

    @Test("a job that a later engine went on with is refused, and it is said with what to go on")
    func laterEngine() throws {
        try begun()
        try Sample.open(path, identity(engine: 4)).close()
        #expect { try Sample.open(path, identity(engine: 3)) } throws: { error in
            guard let error = error as? JournalError, error.code == .otherJob else { return false }
            return error.message.contains("gone on with engine 4, and this program has engine 3")
        }
    }

    @Test("an option of a later release is refused by its name")
    func laterOption() throws {
        try begun()
        try change("INSERT INTO job (name, value) VALUES ('option.beam_width', '8')")
        #expect { try Sample.open(path) } throws: { error in
            guard let error = error as? JournalError, error.code == .otherJob else { return false }
            return error.message.contains("--beam-width is not known to this program")
        }
    }

    @Test("options that are as usual may stand in it or not", arguments: [true, false])
    func usualOptions(isListed: Bool) throws {
        try begun()
        if isListed {
            try change("INSERT INTO job (name, value) VALUES ('option.channels', 'mix')")
        }
        try Sample.open(path).close()
        var each = Sample.identity
        each.options.channels = .each
        #expect { try Sample.open(path, each) } throws: {
            ($0 as? JournalError)?.message.contains("--channels is each, was mix") == true
        }
    }

    @Test("forms before and after those that go on are refused with what to do", arguments: [3, 6])
    func otherForms(form: Int) throws {
        try begun()
        try change("PRAGMA user_version = \(form)")
        #expect { try Sample.open(path) } throws: { error in
            guard let error = error as? JournalError, error.code == .format else { return false }
            return error.message.contains("form \(form)")
                && error.message.contains(
                    form == 3 ? "finish the job with the release that began it" : "or a later one")
        }
        #expect { try JournalInspection(at: path) } throws: {
            ($0 as? JournalError)?.code == .format
        }
    }

    @Test("rows that are carried over or salvaged keep their engine")
    func rebuilt() throws {
        try begun()
        let journal = try Sample.open(path, identity(engine: 2))
        try journal.commit([.outcome(Sample.transcribed(1, [9]))])
        try journal.close()
        let salvaged = folder.file("salvaged.sqlite")
        let result = try JournalSalvage.run(from: path, to: salvaged, host: "here")
        #expect(result.rowsKept == 5)
        let carried = folder.file("carried.sqlite")
        let carryOver = try JournalCarryOver(from: path) { _ in
            .init(count: 10, digest: { Sample.rowDigest($0) }, mayKeep: { _, _ in true })
        }
        let job = JobDescription(identity(engine: 3), manifest: Sample.place)
        #expect(try carryOver.write(to: carried, of: job, host: "here") == 4)
        try carryOver.close()
        let rebuilt = try Sample.open(salvaged, identity(engine: 2))
        #expect(try rebuilt.rows(from: 0, .passedOver).map(\.formerEngine) == [1, nil, 1, 1, nil])
        try rebuilt.close()
        let other = try Sample.open(carried, identity(engine: 3))
        #expect(other.takenOver == nil)
        #expect(try other.rows(from: 0, .passedOver).map(\.formerEngine) == [1, 2, 1, 1])
        try other.close()
    }

    @Test("the last release's journal is looked at without a change, and then goes on")
    func formerRelease() throws {
        try folder.write("journal.sqlite", try Data(contentsOf: Self.fixture))
        var inspection = try JournalInspection(at: path)
        let identity = try inspection.identity()
        #expect(identity.engineNumber == 2 && identity.options == RecognitionOptions())
        #expect(try inspection.verify(findingsMax: 9, rowDigest: nil).isEmpty)
        #expect(try inspection.recordedRows(from: 0, .end).count == 3)
        try inspection.close()
        let queue = try DatabaseQueue(path: path)
        #expect(try queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 4)
        try queue.close()
        var present = identity
        present.engineNumber = 3
        present.arithmetic = JobIdentity.automaticArithmetic
        // The job was asked for in a class by its name: what is asked for differently is refused.
        #expect(throws: JournalError.self) { try Sample.open(path, present) }
        present.arithmetic = identity.arithmetic
        let journal = try Sample.open(path, present)
        #expect(journal.takenOver == EngineRows(engine: 2, rows: 3))
        #expect(try journal.replay(rowCount: 6).facts?.engineNumber == 2)
        try journal.close()
        inspection = try JournalInspection(at: path)
        #expect(try inspection.verify(findingsMax: 9, rowDigest: nil).isEmpty)
        try inspection.close()
    }
}
