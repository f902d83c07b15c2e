import Digests
import Files
import Foundation
import SystemErrors
import TemporaryFolders
import Testing

@Suite("Reading, locking and digesting files") struct ReadingTests {
    @Test("bytes are read from any place, up to the end")
    func places() throws {
        let folder = try TemporaryFolder()
        let file = try OpenFile(try folder.write("f", "0123456789"))
        #expect(file.byteCount == 10)
        #expect(try file.bytes(at: 3, count: 4) == Array("3456".utf8))
        #expect(try file.bytes(at: 8, count: 4) == Array("89".utf8))
        #expect(try file.bytes(at: 20, count: 4).isEmpty)
        #expect(try file.contents(bytesMax: 10) == Array("0123456789".utf8))
    }

    @Test("a file longer than its limit is none")
    func limits() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("f", "0123456789")
        #expect(try OpenFile(path).contents(bytesMax: 9) == nil)
        #expect(try OpenFile(path).contents(bytesMax: 0) == nil)
        #expect(try OpenFile(try folder.write("g", "")).contents(bytesMax: 0) == [])
    }

    @Test("a pipe is read to its end, whatever comes at once")
    func pipes() throws {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { close(ends[0]) }
        try DescriptorIO.write(Array("some bytes".utf8), to: ends[1])
        close(ends[1])
        #expect(try DescriptorIO.contents(of: ends[0], bytesMax: 100) == Array("some bytes".utf8))
    }

    @Test("what the system refuses is told with its number")
    func refusals() throws {
        let folder = try TemporaryFolder()
        let file = try OpenFile(folder.path)
        #expect(throws: FileError(folder.path, "read it", SystemError(EISDIR))) {
            try file.bytes(at: 0, count: 1)
        }
        #expect(throws: FileError("\(folder.path)/none", "open it", SystemError(ENOENT))) {
            try OpenFile("\(folder.path)/none")
        }
        #expect(FileError("f", "write it", SystemError(ENOSPC)).isFull)
    }

    @Test("the digest of a file, of its beginning, and of none")
    func digests() throws {
        let folder = try TemporaryFolder()
        let text = String(repeating: "0123456789", count: 200_000)
        let path = try folder.write("f", text)
        #expect(try FileDigest.sha256(of: path) == SHA256Hasher.digest(of: Array(text.utf8)))
        #expect(
            try FileDigest.sha256(ofFirst: 1_500_000, of: OpenFile(path))
                == SHA256Hasher.digest(of: Array(text.utf8.prefix(1_500_000))))
        #expect(try FileDigest.sha256(ofFirst: 2_000_001, of: OpenFile(path)) == nil)
        #expect(try FileDigest.sha256(of: "\(folder.path)/none") == nil)
    }

    @Test("a lock is held once, and free when its holder lets it go")
    func locks() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/lock"
        var held = try FileLock.ifFree(file: path, permissions: 0o600)
        #expect(held != nil)
        #expect(try FileLock.ifFree(file: path, permissions: 0o600) == nil)
        #expect(try FileLock.ifFree(folder: folder.path) != nil)
        held = nil
        var waited = false
        _ = try FileLock.wait(forFile: path, permissions: 0o600) { waited = true }
        #expect(!waited)
        held = nil
    }

    @Test("a lock is free when its holder lets it go, though a forked child still has it open")
    func inheritedLocks() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/lock"
        var held = try FileLock.ifFree(file: path, permissions: 0o600)
        #expect(held != nil)
        // A copy of the descriptor stands for the one that a child has until its program starts.
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        let own = try #require(
            descriptors.first { name in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)"))
                    .map { $0.hasSuffix("\(folder.path)/lock") } ?? false
            }.flatMap(Int32.init))
        let inherited = dup(own)
        #expect(inherited >= 0)
        defer { close(inherited) }
        held = nil
        #expect(try FileLock.ifFree(file: path, permissions: 0o600) != nil)
    }
}
