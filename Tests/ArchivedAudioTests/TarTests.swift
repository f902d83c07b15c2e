import ArchivedAudio
import AudioFormats
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Members of tar archives") struct TarTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func archive(_ bytes: [UInt8]) throws -> PathBytes {
        PathBytes(try folder.write("a.tar", bytes))
    }

    @Test(
        "members are found by their names in every form of tar",
        arguments: [
            ("gnu.tar", ["a.wav", "sub/b.flac", Fixtures.long]),
            ("ustar.tar", ["a.wav", "c d.wav", Fixtures.long]),
            ("v7.tar", ["a.wav", "sub/b.flac"]), ("pax.tar", ["a.wav", "é.wav", Fixtures.long]),
        ])
    func forms(name: String, members: [String]) throws {
        for member in members {
            #expect(try text(.tar, member, in: Fixtures.path(name)) == member + "\n")
            #expect(try text(.tar, "./" + member, in: Fixtures.path(name)) == member + "\n")
        }
    }

    @Test("a hard link is its target, and what is no file is not there")
    func links() throws {
        #expect(try text(.tar, "linked.wav", in: Fixtures.path("gnu.tar")) == "a.wav\n")
        #expect(try text(.tar, "empty.wav", in: Fixtures.path("gnu.tar")) == "")
        for name in ["symbolic.wav", "sub", "../a.wav", "/etc/passwd", "b.flac"] {
            let error = #expect(throws: AudioError.self) {
                try text(.tar, name, in: Fixtures.path("gnu.tar"))
            }
            #expect(error?.code == .audioNotFound)
            #expect(error?.detail.contains(name) == true)
        }
    }

    @Test("of members with one name the last is meant, as after unpacking")
    func repeated() throws {
        var tar = TarWriter()
        tar.add("a.wav", [1])
        tar.add("b.wav", [2])
        tar.add("a.wav", [3])
        #expect(try contents(.tar, "a.wav", in: archive(tar.whole)) == [3])
    }

    @Test("a row's place spares the look for a member, and counts only while that stands there")
    func places() throws {
        var tar = TarWriter()
        tar.add("a.wav", [1, 2, 3])
        tar.add("b.wav", [4, 5, 6])
        // Nothing behind the members is read for a place: there is no end here that could be looked for.
        let cut = try archive(Array(tar.bytes.dropLast(509)))
        #expect(try contents(.tar, "a.wav", in: cut, at: 512..<515) == [1, 2, 3])
        let whole = try archive(tar.whole)
        for place in [512..<514, 1_536..<1_539, 0..<3, 3_000..<9_000] {
            #expect(try contents(.tar, "a.wav", in: whole, at: place) == [1, 2, 3])
        }
    }

    @Test("what stands before damage is read, and what does not says where the damage is")
    func damage() throws {
        var tar = TarWriter()
        tar.add("a.wav", [1])
        tar.add("b.wav", [2])
        var broken = tar.whole
        broken[1_024 + 10] ^= 1
        let archive = try archive(broken)
        #expect(try contents(.tar, "a.wav", in: archive) == [1])
        let error = #expect(throws: AudioError.self) { try contents(.tar, "b.wav", in: archive) }
        #expect(error?.code == .audioDamaged)
        #expect(error?.detail.contains("byte 1024") == true, "\(error?.detail ?? "")")
    }

    @Test("a member that is cut short is damaged")
    func cut() throws {
        var tar = TarWriter()
        tar.add("a.wav", [1], size: 600)
        let archive = try archive(tar.bytes)
        let error = #expect(throws: AudioError.self) { try contents(.tar, "a.wav", in: archive) }
        #expect(error?.code == .audioDamaged)
        #expect(error?.detail.contains("ends after 1024 bytes") == true, "\(error?.detail ?? "")")
    }

    @Test("sizes and names beyond all bounds are damage, not memory")
    func bounds() throws {
        var long = TarWriter()
        long.add("././@LongLink", [1], type: "L", size: 0o77_777_777_777)
        #expect(throws: AudioError.self) { try contents(.tar, "a", in: archive(long.whole)) }
        var attributes = TarWriter()
        attributes.add("PaxHeader", Array("99 path=a\n".utf8), type: "x")
        attributes.add("a", [1])
        let error = #expect(throws: AudioError.self) {
            try contents(.tar, "a", in: archive(attributes.whole))
        }
        #expect(error?.code == .audioDamaged)
        var enormous = TarWriter()
        enormous.add("PaxHeader", Array("29 size=99999999999999999999\n".utf8), type: "x")
        enormous.add("a", [1])
        #expect(throws: AudioError.self) { try contents(.tar, "a", in: archive(enormous.whole)) }
    }

    @Test("an archive that is compressed as a whole says what to do", arguments: [[0x1F, 0x8B]])
    func compressed(head: [UInt8]) throws {
        let archive = try archive(head + [UInt8](repeating: 7, count: 1_024))
        let error = #expect(throws: AudioError.self) { try contents(.tar, "a", in: archive) }
        #expect(error?.code == .audioUnsupported)
        #expect(error?.detail.contains("gzip -d") == true)
    }

    @Test("bytes that are no archive never crash the reader")
    func noise() throws {
        var tar = TarWriter()
        tar.add("a.wav", Array(repeating: 5, count: 700))
        tar.add("././@LongLink", Array("b.wav\0".utf8), type: "L")
        tar.add("b", [1])
        tar.add("PaxHeader", Array("14 path=c.wav\n".utf8), type: "x")
        tar.add("c", [2])
        var state: UInt64 = 1
        for _ in 0..<600 {
            var bytes = tar.whole
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
            }
            let source = ArchiveFile(try AudioFile(opening: try archive(bytes)))
            let index = try? TarIndex(of: source)
            _ = index?.place(of: "c.wav")
        }
    }
}
