internal import Digests
internal import Foundation
internal import GRDB
internal import JobJournal
internal import JobState
internal import SpeechTypes
internal import TemporaryFolders
internal import Testing

/// Damage is drawn from a seed: whole pages and runs of bytes, of the file and of its log.
@Suite("A damaged journal") struct SalvageTests {
    private static let rowCount = 400
    private static let identity: JobIdentity = {
        var identity = Sample.identity
        identity.rowCount = rowCount
        return identity
    }()

    /// Records from a few bytes to several pages; every 20th row was rejected, every 30th is open.
    private static func record(_ ordinal: Int) -> [UInt8]? {
        guard ordinal % 20 != 7 else { return nil }
        let length = ordinal % 11 == 0 ? 3_000 + ordinal * 40 : 60 + ordinal % 900
        return (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ ordinal) }
    }

    private static func isRecorded(_ ordinal: Int) -> Bool { ordinal % 30 != 29 }
    private static let recorded = (0..<rowCount).filter(isRecorded)

    /// A journal as a kill leaves it: the rows of its first epoch in the file, those of the second in
    /// the log.
    private func journal(in folder: TemporaryFolder) throws {
        var chance = SeededGenerator(seed: 1)
        let order = Self.recorded.shuffled(using: &chance)
        let half = order.count / 2
        var journal = try Sample.open(folder.file("live.sqlite"), Self.identity)
        try journal.commit([Sample.facts])
        for first in stride(from: 0, to: order.count, by: 7) {
            if first / 7 == half / 7 {
                try journal.close()
                journal = try Sample.open(folder.file("live.sqlite"), Self.identity)
            }
            try journal.commit(
                order[first..<min(order.count, first + 7)].map { ordinal in
                    .outcome(
                        Self.record(ordinal).map { Sample.transcribed(ordinal, $0) }
                            ?? Sample.rejected(ordinal))
                })
        }
        for suffix in ["", "-wal"] {
            try folder.write(
                "journal.sqlite" + suffix, try folder.data("live.sqlite" + suffix))
        }
        try journal.close()
    }

    /// What a journal made by a salvage holds; every row must be as it was recorded.
    private func rows(
        of folder: TemporaryFolder, _ comment: Comment
    ) throws -> (rows: Set<Int>, epoch: Int) {
        let journal = try Sample.open(folder.file("new.sqlite"), Self.identity)
        defer { try? journal.close() }
        let replay = try journal.replay(rowCount: Self.rowCount)
        var rows: Set<Int> = []
        for ordinal in 0..<Self.rowCount where replay.recorded.contains(ordinal) {
            let row = try #require(try journal.rows(from: ordinal, rowsMax: 1).first)
            #expect(row.record == Self.record(ordinal), comment)
            #expect((row.code == nil) == (row.record != nil), comment)
            rows.insert(ordinal)
        }
        #expect(rows.isSubset(of: Self.recorded), comment)
        if !rows.isEmpty { #expect(replay.facts?.arithmetic == "fp32/avx2", comment) }
        return (rows, journal.epoch)
    }

    @Test("nothing is lost where nothing is damaged, whether it lies in the file or in the log")
    func undamaged() throws {
        let folder = try TemporaryFolder()
        try journal(in: folder)
        let log = try folder.data("journal.sqlite-wal")
        #expect(log.count > 100_000, "the log has rows of its own")
        #expect(try folder.data("journal.sqlite").count > 100_000, "and so has the file")
        let result = try JournalSalvage.run(
            from: folder.file("journal.sqlite"), to: folder.file("new.sqlite"), host: "here")
        #expect(result.rowsKept == Self.recorded.count && result.rowCount == Self.rowCount)
        let (rows, epoch) = try rows(of: folder, "undamaged")
        #expect(rows == Set(Self.recorded))
        #expect(epoch > 2, "workers ignore a coordinator of a lower incarnation")
        #expect(try folder.data("journal.sqlite-wal") == log, "the damaged journal is only read")
    }

    @Test("a page costs the rows on it and no others", arguments: UInt64(0)..<60)
    func damagedPages(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        try journal(in: folder)
        // The log folded into the file, as a coordinator that ended in order leaves it.
        if seed.isMultiple(of: 2) {
            let journal = try Sample.open(folder.file("journal.sqlite"), Self.identity)
            try journal.close()
        }
        var file = try folder.data("journal.sqlite")
        let count = Int.random(in: 1...4, using: &chance)
        for _ in 0..<count {
            let page = Int.random(in: 0..<(file.count / 4_096), using: &chance)
            let start = Bool.random(using: &chance) ? 0 : Int.random(in: 0..<4_000, using: &chance)
            let end = start == 0 ? 4_096 : min(4_096, start + 64)
            for index in start..<end {
                file[page * 4_096 + index] = UInt8.random(in: 0...255, using: &chance)
            }
        }
        try folder.write("journal.sqlite", file)
        let result = try JournalSalvage.run(
            from: folder.file("journal.sqlite"), to: folder.file("new.sqlite"), host: "here")
        guard result.isNamed else {
            // The job's name and facts lie on two pages: it takes both for the journal to be of no job.
            #expect(count > 1, "seed \(seed): one page took the name")
            #expect(result.rowsKept == 0, "seed \(seed)")
            return
        }
        let (rows, _) = try rows(of: folder, "seed \(seed)")
        #expect(rows.count == result.rowsKept, "seed \(seed)")
        // Both copies of the job's name and facts would have to be hit for all to be lost.
        let lostMax = count * 40
        #expect(
            rows.isEmpty || rows.count >= Self.recorded.count - lostMax,
            "seed \(seed): \(rows.count) of \(Self.recorded.count) after \(count) pages")
        #expect(!rows.isEmpty || count > 1, "seed \(seed): one page took everything")
    }

    @Test("the job is known as long as one place is whole in which its name stands")
    func name() throws {
        let folder = try TemporaryFolder()
        try journal(in: folder)
        try Sample.open(folder.file("journal.sqlite"), Self.identity).close()
        let whole = try folder.data("journal.sqlite")
        let pages = stride(from: 0, to: whole.count, by: 4_096).filter { page in
            Data(whole[page..<page + 4_096]).range(of: Data("facts.arithmetic:".utf8)) != nil
        }
        #expect(pages.count > 1, "the name stands in more than one place")
        func salvage(without lost: some Sequence<Int>) throws -> SalvageResult {
            var file = whole
            for page in lost {
                for index in page..<page + 4_096 { file[index] = 0 }
            }
            try folder.write("journal.sqlite", file)
            try? FileManager.default.removeItem(atPath: folder.file("new.sqlite"))
            return try JournalSalvage.run(
                from: folder.file("journal.sqlite"), to: folder.file("new.sqlite"), host: "here")
        }
        for page in pages {
            let result = try salvage(without: pages.filter { $0 != page })
            #expect(result.isNamed && result.rowsKept > 0, "only page \(page / 4_096) is whole")
        }
        let nameless = try salvage(without: pages)
        #expect(!nameless.isNamed && nameless.rowsKept == 0)
        #expect(!FileManager.default.fileExists(atPath: folder.file("new.sqlite")))
    }

    @Test("what verify does not find is not there", arguments: UInt64(100)..<140)
    func verify(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        try journal(in: folder)
        try Sample.open(folder.file("journal.sqlite"), Self.identity).close()
        #expect(try Self.findings(in: folder).isEmpty, "seed \(seed)")
        var file = try folder.data("journal.sqlite")
        // One byte: the least that can go wrong.
        let place = Int.random(in: 0..<file.count, using: &chance)
        file[place] ^= UInt8.random(in: 1...255, using: &chance)
        try folder.write("journal.sqlite", file)
        let findings = (try? Self.findings(in: folder)) ?? ["it cannot be opened"]
        guard findings.isEmpty else { return }
        try? FileManager.default.removeItem(atPath: folder.file("new.sqlite"))
        try folder.write("new.sqlite", try folder.data("journal.sqlite"))
        #expect(
            try rows(of: folder, "seed \(seed), byte \(place)").rows == Set(Self.recorded),
            "seed \(seed), byte \(place)")
    }

    @Test("a row that belongs to another input is found")
    func otherInput() throws {
        let folder = try TemporaryFolder()
        try journal(in: folder)
        let journal = try JournalInspection(at: folder.file("journal.sqlite"))
        #expect(try journal.verify(findingsMax: 9, rowDigest: Sample.rowDigest).isEmpty)
        let findings = try journal.verify(findingsMax: 9) {
            Sample.rowDigest($0 == 42 ? 0 : $0)
        }
        #expect(findings == ["row 42 of the input is not the one that was recorded"])
        try journal.close()
    }

    @Test("outcomes that were taken back do not come back")
    func retried() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("journal.sqlite")
        let journal = try Sample.open(path, Self.identity)
        try journal.commit([Sample.facts])
        for ordinal in 0..<60 {
            try journal.commit([.outcome(Sample.rejected(ordinal, .quarantinedCrash))])
        }
        try journal.commit([.retried(Array(10..<50))])
        try journal.close()
        let result = try JournalSalvage.run(
            from: path, to: folder.file("new.sqlite"), host: "here")
        #expect(result.rowsKept == 20)
    }

    private static func findings(in folder: TemporaryFolder) throws -> [String] {
        let journal = try JournalInspection(at: folder.file("journal.sqlite"))
        defer { try? journal.close() }
        return try journal.verify(findingsMax: 5, rowDigest: Sample.rowDigest)
    }
}
