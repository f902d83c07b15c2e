import ArchivedAudio
import AudioFormats
import Foundation
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Kept indexes of tar archives") struct TarIndexTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// An archive that counts how often it is read.
    private final class Counted: ArchiveSource {
        let file: ArchiveFile
        private(set) var reads = 0

        init(_ path: PathBytes) throws { file = ArchiveFile(try AudioFile(opening: path)) }

        var name: String { file.name }
        func version() throws(AudioError) -> String { file.version() }
        func byteCount() throws(AudioError) -> Int { file.byteCount() }
        func bytes(at offset: Int, count: Int) throws(AudioError) -> [UInt8] {
            reads += 1
            return try file.bytes(at: offset, count: count)
        }
        func part(
            _ range: Range<Int>, named name: String, asKnown: Bool
        ) throws(AudioError) -> AudioFile {
            try file.part(range, named: name, asKnown: asKnown)
        }
    }

    private func shelf() -> ArchiveShelf {
        ArchiveShelf(folder: TarIndexFolder(folder.file("kept")))
    }

    @Test("headers are read once, also over runs, and 24 bytes a member are kept of them")
    func kept() throws {
        var tar = TarWriter()
        for number in 0..<100 { tar.add("\(number).wav", [UInt8(number)]) }
        let path = PathBytes(try folder.write("a.tar", tar.whole))
        let first = try Counted(path)
        let one = shelf()
        let place = try one.index(of: first).place(of: "42.wav")
        #expect(place == 42 * 1_024 + 512..<42 * 1_024 + 513)
        let reads = first.reads
        #expect(reads >= 100)
        _ = try one.index(of: first)
        #expect(first.reads == reads)
        let names = try folder.names("kept")
        #expect(names.count == 1)
        #expect(try folder.bytes("kept/\(names[0])").count == 64 + 24 * 100)
        let second = try Counted(path)
        #expect(try shelf().index(of: second).place(of: "42.wav") == place)
        #expect(second.reads == 0)
    }

    /// `SCRIPTORIUM_TAR_MEMBERS=1000000` makes a bench of it, which prints its numbers: as many members of 1 kB are 1.5 GB.
    @Test(
        "of a large archive the headers are read, nothing between them, and 24 bytes a member kept")
    func large() throws {
        let given = ProcessInfo.processInfo.environment["SCRIPTORIUM_TAR_MEMBERS"]
        let count = given.flatMap { Int($0) } ?? 3_000
        let path = try folder.write("a.tar", [UInt8]())
        let file = try #require(FileHandle(forWritingAtPath: path))
        let content = [UInt8](repeating: 1, count: 1_000)
        for start in stride(from: 0, to: count, by: 1_000) {
            var tar = TarWriter()
            for number in start..<min(count, start + 1_000) {
                tar.add("talks/\(number).flac", content)
            }
            try file.write(contentsOf: start + 1_000 < count ? tar.bytes : tar.whole)
        }
        try file.close()
        let source = try Counted(PathBytes(path))
        let clock = ContinuousClock()
        var index: TarIndex?
        let made = try clock.measure { index = try shelf().index(of: source) }
        let last = count - 1
        #expect(
            index?.place(of: PathBytes("talks/\(last).flac"))
                == last * 1_536 + 512..<last * 1_536 + 1_512)
        #expect(source.reads <= count + 4, "a header of each, the end, and what the archive is")
        let kept = try folder.names("kept")
        let keptBytes = try folder.bytes("kept/\(kept[0])").count
        #expect(kept.count == 1 && keptBytes == 64 + 24 * count)
        let read = try clock.measure { _ = try shelf().index(of: try Counted(PathBytes(path))) }
        if given != nil {
            let seconds = made / .seconds(1)
            print(
                "\(count) members, \(try source.byteCount() >> 20) MiB: indexed in \(made), "
                    + "\(Int(Double(count) / seconds)) members/s, "
                    + "\(Int(Double(try source.byteCount()) / seconds / 1e6)) MB/s; "
                    + "\(keptBytes) bytes kept, read again in \(read)")
        }
    }

    @Test("a kept index that is not as it was written, or of another archive, is made anew")
    func rebuilt() throws {
        var tar = TarWriter()
        tar.add("a.wav", [1])
        let path = PathBytes(try folder.write("a.tar", tar.whole))
        _ = try shelf().index(of: try Counted(path))
        let name = "kept/" + (try folder.names("kept"))[0]
        let whole = try folder.bytes(name)
        for broken in [Array(whole.dropLast()), [], whole.dropLast(4) + [9, 9, 9, 9]] {
            try folder.write(name, broken)
            let source = try Counted(path)
            #expect(try shelf().index(of: source).place(of: "a.wav") == 512..<513)
            #expect(source.reads > 0)
            #expect(try folder.bytes(name) == whole)
        }
        tar.add("b.wav", [2])
        try folder.write("a.tar", tar.whole)
        #expect(try shelf().index(of: try Counted(path)).place(of: "b.wav") != nil)
    }

    @Test("damage is remembered with the index")
    func damage() throws {
        var tar = TarWriter()
        tar.add("a.wav", [1])
        let path = PathBytes(
            try folder.write("a.tar", tar.bytes + [UInt8](repeating: 7, count: 512)))
        for _ in 0..<2 {
            let error = #expect(throws: AudioError.self) {
                try contents(.tar, "b.wav", in: path, by: shelf())
            }
            #expect(error?.code == .audioDamaged)
        }
    }
}
