import Foundation
import Testing

@Suite("The repository")
struct RepositoryTests {
    @Test("no target is more than one person can know: 30 files or 3,000 lines")
    func targetsAreSmall() throws {
        let sources = Program.root.appending(path: "Sources")
        let targets = try FileManager.default.contentsOfDirectory(atPath: sources.path)
        var measured = 0
        for target in targets.sorted() where !target.hasPrefix(".") {
            let folder = sources.appending(path: target)
            let files = try #require(FileManager.default.enumerator(atPath: folder.path))
                .compactMap { $0 as? String }
                .filter { name in [".swift", ".c", ".h"].contains(where: name.hasSuffix) }
            let lines = try files.reduce(0) { sum, name in
                let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
                return sum + text.utf8.count { $0 == UInt8(ascii: "\n") }
            }
            #expect(files.count <= 30, "\(target) has \(files.count) files")
            #expect(lines <= 3_000, "\(target) has \(lines) lines")
            measured += files.count
        }
        #expect(measured > 300, "the sources were not found")
    }
}
