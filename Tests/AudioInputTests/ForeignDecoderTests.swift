import AudioDecoding
import AudioFormats
import AudioInput
import Foundation
import Glibc
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Types that only ffmpeg decodes") struct ForeignDecoderTests {
    /// A script that stands in for ffmpeg, by a name in a folder of its own.
    private static func tool(_ name: String, in folder: TemporaryFolder) throws -> String {
        let path = "\(folder.path)/tool"
        #expect(symlink(AudioFixtures.path("tools/\(name)"), path) == 0)
        return path
    }

    /// The process that a script has left the number of.
    private static func process(in folder: TemporaryFolder) throws -> pid_t {
        let text = try String(contentsOfFile: "\(folder.path)/pid", encoding: .utf8)
        return try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    private let path = AudioFixtures.path("formats/aac_lc.m4a")

    @Test("without ffmpeg the message names the package, and other types still decode")
    func missing() throws {
        let reader = AudioReader(ffmpeg: "no-such-program")
        let error = try #require(AudioFixtures.failure(path, reader: reader))
        #expect(error.code == .audioUnsupported)
        #expect(error.detail.contains("install the package ffmpeg"))
        let wave = AudioFixtures.path("formats/s16.au")
        #expect(AudioFixtures.failure(wave, reader: reader) == nil)
    }

    @Test("a program that hangs is given up, killed, and counts against the source")
    func hangs() throws {
        let folder = try TemporaryFolder()
        let tool = try Self.tool("hangs", in: folder)
        var limits = AudioLimits()
        limits.decoderStallSeconds = 0.5
        let error = try #require(
            AudioFixtures.failure(path, reader: AudioReader(limits: limits, ffmpeg: tool)))
        #expect(error.code == .quarantinedSource)
        #expect(error.failureClass == .source)
        #expect(kill(try Self.process(in: folder), 0) == -1)
    }

    @Test("a program that dies in the middle means damage, whatever it gave before")
    func dies() throws {
        let folder = try TemporaryFolder()
        let tool = try Self.tool("dies", in: folder)
        let error = try #require(
            AudioFixtures.failure(path, reader: AudioReader(ffmpeg: tool)))
        #expect(error.code == .audioDamaged)
        #expect(error.detail.contains("status 9") && error.detail.contains("broken"))
    }

    @Test(
        "an answer that is not the expected header is refused",
        arguments: [
            "says-nothing", "says-hello", "says-zeros", "says-yes",
        ])
    func nonsense(script: String) throws {
        let folder = try TemporaryFolder()
        let tool = try Self.tool(script, in: folder)
        let error = try #require(AudioFixtures.failure(path, reader: AudioReader(ffmpeg: tool)))
        #expect(error.code == .audioUnsupported)
    }

    @Test("a stream that is left half read ends its program")
    func abandoned() throws {
        let folder = try TemporaryFolder()
        let tool = try Self.tool("traced", in: folder)
        do {
            let stream = try AudioReader(ffmpeg: tool).open(
                AudioSource(path: path), channels: .mix)
            var lanes: [[Float]] = [[]]
            #expect(try stream.read(100, into: &lanes) == 100)
        }
        #expect(kill(try Self.process(in: folder), 0) == -1)
    }

    @Test("a chain of Ogg streams is decoded to its end, not only the first")
    func chained() throws {
        let folder = try TemporaryFolder()
        let one = try #require(
            FileManager.default.contents(atPath: AudioFixtures.path("formats/opus_voip_12k.opus")))
        var second = Array(one)
        let chain = try folder.write("chain.opus", Array(one) + Self.renumbered(&second))
        let summary = try #require(try AudioFixtures.read(chain).summary)
        #expect(abs(summary.decodedSeconds - 2 * 3.275) < 0.05)
    }

    /// The same Ogg stream under another serial number, its page sums made right again.
    private static func renumbered(_ bytes: inout [UInt8]) -> [UInt8] {
        var offset = 0
        while offset < bytes.count {
            let segments = Int(bytes[offset + 26])
            let payload = bytes[offset + 27..<offset + 27 + segments].reduce(0) { $0 + Int($1) }
            let end = offset + 27 + segments + payload
            bytes[offset + 14] ^= 0x55
            for index in 22..<26 { bytes[offset + index] = 0 }
            var sum: UInt32 = 0
            for byte in bytes[offset..<end] {
                sum ^= UInt32(byte) << 24
                for _ in 0..<8 {
                    sum = sum & 0x8000_0000 == 0 ? sum << 1 : sum << 1 ^ 0x04C1_1DB7
                }
            }
            for index in 0..<4 {
                bytes[offset + 22 + index] = UInt8(truncatingIfNeeded: sum >> (8 * index))
            }
            offset = end
        }
        return bytes
    }
}
