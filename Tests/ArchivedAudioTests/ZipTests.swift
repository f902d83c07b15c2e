import ArchivedAudio
import AudioFormats
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Members of zip archives") struct ZipTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func code(_ name: String, in archive: PathBytes) -> FailureCode? {
        (#expect(throws: AudioError.self) { try contents(.zip, name, in: archive) })?.code
    }

    @Test(
        "stored and deflated members are what was packed",
        arguments: [
            ("stored.zip", ["a.wav", "sub/b.flac", "é.wav"]),
            ("deflated.zip", ["sub/b.flac", Fixtures.long]),
        ])
    func members(name: String, members: [String]) throws {
        for member in members {
            #expect(try text(.zip, member, in: Fixtures.path(name)) == member + "\n")
        }
    }

    @Test("archives of unknown length, with the wide fields of Zip64, are read")
    func wide() throws {
        let lines = (1...200).map { "many lines of text \($0)\n" }.joined()
        #expect(try text(.zip, "text.wav", in: Fixtures.path("deflated.zip")) == lines)
        #expect(try text(.zip, "-", in: Fixtures.path("piped.zip")) == lines)
        #expect(try text(.zip, "empty.wav", in: Fixtures.path("stored.zip")) == "")
    }

    @Test("a program before an archive is passed over")
    func prefix() throws {
        let bytes = try #require(
            try? TemporaryFolder.contents(of: Fixtures.path("stored.zip").text))
        let path = PathBytes(
            try folder.write("self.zip", [UInt8](repeating: 0x23, count: 1_000) + bytes))
        #expect(try text(.zip, "a.wav", in: path) == "a.wav\n")
    }

    @Test("what cannot be read says why")
    func refusals() throws {
        #expect(code("a.wav", in: Fixtures.path("encrypted.zip")) == .audioEncrypted)
        #expect(code("../a.wav", in: Fixtures.path("stored.zip")) == .audioNotFound)
        #expect(code("sub/", in: Fixtures.path("deflated.zip")) == .audioNotFound)
        #expect(code("a.wav", in: Fixtures.path("gnu.tar")) == .audioDamaged)
        #expect(code("a.wav", in: PathBytes(try folder.write("empty.zip", []))) == .audioDamaged)
    }

    @Test("damage is found where the bytes are not those that were packed")
    func damage() throws {
        let bytes = try TemporaryFolder.contents(of: Fixtures.path("deflated.zip").text)
        let header = try #require(
            (0..<bytes.count - 8).first { bytes[$0..<$0 + 8].elementsEqual("text.wav".utf8) })
        var flipped = bytes
        flipped[header + 200] ^= 0xFF
        #expect(
            code("text.wav", in: PathBytes(try folder.write("a.zip", flipped))) == .audioDamaged)
        #expect(
            code("text.wav", in: PathBytes(try folder.write("b.zip", Array(bytes.dropLast(30)))))
                == .audioDamaged)
    }

    @Test("bytes that are no archive never crash the reader")
    func noise() throws {
        let whole = try TemporaryFolder.contents(of: Fixtures.path("deflated.zip").text)
        var state: UInt64 = 7
        for _ in 0..<600 {
            var bytes = whole
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
            }
            let path = PathBytes(try folder.write("a.zip", bytes))
            _ = try? contents(.zip, "text.wav", in: path)
        }
    }
}

extension TemporaryFolder {
    fileprivate static func contents(of path: String) throws -> [UInt8] {
        let file = try AudioFile(opening: path)
        return try file.bytes(at: 0, count: file.byteCount)
    }
}
