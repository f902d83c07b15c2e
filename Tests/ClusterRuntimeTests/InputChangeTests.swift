internal import ClusterRuntime
internal import Foundation
internal import Glibc
internal import JobJournal
internal import JobOutput
internal import JobState
internal import Processes
internal import Testing

/// Changes, kills and their times are drawn from a seed.
@Suite("A job whose input changes") struct InputChangeTests {
    private static let reconcile = ["STANDIN_RECONCILE": "1"]

    /// Some rows of every kind: blank lines, lines that cannot be parsed, rows that fail.
    private static func rows(_ count: Int) -> [String] {
        StandIn.rows(count, [5: "missing", 17: "engine"]).enumerated().flatMap { index, row in
            switch index % 25 {
            case 7: ["", row]
            case 11: ["not json \(index)", row]
            default: [row]
            }
        }
    }

    /// What a job writes that never had other rows.
    private static func freshOutput(_ rows: [String]) throws -> String? {
        let job = try StandIn(rows: rows)
        #expect(try job.finish(workers: 2) == .exited(3))
        return job.outputText
    }

    /// Runs until the end, killed now and then.
    private static func finish(
        _ job: StandIn, input: String? = nil, kills: Int, settings: [String: String] = [:],
        using chance: inout SeededGenerator
    ) throws -> StandIn.End {
        let settings = settings.merging(StandIn.impatient) { first, _ in first }
        for run in 0..<(kills + 10) {
            let coordinator = try job.coordinate(
                workers: 2, input: input, batchMilliseconds: 4, settings: settings)
            if run < kills {
                usleep(UInt32.random(in: 1_000...120_000, using: &chance))
                coordinator.send(SIGKILL)
            }
            let end = coordinator.waitForEnd()
            if case .exited = end { return end }
        }
        return .exited(-1)
    }

    @Test(
        "rows that are added at the end are added to the job, whatever is killed",
        arguments: UInt64(0)..<8)
    func grown(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        let all = Self.rows(120)
        let first = Int.random(in: 1..<all.count, using: &chance)
        let job = try StandIn(rows: [])
        // With and without an end of the last line.
        try job.setRows(
            Array(all[..<first]), lastLineEnd: Bool.random(using: &chance) ? "\n" : "")
        let coordinator = try job.coordinate(workers: 2, batchMilliseconds: 4)
        if Bool.random(using: &chance) {
            usleep(UInt32.random(in: 50_000...300_000, using: &chance))
            coordinator.send(SIGKILL)
        }
        _ = coordinator.waitForEnd()
        try job.setRows(all)
        let end = try Self.finish(job, kills: 3, using: &chance)
        #expect(end == .exited(3), "seed \(seed)")
        #expect(job.outputText == (try Self.freshOutput(all)), "seed \(seed), first \(first)")
        #expect(try StoredJob(job.output).verify().isEmpty, "seed \(seed)")
        let summary = try StoredJob(job.output).summary()
        #expect(summary.header.rowCount == summary.rowsRecorded)
    }

    @Test("rows that were recorded before the input grew are not computed again")
    func grownKeeps() throws {
        let job = try StandIn(rows: StandIn.rows(60))
        #expect(try job.finish(workers: 1) == .exited(0))
        try job.setRows(StandIn.rows(64))
        #expect(try job.finish(workers: 1) == .exited(0))
        let summary = try StoredJob(job.output).summary()
        #expect(summary.epochs.map(\.rowCount) == [60, 64])
        #expect(Set(summary.epochs.map(\.jobID)).count == 2)
        #expect(job.outputText == (try Self.freshPlain(64)))
        #expect(job.report?.contains("\"last_run\":{\"wall_seconds\":") == true)
        #expect(job.report?.contains("\"audio_seconds\":4.0,") == true, "\(job.report ?? "")")
    }

    private static func freshPlain(_ count: Int) throws -> String? {
        let job = try StandIn(rows: StandIn.rows(count))
        _ = try job.finish(workers: 1)
        return job.outputText
    }

    @Test("a finished output that somebody changed is not replaced when the input grows")
    func grownForeignOutput() throws {
        let job = try StandIn(rows: StandIn.rows(20))
        #expect(try job.finish(workers: 1) == .exited(0))
        try Data("edited\n".utf8).write(to: URL(fileURLWithPath: job.output))
        try job.setRows(StandIn.rows(22))
        let coordinator = try job.coordinate(workers: 1)
        #expect(coordinator.waitForEnd() == .exited(64), "\(coordinator.errors)")
        #expect(job.outputText == "edited\n")
    }

    @Test("a last line that went on is a changed row, not a new one")
    func lastLineWentOn() throws {
        let job = try StandIn(rows: [])
        let rows = StandIn.rows(10)
        try job.setRows(rows, lastLineEnd: "")
        #expect(try job.finish(workers: 1) == .exited(0))
        try job.setRows(rows, lastLineEnd: " \n")
        let coordinator = try job.coordinate(workers: 1)
        #expect(coordinator.waitForEnd() == .exited(65), "\(coordinator.errors)")
        #expect(coordinator.errors.contains("9 of the rows now are recorded already"))
    }

    /// Rows reordered, left out, doubled, changed, added; the first and the last line among them.
    private static func changed(_ rows: [String], _ chance: inout SeededGenerator) -> [String] {
        var changed = rows.shuffled(using: &chance)
        changed.removeLast(changed.count / 5)
        changed += changed.prefix(10)
        for index in 0..<8 {
            changed.insert(
                "{\"audio_filepath\":\"new-\(index).wav\"}",
                at: Int.random(in: 0...changed.count, using: &chance))
        }
        changed.insert("", at: Int.random(in: 0...changed.count, using: &chance))
        changed.insert("not json at all", at: Int.random(in: 0...changed.count, using: &chance))
        return changed
    }

    @Test(
        "rows of a changed input keep their records where that is asked for, whatever is killed",
        arguments: UInt64(0)..<8)
    func reconciled(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        let before = Self.rows(120)
        let job = try StandIn(rows: before)
        let coordinator = try job.coordinate(workers: 2, batchMilliseconds: 4)
        if Bool.random(using: &chance) {
            // A job that has not begun refuses nothing later.
            _ = coordinator.wait { job.status != nil }
            usleep(UInt32.random(in: 1_000...200_000, using: &chance))
            coordinator.send(SIGKILL)
        }
        _ = coordinator.waitForEnd()
        let after = Self.changed(before, &chance)
        try job.setRows(after)

        let refused = try job.coordinate(workers: 1)
        #expect(refused.waitForEnd() == .exited(65), "seed \(seed): \(refused.errors)")
        #expect(refused.errors.contains("--reconcile"), "seed \(seed): \(refused.errors)")
        // A refusal changes nothing: the rows before go on.
        try job.setRows(before)
        #expect(try job.finish(workers: 2) == .exited(3))
        #expect(job.outputText == (try Self.freshOutput(before)), "seed \(seed)")

        try job.setRows(after)
        let end = try Self.finish(job, kills: 4, settings: Self.reconcile, using: &chance)
        #expect(end == .exited(3), "seed \(seed)")
        #expect(job.outputText == (try Self.freshOutput(after)), "seed \(seed)")
        #expect(try StoredJob(job.output).verify().isEmpty, "seed \(seed)")
        #expect(FileManager.default.fileExists(atPath: job.output + ".job/journal.old-1.sqlite"))
    }

    @Test("relative paths in another folder are other recordings")
    func otherFolder() throws {
        let job = try StandIn(rows: StandIn.rows(20) + ["{\"audio_filepath\":\"/a/b.wav\"}"])
        #expect(try job.finish(workers: 1) == .exited(0))
        let folder = "\(job.folder)/elsewhere"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let rows = StandIn.rows(20) + ["{\"audio_filepath\":\"/a/b.wav\"}", ""]
        let moved = "\(folder)/input.jsonl"
        try Data((rows.joined(separator: "\n") + "{\"audio_filepath\":\"c.wav\"}\n").utf8)
            .write(to: URL(fileURLWithPath: moved))
        let refused = try job.coordinate(workers: 1, input: moved)
        #expect(refused.waitForEnd() == .exited(65), "\(refused.errors)")
        #expect(
            refused.errors.contains("1 of the rows now are recorded already"), "\(refused.errors)")
        let reconciled = try job.coordinate(workers: 1, input: moved, settings: Self.reconcile)
        #expect(reconciled.waitForEnd() == .exited(0), "\(reconciled.errors)")
        #expect(reconciled.errors.contains("1 of its 22 rows keep their records"))
        #expect(job.outputLines.count == 22)
    }

    @Test(
        "the rows of a folder grow, and are reconciled where new ones stand between",
        arguments: UInt64(0)..<3)
    func folders(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        let job = try StandIn(rows: [])
        let folder = "\(job.folder)/archive"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func add(_ names: [String]) {
            for name in names {
                _ = FileManager.default.createFile(atPath: "\(folder)/\(name).wav", contents: nil)
            }
        }
        func fresh() throws -> String? {
            let other = try StandIn(rows: [])
            let coordinator = try other.coordinate(workers: 2, input: folder)
            #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
            return other.outputText
        }
        add((10..<40).map { "m\($0)" })
        let first = try job.coordinate(workers: 2, input: folder)
        #expect(first.waitForEnd() == .exited(0), "\(first.errors)")
        add(["n1", "n2"])
        var end = try Self.finish(job, input: folder, kills: 2, using: &chance)
        #expect(end == .exited(0), "seed \(seed)")
        #expect(job.outputText == (try fresh()), "seed \(seed)")
        add(["a1", "m20b"])
        let refused = try job.coordinate(workers: 1, input: folder)
        #expect(refused.waitForEnd() == .exited(65), "\(refused.errors)")
        #expect(refused.errors.contains("32 of the rows now are recorded"), "\(refused.errors)")
        // The rows that the journal is of are still there for whoever asks.
        #expect(try StoredJob(job.output).verify().isEmpty)
        end = try Self.finish(
            job, input: folder, kills: 3, settings: Self.reconcile, using: &chance)
        #expect(end == .exited(0), "seed \(seed)")
        #expect(job.outputText == (try fresh()), "seed \(seed)")
        #expect(try StoredJob(job.output).verify().isEmpty, "seed \(seed)")
    }
}
