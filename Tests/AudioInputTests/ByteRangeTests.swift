import AudioFormats
import AudioInput
import Foundation
import SpeechTypes
import TemporaryFolders
import Testing

/// Recordings that lie in archives, named by their bytes.
@Suite("Byte ranges of files") struct ByteRangeTests {
    /// An archive with recordings one after another, as stored members of a zip file lie.
    private func archive(
        _ names: [String], in folder: TemporaryFolder
    ) throws -> (path: String, ranges: [Range<Int>]) {
        var bytes = [UInt8](repeating: 0x50, count: 41)
        var ranges: [Range<Int>] = []
        for name in names {
            let member = try Data(contentsOf: URL(filePath: AudioFixtures.path(name)))
            ranges.append(bytes.count..<bytes.count + member.count)
            bytes += member + Array("PK\u{1}\u{2}RIFF, and what else follows".utf8)
        }
        let path = "\(folder.path)/audio.zip"
        try Data(bytes).write(to: URL(filePath: path))
        return (path, ranges)
    }

    /// One of each way to a decoder: libsndfile, views of it, libmpg123 and ffmpeg.
    private static let names = [
        "formats/s16_8k.flac", "formats/mulaw_8k.wav", "formats/rf64_16k.wav", "formats/s16.au",
        "formats/vorbis_44100.ogg", "formats/mp3_vbr_44100_joint.mp3", "formats/aac_lc.m4a",
        "formats/wavpack.wv", "formats/streamed.flac",
    ]

    @Test("a recording in an archive decodes to the samples of the recording alone, spans as well")
    func samples() throws {
        let folder = try TemporaryFolder()
        let (path, ranges) = try archive(Self.names, in: folder)
        let reader = AudioReader()
        for (name, range) in zip(Self.names, ranges) {
            let part = "\(path):\(range.lowerBound):\(range.count)"
            let alone = try AudioFixtures.read(AudioFixtures.path(name))
            let inside = try AudioFixtures.read(part, reader: reader)
            #expect(alone.lanes == inside.lanes, "\(name)")
            #expect(alone.summary?.digest == inside.summary?.digest, "\(name)")
            #expect(alone.summary?.warnings == inside.summary?.warnings, "\(name)")
            let span = try AudioFixtures.read(part, offset: 0.5, duration: 0.5, reader: reader)
            let same = try AudioFixtures.read(
                AudioFixtures.path(name), offset: 0.5, duration: 0.5)
            #expect(span.lanes == same.lanes, "\(name)")
            #expect(
                try reader.header(of: part)?.likelySeconds
                    == reader.header(of: AudioFixtures.path(name))?.likelySeconds)
        }
    }

    @Test("a WAV file in an archive of Kaldi needs no length, and others say that they do")
    func kaldi() throws {
        let folder = try TemporaryFolder()
        let (path, ranges) = try archive(
            ["formats/mulaw_8k.wav", "formats/s16_8k.flac"], in: folder)
        let alone = try AudioFixtures.read(AudioFixtures.path("formats/mulaw_8k.wav"))
        #expect(try AudioFixtures.read("\(path):\(ranges[0].lowerBound)").lanes == alone.lanes)
        #expect(
            AudioFixtures.failure("\(path):\(ranges[1].lowerBound)")?.code == .audioUnsupported)
    }

    @Test("a range that is not there, and an archive that is not, are told apart")
    func faults() throws {
        let folder = try TemporaryFolder()
        let (path, _) = try archive(["formats/mulaw_8k.wav"], in: folder)
        #expect(AudioFixtures.failure("\(path):99999999:5")?.code == .audioDamaged)
        #expect(AudioFixtures.failure("\(path):41:9999999999")?.code == .audioDamaged)
        #expect(AudioFixtures.failure("\(path):41:0")?.code == .audioEmpty)
        #expect(AudioFixtures.failure("\(folder.path)/none.zip:1:2")?.code == .audioNotFound)
        #expect(AudioFixtures.failure("\(path):x:2")?.code == .audioNotFound)
    }

    @Test("a file whose own name looks like a range is that file")
    func namedSo() throws {
        let folder = try TemporaryFolder()
        let name = "\(folder.path)/odd.wav:0:10"
        try FileManager.default.copyItem(
            atPath: AudioFixtures.path("formats/mulaw_8k.wav"), toPath: name)
        #expect(
            try AudioFixtures.read(name).lanes
                == AudioFixtures.read(AudioFixtures.path("formats/mulaw_8k.wav")).lanes)
    }

    @Test("parts of one file are different recordings to those who remember files")
    func identities() throws {
        let folder = try TemporaryFolder()
        let (path, ranges) = try archive(
            ["formats/mulaw_8k.wav", "formats/alaw_8k.wav"], in: folder)
        let parts = try ranges.map { range throws(AudioError) in
            try AudioFile(opening: "\(path):\(range.lowerBound):\(range.count)").identity
        }
        #expect(parts[0] != parts[1])
        #expect(try AudioFile(opening: path).identity != parts[0])
    }

    @Test(
        "a range is two numbers at the end, or Kaldi's one",
        arguments: [
            ("a.zip:1:2", "a.zip", 1, 2), ("a:b.zip:10:0", "a:b.zip", 10, 0),
            ("a.ark:7", "a.ark", 7, nil), ("a:x:7", "a:x", 7, nil),
        ] as [(String, String, Int, Int?)])
    func names(_ text: String, file: String, offset: Int, length: Int?) throws {
        let range = try #require(ByteRange(PathBytes(text)))
        #expect(range.file == PathBytes(file) && range.offset == offset && range.length == length)
    }

    @Test(
        "anything else is no range",
        arguments: [
            "a.wav", "a.wav:", "a:1:", ":1:2", "1:2:", "a:-1", "a:+1", "a:1.5",
            "a:9223372036854775807:1",
        ])
    func noRange(_ text: String) { #expect(ByteRange(PathBytes(text)) == nil) }
}
