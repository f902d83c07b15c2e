internal import ClusterProtocol
internal import ClusterRuntime
internal import Foundation
internal import GRDB
internal import Glibc
internal import JobJournal
internal import JobOutput
internal import Processes
internal import Testing

/// Damage, kills and their times are drawn from a seed.
@Suite("A job whose journal is damaged") struct DamageTests {
    private static let rows = StandIn.rows(150, [20: "missing", 31: "engine"]) + ["not json"]

    /// What is written when nothing happens.
    private static let undisturbedOutput = Result {
        let job = try StandIn(rows: rows)
        _ = try job.finish(workers: 2)
        return job.outputText
    }

    private static func damage(
        _ path: String, pages count: Int, using chance: inout SeededGenerator
    ) throws {
        let file = URL(fileURLWithPath: path)
        var bytes = try Data(contentsOf: file)
        for _ in 0..<count where bytes.count >= 4_096 {
            let page = Int.random(in: 0..<(bytes.count / 4_096), using: &chance)
            for index in 0..<4_096 {
                bytes[page * 4_096 + index] = UInt8.random(in: 0...255, using: &chance)
            }
        }
        try bytes.write(to: file)
    }

    @Test(
        "random pages overwritten, salvaged, gone on with: the undisturbed bytes",
        arguments: UInt64(0)..<16)
    func salvage(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        let job = try StandIn(rows: Self.rows)
        let coordinator = try job.coordinate(workers: 2, batchMilliseconds: 10)
        let journal = job.output + ".job/journal.sqlite"
        // Some are killed on the way, with rows in the log; some have come to their end.
        if !seed.isMultiple(of: 3) {
            // A busy machine may take long to get there; without a journal there is nothing to damage.
            for _ in 0..<6_000 where !FileManager.default.fileExists(atPath: journal + "-wal") {
                usleep(5_000)
            }
            usleep(UInt32.random(in: 200_000...500_000, using: &chance))
            coordinator.send(SIGKILL)
        }
        _ = coordinator.waitForEnd()
        try? FileManager.default.removeItem(atPath: job.output)
        if Bool.random(using: &chance), FileManager.default.fileExists(atPath: journal + "-wal") {
            try Self.damage(journal + "-wal", pages: 1, using: &chance)
        }
        try Self.damage(journal, pages: Int.random(in: 1...3, using: &chance), using: &chance)

        var salvages = 0
        for _ in 0..<4 {
            let next = try job.coordinate(workers: 2)
            let end = next.waitForEnd()
            guard end == .exited(74) else {
                #expect(end == .exited(3), "seed \(seed): \(next.errors)")
                break
            }
            #expect(
                next.errors.contains("scriptorium journal salvage \(job.output).job"),
                "seed \(seed): \(next.errors)")
            guard case .salvaged = try StoredJob(job.output).salvage() else {
                Issue.record("seed \(seed): a coordinator found damage and salvage did not")
                return
            }
            salvages += 1
        }
        #expect(job.outputText == (try Self.undisturbedOutput.get()), "seed \(seed)")
        #expect(salvages <= 1, "seed \(seed): what salvage left was damaged again")
        if salvages == 1 {
            #expect(
                FileManager.default.fileExists(atPath: job.output + ".job/journal.old-1.sqlite"))
        }
        let findings = try StoredJob(job.output).verify()
        #expect(findings.isEmpty, "seed \(seed): \(findings)")
    }

    @Test("what was not damaged is not touched, and what is damaged is said")
    func verify() throws {
        let job = try StandIn(rows: Self.rows)
        #expect(try job.finish(workers: 2) == .exited(3))
        let journal = URL(fileURLWithPath: job.output + ".job/journal.sqlite")
        #expect(try StoredJob(job.output + ".job").verify().isEmpty)
        guard case .nothingDamaged = try StoredJob(job.output).salvage() else {
            Issue.record("nothing is damaged")
            return
        }
        let whole = try Data(contentsOf: journal)
        // One bit of every record; pages may have copies of some that are none any more.
        var damaged = whole
        var places = 0
        while let place = damaged.range(of: Data("\"pred_text\"".utf8))?.lowerBound {
            damaged[place] ^= 1
            places += 1
        }
        #expect(places >= 148)
        try damaged.write(to: journal)
        let findings = try StoredJob(job.output).verify()
        #expect(findings.count == 20, "\(findings)")
        #expect(findings.allSatisfy { $0.contains("the record of row") }, "\(findings)")
        // A coordinator finds it when it needs the record.
        try FileManager.default.removeItem(atPath: job.output)
        let coordinator = try job.coordinate(workers: 1)
        #expect(coordinator.waitForEnd() == .exited(74))
        #expect(coordinator.errors.contains("journal salvage"), "\(coordinator.errors)")
        #expect(job.outputText == nil)
        try whole.write(to: journal)
        // Another input is no damage, but it is said too.
        try job.setRows(["{\"audio_filepath\":\"other.wav\"}"])
        #expect(try StoredJob(job.output).verify().contains { $0.contains("the input is not") })
    }

    @Test("a journal that a coordinator holds is left alone")
    func held() throws {
        let job = try StandIn(rows: Self.rows)
        let coordinator = try job.coordinate(workers: 1, batchMilliseconds: 20)
        #expect(coordinator.wait { !coordinator.children.isEmpty })
        for target in [job.output, job.output + ".job"] {
            #expect { try StoredJob(target) } throws: {
                ($0 as? RuntimeError)?.exitStatus == ExitStatus.superseded
            }
        }
        #expect(coordinator.waitForEnd() == .exited(3), "\(coordinator.errors)")
    }

    @Test("a switch of journals that was cut short is finished by whoever comes next")
    func switches() throws {
        let folder = NSTemporaryDirectory() + "scriptorium-switch-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // How far it had come: nothing moved, the log moved, log and journal moved.
        for moved in 0...2 {
            let job = "\(folder)/\(moved)/out.jsonl.job"
            try FileManager.default.createDirectory(
                atPath: job, withIntermediateDirectories: true)
            let names = [
                "journal.next.sqlite",
                (moved < 1 ? "journal.sqlite-wal" : "journal.old-1.sqlite-wal"),
                (moved < 2 ? "journal.sqlite" : "journal.old-1.sqlite"),
            ]
            for (name, text) in zip(names, ["new", "log", "old"]) {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(job)/\(name)"))
            }
            _ = try JobFolder(existing: "\(folder)/\(moved)/out.jsonl")
            func text(_ name: String) -> String? {
                try? String(contentsOfFile: "\(job)/\(name)", encoding: .utf8)
            }
            #expect(text("journal.sqlite") == "new" && text("journal.sqlite-wal") == nil)
            #expect(text("journal.old-1.sqlite") == "old", "moved \(moved)")
            #expect(text("journal.old-1.sqlite-wal") == "log", "moved \(moved)")
            #expect(text("journal.next.sqlite") == nil)
        }
    }

    @Test("a coordinator that is not the highest incarnation ends with 76 and records nothing")
    func superseded() throws {
        let job = try StandIn(rows: Self.rows)
        let first = try job.coordinate(workers: 1, batchMilliseconds: 30)
        #expect(first.wait { job.status?.rowsTranscribed ?? 0 > 0 })
        first.send(SIGTERM)
        #expect(first.waitForEnd() == .exited(75), "\(first.errors)")
        let recorded = try StoredJob(job.output).summary().rowsRecorded
        // The lock keeps two writers apart here, so the later epoch is written beforehand.
        let path = job.output + ".job/journal.sqlite"
        try Self.sqlite(
            path,
            "CREATE TRIGGER later AFTER INSERT ON incarnation BEGIN INSERT OR IGNORE INTO "
                + "incarnation VALUES (NEW.number + 1, 'other', 'now', NEW.card); END")
        let second = try job.coordinate(workers: 1)
        #expect(second.waitForEnd() == .exited(76), "\(second.errors)")
        #expect(second.errors.contains("a later coordinator has taken over"), "\(second.errors)")
        #expect(try StoredJob(job.output).summary().rowsRecorded == recorded)
        try Self.sqlite(path, "DROP TRIGGER later")
        #expect(try job.finish(workers: 2) == .exited(3))
        #expect(job.outputText == (try Self.undisturbedOutput.get()))
    }

    @Test(
        "a sync that fails once ends the coordinator with 74, though the next would not fail",
        arguments: [4, 6, 9, 15])
    func failingSync(after syncs: Int) throws {
        let job = try StandIn(rows: Self.rows)
        let coordinator = try job.coordinate(
            workers: 2, batchMilliseconds: 10, settings: ["STANDIN_FAILING_SYNC": String(syncs)])
        #expect(coordinator.waitForEnd() == .exited(74), "\(coordinator.errors)")
        #expect(job.outputText == nil)
        #expect(try job.finish(workers: 2) == .exited(3))
        #expect(job.outputText == (try Self.undisturbedOutput.get()))
    }

    private static func sqlite(_ path: String, _ statement: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: statement) }
        try queue.close()
    }
}
