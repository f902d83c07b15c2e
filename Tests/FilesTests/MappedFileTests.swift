import Files
import TemporaryFolders
import Testing

@Suite("Mapped files") struct MappedFileTests {
    @Test("a mapped file has its bytes, also after they were given back")
    func bytes() throws {
        let folder = try TemporaryFolder()
        let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let mapped = try MappedFile(OpenFile(folder.write("file", content)))
        mapped.prefetch(0..<content.count)
        #expect(mapped.bytes.elementsEqual(content))
        mapped.release(0..<content.count)
        #expect(mapped.bytes.elementsEqual(content))
    }

    @Test("an empty file has no bytes, and a folder cannot be mapped")
    func edges() throws {
        let folder = try TemporaryFolder()
        #expect(try MappedFile(OpenFile(folder.write("empty", [UInt8]()))).bytes.isEmpty)
        let error = #expect(throws: FileError.self) { try MappedFile(OpenFile(folder.path)) }
        #expect(error?.sentence.hasPrefix("cannot map it: ") == true)
    }

    @Test("a file that is made longer has zeros, and what is written next comes behind them")
    func extending() throws {
        let folder = try TemporaryFolder()
        let file = try AtomicFile(folder.file("out"))
        try file.write([1, 2])
        try file.extend(to: 9)
        try file.withMappedBytes { $0[8] = 7 }
        try file.write([3])
        try file.commit()
        #expect(try Array(folder.data("out")) == [1, 2, 0, 0, 0, 0, 0, 0, 7, 3])
    }
}
