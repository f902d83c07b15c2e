import Foundation
import Manifests
import Testing

@Suite("Files that are complete or absent") struct AtomicFileTests {
    @Test("a committed file replaces what was there")
    func commits() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("f", "old")
        let file = try AtomicFile(path)
        for _ in 0..<3_000 { try file.write([UInt8](repeating: 0x61, count: 1_000)) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        try file.commit()
        #expect(try Data(contentsOf: URL(filePath: path)).count == 3_000_000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["f"])
    }

    @Test("a dropped file leaves nothing, and what was there stays")
    func drops() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("f", "old")
        do {
            let file = try AtomicFile(path)
            try file.write(Array("new".utf8))
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["f"])
    }

    @Test("a folder that is not there is named")
    func missingFolder() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: ManifestError.self) {
            try AtomicFile("\(folder.path)/none/f")
        }
        #expect(error?.code == .storage)
    }
}
