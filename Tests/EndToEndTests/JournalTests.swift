import Foundation
import Testing

@Suite("scriptorium journal and export, on real speech")
struct JournalTests {
    private func bytes(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }

    private func transcribe(
        _ manifest: String, _ out: String, _ more: [String] = []
    ) throws -> Program.Result {
        try Program.run(
            ["transcribe", manifest, "--model", Examples.model, "-o", out, "--quiet"] + more)
    }

    /// The examples with absolute paths, so that they may lie anywhere.
    private func exampleRows() throws -> [String] {
        try String(contentsOfFile: Examples.manifest, encoding: .utf8).split(separator: "\n").map {
            $0.replacingOccurrences(of: "\"audio/", with: "\"\(Examples.folder)/audio/")
        }
    }

    private func write(_ rows: [String], to path: String) throws {
        try Data(rows.map { $0 + "\n" }.joined().utf8).write(to: URL(fileURLWithPath: path))
    }

    @Test("inspect, verify, export and salvage say what they found, and the bytes stay the same")
    func commands() throws {
        let scratch = try Scratch()
        let out = scratch.path("out.jsonl")
        let journal = out + ".job/journal.sqlite"
        #expect(try transcribe(Examples.manifest, out).status == 0)
        let undisturbed = try bytes(out)

        let inspected = try Program.run(["journal", "inspect", out])
        #expect(inspected.status == 0, "\(inspected.errors)")
        #expect(inspected.output.contains("recorded    40 of 40 rows"), "\(inspected.output)")
        #expect(inspected.output.contains("40 transcribed"))
        #expect(inspected.output.contains("final, SHA-256"))
        let json = try Program.run(["journal", "inspect", out + ".job", "--json"])
        let object =
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(object?["rows_recorded"] as? Int == 40 && object?["final"] as? Bool == true)

        #expect(try Program.run(["journal", "verify", out]).status == 0)
        #expect(try Program.run(["journal", "salvage", out]).output.contains("not damaged"))
        #expect(try Program.run(["export", out, "--now"]).status == 0)
        #expect(try bytes(scratch.path("out.now.jsonl")) == undisturbed)
        #expect(try Program.run(["journal", "verify", scratch.path("none.jsonl")]).status == 64)

        // Half of the last page, as a bad block would leave it.
        var damaged = try bytes(journal)
        let place = try #require(damaged.range(of: Data("\"pred_text\"".utf8))).lowerBound
        let page = place / 4_096 * 4_096
        for index in page + 1_000..<page + 4_096 { damaged[index] = 0xA5 }
        try damaged.write(to: URL(fileURLWithPath: journal))
        try FileManager.default.removeItem(atPath: out)
        let verified = try Program.run(["journal", "verify", out])
        #expect(verified.status == 74 && verified.errors.contains("journal.sqlite"))
        let stopped = try transcribe(Examples.manifest, out)
        #expect(stopped.status == 74)
        #expect(stopped.errors.contains("scriptorium journal salvage"), "\(stopped.errors)")
        let salvaged = try Program.run(["journal", "salvage", out])
        #expect(salvaged.status == 0, "\(salvaged.errors)")
        #expect(salvaged.output.contains("of 40 rows are kept"), "\(salvaged.output)")
        #expect(try bytes(out + ".job/journal.old-1.sqlite") == damaged)
        #expect(try transcribe(Examples.manifest, out).status == 0)
        #expect(try bytes(out) == undisturbed)
        #expect(try Program.run(["journal", "verify", out]).status == 0)
    }

    @Test(
        "rows that were added or changed cost no more than they must, and the bytes are a fresh run's"
    )
    func changedInput() throws {
        let scratch = try Scratch()
        let manifest = scratch.path("rows.jsonl")
        let out = scratch.path("out.jsonl")
        let rows = try exampleRows()
        func fresh() throws -> Data {
            let other = scratch.path("fresh.jsonl")
            #expect(try transcribe(manifest, other, ["--overwrite"]).status != 64)
            return try bytes(other)
        }
        try write(Array(rows.prefix(30)), to: manifest)
        #expect(try transcribe(manifest, out).status == 0)
        try write(rows, to: manifest)
        #expect(try transcribe(manifest, out).status == 0)
        #expect(try bytes(out) == fresh())

        let after = rows.dropFirst(3).reversed() + ["not json", rows[0], rows[0]]
        try write(Array(after), to: manifest)
        let refused = try transcribe(manifest, out)
        #expect(refused.status == 65)
        #expect(refused.errors.contains("39 of the rows now are recorded already: --reconcile"))
        #expect(try transcribe(manifest, out, ["--reconcile"]).status == 3)
        #expect(try bytes(out) == fresh())
        #expect(
            try Program.run(["transcribe", manifest, "-o", out, "--reconcile", "--overwrite"])
                .status
                == 64)
    }
}
