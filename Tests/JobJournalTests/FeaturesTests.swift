internal import Digests
internal import Foundation
internal import GRDB
internal import JobJournal
internal import JobState
internal import SpeechTypes
internal import TemporaryFolders
internal import Testing

@Suite("Features in a journal")
struct FeaturesTests {
    private static let identity: JobIdentity = {
        var identity = Sample.identity
        identity.options.hasFeatures = true
        return identity
    }()

    private static func features(_ ordinal: Int) -> [UInt8] { Array("{\"a\":\(ordinal)}".utf8) }

    private static func transcribed(_ ordinal: Int) -> RowOutcome {
        var outcome = Sample.transcribed(ordinal, Array("record \(ordinal)".utf8))
        outcome.features = features(ordinal)
        outcome.featuresCRC = CRC32C.checksum(of: outcome.features)
        return outcome
    }

    /// Rows 0, 2 and 3 transcribed, row 1 rejected.
    private func journal(in folder: TemporaryFolder) throws {
        let journal = try Sample.open(folder.file("journal.sqlite"), Self.identity)
        try journal.commit(
            [Sample.facts, .outcome(Self.transcribed(0)), .outcome(Sample.rejected(1))])
        try journal.commit([.outcome(Self.transcribed(2)), .outcome(Self.transcribed(3))])
        try journal.close()
    }

    /// Changes the file behind the journal's back.
    private func change(_ folder: TemporaryFolder, _ sql: String) throws {
        let queue = try DatabaseQueue(path: folder.file("journal.sqlite"))
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test("rows come back with the features that they were recorded with")
    func featuresComeBack() throws {
        let folder = try TemporaryFolder()
        try journal(in: folder)
        let journal = try Sample.open(folder.file("journal.sqlite"), Self.identity)
        defer { try? journal.close() }
        let rows = try journal.rows(from: 0)
        #expect(
            rows.map(\.features) == [Self.features(0), nil, Self.features(2), Self.features(3)])
        #expect(try journal.rows(from: 2).map(\.features).first == Self.features(2))
    }

    @Test("a job without features has no table for them, and none come back")
    func otherJobsHaveNoTable() throws {
        let folder = try TemporaryFolder()
        let journal = try Sample.open(folder.file("journal.sqlite"))
        try journal.commit([.outcome(Sample.transcribed(0, [1]))])
        #expect(try journal.rows(from: 0).map(\.features) == [nil])
        try journal.close()
        let queue = try DatabaseQueue(path: folder.file("journal.sqlite"))
        #expect(try queue.read { try !$0.tableExists("features") })
        try queue.close()
    }

    @Test(
        "features that are lost, damaged or of no record are found",
        arguments: [
            "DELETE FROM features WHERE ordinal = 2",
            "UPDATE features SET bytes = x'7b22617d' WHERE ordinal = 2",
            "UPDATE features SET crc = crc + 1 WHERE ordinal = 2",
        ])
    func damageIsFound(sql: String) throws {
        let folder = try TemporaryFolder()
        try journal(in: folder)
        try change(folder, sql)
        let inspection = try JournalInspection(at: folder.file("journal.sqlite"))
        #expect(
            try inspection.verify(findingsMax: 20, rowDigest: nil)
                == ["the features of row 2 are not what was written"])
        #expect(throws: JournalError.self) { try inspection.recordedRows(from: 0, .end) }
        #expect(throws: JournalError.self) { try inspection.forEachRow { _ in } }
        try inspection.close()
        try change(folder, "INSERT INTO features VALUES (1, x'7b7d', 0)")
        let again = try JournalInspection(at: folder.file("journal.sqlite"))
        #expect(
            try again.verify(findingsMax: 20, rowDigest: nil)
                .contains("row 1 has features and no record"))
        try again.close()
    }

    @Test("each row's proof has the digest of its features, and the journal that of the file")
    func proofs() throws {
        let folder = try TemporaryFolder()
        try journal(in: folder)
        let file = SHA256Hasher.digest(of: [9])
        let journal = try Sample.open(folder.file("journal.sqlite"), Self.identity)
        try journal.recordFinal(outputDigest: SHA256Hasher.digest(of: [8]), featuresDigest: file)
        try journal.close()
        let inspection = try JournalInspection(at: folder.file("journal.sqlite"))
        var found: [ShortDigest?] = []
        try inspection.forEachRow { found.append($0.featuresDigest) }
        #expect(
            found
                == [0, nil, 2, 3].map { row in
                    row.map { SHA256Hasher.digest(of: Self.features($0)).short }
                })
        #expect(try inspection.featuresDigest() == file)
        try inspection.close()
        // A row that is tried again makes both files others.
        let retried = try Sample.open(folder.file("journal.sqlite"), Self.identity)
        try retried.commit([.retried([1])])
        try retried.close()
        let open = try JournalInspection(at: folder.file("journal.sqlite"))
        #expect(try open.featuresDigest() == nil)
        try open.close()
    }

    @Test("a salvage keeps features, and drops rows whose features are lost")
    func salvageKeepsFeatures() throws {
        let folder = try TemporaryFolder()
        try journal(in: folder)
        try change(folder, "UPDATE features SET crc = crc + 1 WHERE ordinal = 2")
        let result = try JournalSalvage.run(
            from: folder.file("journal.sqlite"), to: folder.file("new.sqlite"), host: "here")
        #expect(result.rowsKept == 3)
        let journal = try Sample.open(folder.file("new.sqlite"), Self.identity)
        defer { try? journal.close() }
        let rows = try journal.rows(from: 0, .passedOver)
        #expect(rows.map(\.ordinal) == [0, 1, 3])
        #expect(rows.map(\.features) == [Self.features(0), nil, Self.features(3)])
    }

    @Test("rows that a changed input still has keep their features under their new numbers")
    func carryOverKeepsFeatures() throws {
        let folder = try TemporaryFolder()
        try journal(in: folder)
        let now = [3, 9, 0, 1]
        let carryOver = try JournalCarryOver(from: folder.file("journal.sqlite")) { _ in
            .init(
                count: now.count, digest: { Sample.rowDigest(now[$0]) }, mayKeep: { _, _ in true })
        }
        var identity = Self.identity
        identity.rowCount = now.count
        #expect(
            try carryOver.write(
                to: folder.file("new.sqlite"),
                of: JobDescription(identity, manifest: Sample.place), host: "here") == 3)
        try carryOver.close()
        let journal = try Sample.open(folder.file("new.sqlite"), identity)
        defer { try? journal.close() }
        let rows = try journal.rows(from: 0, .passedOver)
        #expect(rows.map(\.ordinal) == [0, 2, 3])
        #expect(rows.map(\.features) == [Self.features(3), Self.features(0), nil])
    }
}
