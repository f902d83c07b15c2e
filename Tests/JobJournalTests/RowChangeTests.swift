internal import ClusterProtocol
internal import Digests
internal import Foundation
internal import JobJournal
internal import JobState
internal import SpeechTypes
internal import TemporaryFolders
internal import Testing

@Suite("A journal whose job has other rows now") struct RowChangeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }
    private var path: String { folder.file("journal.sqlite") }

    private func identity(rows: Int, name: UInt8 = 1) -> JobIdentity {
        var identity = Sample.identity
        identity.rowCount = rows
        identity.manifestDigest = SHA256Hasher.digest(of: [name])
        return identity
    }

    @Test("an output that was about to take its place is known until it is final")
    func intended() throws {
        let journal = try Sample.open(path)
        let digest = SHA256Hasher.digest(of: [7])
        #expect(try journal.intendedDigest() == nil)
        try journal.recordIntended(outputDigest: digest)
        #expect(try journal.intendedDigest() == digest)
        #expect(try journal.finalDigest() == nil)
        try journal.recordFinal(outputDigest: digest)
        #expect(try journal.intendedDigest() == nil)
        #expect(try journal.finalDigest() == digest)
        try journal.close()
    }

    @Test("rows that were added go on in it, with the former job beside the new one")
    func grown() throws {
        var journal = try Sample.open(path)
        try journal.commit([Sample.facts, .outcome(Sample.transcribed(3, [1, 2]))])
        try journal.recordFinal(outputDigest: SHA256Hasher.digest(of: [9]))
        try journal.close()

        var asked: StoredManifest?
        journal = try Sample.open(path, identity(rows: 14, name: 5)) { before in
            asked = before
            return true
        }
        #expect(asked?.rowCount == 10 && asked?.place == Sample.place)
        #expect(asked?.digest == Sample.identity.manifestDigest)
        #expect(try journal.finalDigest() == nil)
        #expect(try journal.replacedDigest() == SHA256Hasher.digest(of: [9]))
        let replay = try journal.replay(rowCount: 14)
        #expect(replay.recorded.count == 1 && replay.recorded.contains(3))
        try journal.close()

        let summary = try inspected()
        #expect(summary.epochs.map(\.rowCount) == [10, 14])
        let arithmetic = "fp32/avx2"
        #expect(
            summary.epochs.map(\.jobID) == [
                Sample.identity.jobID(arithmetic: arithmetic).hex,
                identity(rows: 14, name: 5).jobID(arithmetic: arithmetic).hex,
            ])
        // And now it is of the new rows.
        #expect { try Sample.open(path) } throws: { ($0 as? JournalError)?.code == .otherRows }
    }

    @Test("a journal says what it holds")
    func summary() throws {
        let journal = try Sample.open(path)
        var history = AttemptHistory(ordinal: 8)
        history.engineSlots = ["a/0"]
        try journal.commit([
            Sample.facts, .outcome(Sample.transcribed(0, [1])),
            .outcome(Sample.transcribed(1, [2])),
            .outcome(Sample.rejected(2)), .history(history), .pauses([.operator]),
            .leaseGranted(
                LeaseRecord(
                    lease: 1, slot: "a/0", instance: "77", session: 4, isAlone: false,
                    ordinals: [4, 5, 8])),
        ])
        try journal.close()
        let summary = try inspected()
        #expect(summary.rowsRecorded == 3 && summary.audioMilliseconds == 3_000)
        #expect(summary.outcomes.map(\.name) == ["audio.not_found", "transcribed"])
        #expect(summary.outcomes.map(\.value) == ["1", "2"])
        #expect(summary.openLeases == 1 && summary.rowsInOpenLeases == 3)
        #expect(summary.troubledRows == [8] && summary.pauses == ["operator"])
        #expect(summary.finalDigest == nil && summary.header.rowCount == 10)
    }

    @Test("rows keep their records wherever they stand now, and however often")
    func carriedOver() throws {
        let journal = try Sample.open(path)
        try journal.commit([
            Sample.facts, .outcome(Sample.transcribed(0, [10])),
            .outcome(Sample.transcribed(4, [14])),
            .outcome(Sample.rejected(5)), .outcome(Sample.rejected(6, .manifestInvalidJSON)),
            .outcome(Sample.transcribed(9, [19])), .pauses([.operator]),
            .leaseGranted(
                LeaseRecord(
                    lease: 7, slot: "a/0", instance: "77", session: 4, isAlone: false, ordinals: [1]
                )),
        ])
        try journal.close()
        // New rows, named by what they were: 20 and more are new, 1 and 6 are not carried over.
        let names = [9, 20, 4, 4, 6, 21, 5, 1, 9]
        // A rejected row has no record.
        let wanted: [Int: [UInt8]] = [0: [19], 2: [14], 3: [14], 6: [], 8: [19]]
        let carryOver = try JournalCarryOver(from: path) { _ in
            JournalCarryOver.Rows(
                count: names.count, digest: { Sample.rowDigest(names[$0]) },
                mayKeep: { _, _ in true })
        }
        #expect(carryOver.recordedRows == 5)
        #expect(try carryOver.count() == wanted.count)
        let job = identity(rows: names.count, name: 8)
        let target = folder.file("new.sqlite")
        let kept = try carryOver.write(
            to: target, of: JobDescription(job, manifest: Sample.place), host: "here")
        #expect(kept == wanted.count)
        try carryOver.close()

        let new = try Sample.open(target, job)
        #expect(new.epoch == 2)
        let replay = try new.replay(rowCount: names.count)
        #expect((0..<names.count).filter { replay.recorded.contains($0) } == wanted.keys.sorted())
        for (ordinal, record) in wanted {
            #expect(try new.rows(from: ordinal, rowsMax: 1).map { $0.record ?? [] } == [record])
        }
        #expect(replay.facts?.arithmetic == "fp32/avx2" && replay.pauses == [.operator])
        #expect(replay.lastLease == 7 && replay.openLeases.isEmpty)
        try new.close()
        // The former journal is as it was.
        #expect(try Sample.open(path).replay(rowCount: 10).recorded.count == 5)
    }

    private func inspected() throws -> JournalSummary {
        let journal = try JournalInspection(at: path)
        defer { try? journal.close() }
        return try journal.summary()
    }
}
