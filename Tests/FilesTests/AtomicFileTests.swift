import Files
import Foundation
import TemporaryFolders
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
        let error = #expect(throws: FileError.self) {
            try AtomicFile("\(folder.path)/none/f")
        }
        #expect(error?.isMissing == true)
        #expect(error?.description.hasPrefix("\(folder.path)/none/f: cannot write it: ") == true)
    }

    @Test("bytes written before can be written over, and what follows is appended")
    func overwrites() throws {
        let folder = try TemporaryFolder()
        let file = try AtomicFile("\(folder.path)/f")
        try file.write("....body".utf8)
        try file.overwrite(Array("head".utf8), at: 0)
        try file.write("tail".utf8)
        try file.commit()
        #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "headbodytail")
    }

    @Test("a secret file is its owner's alone, and never replaces another")
    func secrets() throws {
        let folder = try TemporaryFolder()
        let elsewhere = try folder.write("elsewhere", "untouched")
        let path = "\(folder.path)/key"
        // What somebody else put where it is written aside is neither followed nor kept.
        #expect(symlink(elsewhere, "\(path).part") == 0)
        func write(_ text: String) throws -> Bool {
            let file = try AtomicFile(path, permissions: 0o600, isSecret: true)
            try file.write(text.utf8)
            return try file.commitIfAbsent()
        }
        #expect(try write("first"))
        #expect(try !write("second"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "first")
        #expect(try String(contentsOfFile: elsewhere, encoding: .utf8) == "untouched")
        #expect(
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                == 0o600)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                == ["elsewhere", "key"])
    }

    @Test("a link takes the place of what was there")
    func links() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("f", "old")
        try folder.write("target", "new")
        try AtomicFile.link(path, to: "target")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                == ["f", "target"])
    }
}
