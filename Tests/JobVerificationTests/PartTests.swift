import Foundation
import JobVerification
import TemporaryFolders
import Testing

@Suite("Outputs that are joined")
struct PartTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("of what a pattern matches beside the parts, snapshots and files of digests are left out")
    func parts() throws {
        let outputs = FinishedParts.outputs(among: [
            "part-1.jsonl", "part-1.jsonl.digests.jsonl", "part-1.now.jsonl", "part-2.jsonl",
            "alone.now.jsonl",
        ])
        // A file that only looks like a snapshot is an output.
        #expect(outputs == ["part-1.jsonl", "part-2.jsonl", "alone.now.jsonl"])
    }

    @Test("one file is one by whatever path")
    func sameFile() throws {
        let path = try folder.write("a/out.jsonl")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("b"), withDestinationPath: folder.file("a"))
        #expect(FinishedParts.isSameFile(path, folder.file("b/out.jsonl")))
        #expect(FinishedParts.isSameFile(path, folder.file("a/../a/out.jsonl")))
        #expect(!FinishedParts.isSameFile(path, try folder.write("other.jsonl")))
        #expect(!FinishedParts.isSameFile(path, folder.file("none.jsonl")))
    }

    @Test("an output that is no job's is told to have no report")
    func withoutReport() throws {
        let path = try folder.write("part-1.jsonl", "{}\n")
        let error = #expect(throws: (any Error).self) { _ = try FinishedParts.join([path]) }
        #expect(error.map { "\($0)".contains("part-1.jsonl") } == true)
    }
}
