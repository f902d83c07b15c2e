import AudioFormats
import AudioInput
import Foundation
import Glibc
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Lengths that are stated, and what decodes") struct StatedLengthTests {
    @Test("a WAV file above 4 GiB whose sizes wrapped round is read to its end")
    func wrappedWAV() throws {
        let folder = try TemporaryFolder()
        // 32 channels of floats: 128 bytes a frame; all of it a hole but for the last second.
        let rate = 48_000
        let frames = (1 << 32) / 128 + 3 * rate
        let total = frames * 128
        var head = WAVFile.header(
            format: 3, rate: rate, channels: 32, bits: 32, dataBytes: total & 0xFFFF_FFFF)
        head.replaceSubrange(
            4..<8,
            with: (0..<4).map {
                UInt8(truncatingIfNeeded: ((total + 36) & 0xFFFF_FFFF) >> (8 * $0))
            })
        let path = try folder.write("a.wav", head)
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        let end = [Float](repeating: 0.5, count: 32 * rate)
        try file.seek(toOffset: UInt64(head.count + total - end.count * 4))
        try file.write(contentsOf: end.withUnsafeBytes { Data($0) })
        try file.close()

        let header = try #require(try AudioReader().header(of: path))
        #expect(header.statedSeconds == 3)
        #expect(header.estimatedSeconds == Double(frames) / Double(rate))
        let offset = Double(frames - rate / 2) / Double(rate)
        let tail = try AudioFixtures.read(path, offset: offset, channels: .first)
        #expect(tail.summary?.decodedSeconds == 0.5)
        #expect(abs(tail.lanes[0][4_000] - 0.5) < 1e-3)
    }

    @Test("a length that no recording has is stated as the longest that a record holds")
    func absurdLength() throws {
        let folder = try TemporaryFolder()
        var caf = Array(
            try #require(
                FileManager.default.contents(atPath: AudioFixtures.path("formats/s16.caf"))))
        let data = try #require(
            (0..<caf.count - 4).first { caf[$0..<$0 + 4].elementsEqual("data".utf8) })
        caf.replaceSubrange(data + 4..<data + 12, with: [0x3F] + [UInt8](repeating: 0xFF, count: 7))
        let summary = try AudioFixtures.read(try folder.write("a.caf", caf)).summary
        #expect(summary?.audioWarning?.code == .shorterThanStated)
        #expect(summary?.audioWarning?.statedSeconds == 1e9)
    }

    @Test("only a file that was read whole is held against what it states")
    func spans() throws {
        let folder = try TemporaryFolder()
        let samples = (0..<32_000).map { Int16(truncatingIfNeeded: $0 &* 7_919) }
        var wave = WAVFile.pcm16(samples, rate: 16_000)
        wave.removeLast(16_000)  // half a second
        let path = try folder.write("a.wav", wave)
        let expected = AudioWarning(.shorterThanStated, statedSeconds: 2, decodedSeconds: 1.5)
        #expect(try AudioFixtures.read(path).summary?.audioWarning == expected)
        #expect(try AudioFixtures.read(path, duration: 1.5).summary?.audioWarning == expected)
        #expect(try AudioFixtures.read(path, duration: 1).summary?.audioWarning == nil)
        #expect(try AudioFixtures.read(path, offset: 1).summary?.audioWarning == nil)
    }

    @Test("an MP3 stream of changing rate gives each part its own length in time")
    func rateChange() throws {
        let folder = try TemporaryFolder()
        let slow = try #require(
            FileManager.default.contents(
                atPath: AudioFixtures.path("formats/mp3_8k_16kbps_mpeg25.mp3")))
        let fast = try #require(
            FileManager.default.contents(atPath: AudioFixtures.path("formats/mp3_cbr_no_xing.mp3")))
        func seconds(_ bytes: Data) throws -> Double {
            let path = try folder.write("a.mp3", Array(bytes))
            return try #require(try AudioFixtures.read(path).summary).decodedSeconds
        }
        let parts = try seconds(slow) + seconds(fast)
        #expect(abs(try seconds(slow + fast) - parts) < 0.001)
        #expect(abs(try seconds(fast + slow) - parts) < 0.001)
    }

    @Test(
        "any bytes in an MP3 stream end in samples or in an error, whatever they are",
        arguments: UInt64(0)..<24)
    func brokenMP3(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(below limit: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(limit))
        }
        var bytes = Array(
            try #require(
                FileManager.default.contents(
                    atPath: AudioFixtures.path("formats/mp3_vbr_44100_joint.mp3"))))
        for _ in 0..<1 + random(below: 200) {
            bytes[random(below: bytes.count)] = UInt8(random(below: 256))
        }
        if seed % 2 == 0 { bytes.removeLast(random(below: bytes.count)) }
        let folder = try TemporaryFolder()
        let path = try folder.write("a.mp3", bytes)
        if let error = AudioFixtures.failure(path) { #expect(error.failureClass == .input) }
        do throws(AudioError) {
            let span = try AudioFixtures.read(path, offset: 0.5, duration: 0.5)
            #expect(span.summary != nil && span.summary?.audioWarning == nil)
        } catch {
            #expect(error.failureClass == .input, "\(error)")
        }
    }

    @Test(
        "tags in front of an MP3 stream are passed over, and one of a wrong length is not believed")
    func tags() throws {
        let folder = try TemporaryFolder()
        let mp3 = Array(
            try #require(
                FileManager.default.contents(
                    atPath: AudioFixtures.path("formats/mp3_vbr_44100_joint.mp3"))))
        let text = Array(repeating: UInt8(ascii: "x"), count: 300)
        let id3 = Array("ID3".utf8) + [4, 0, 0, 0, 0, 2, 44] + text
        let beyond = Array("ID3".utf8) + [4, 0, 0, 0x7F, 0x7F, 0x7F, 0x7F] + text
        let ape =
            Array("APETAGEX".utf8) + [0xD0, 7, 0, 0, 0x4C, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xA0]
            + [UInt8](repeating: 0, count: 8) + text + Array("APETAGEX".utf8)
            + [0xD0, 7, 0, 0, 0x4C, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x80]
            + [UInt8](repeating: 0, count: 8)
        let plain = try AudioFixtures.read(try folder.write("a", mp3)).summary
        for front in [id3, id3 + id3, beyond, ape, ape + id3] {
            let path = try folder.write("b", front + mp3)
            #expect(try AudioRecognition.recognise(path: path)?.format == .mpegAudio)
            #expect(try AudioFixtures.read(path).summary == plain)
        }
    }

    @Test("channels that cancel one another are told of, and which option helps")
    func outOfPhase() throws {
        let folder = try TemporaryFolder()
        let speech = try AudioFixtures.read(AudioFixtures.path("formats/s16.au")).lanes[0]
        func stereo(_ right: (Float) -> Float) throws -> String {
            try folder.write(
                "a.wav",
                WAVFile.float32(speech.flatMap { [$0, right($0)] }, rate: 16_000, channels: 2))
        }
        func warnings(_ path: String, _ channels: ChannelPolicy = .mix) throws -> [String] {
            try #require(try AudioFixtures.read(path, channels: channels).summary).warnings
        }
        let crossed = try stereo { -$0 }
        #expect(try warnings(crossed).contains { $0.contains("--channels first") })
        #expect(try warnings(crossed, .first) == [])
        #expect(try warnings(try stereo { $0 }) == [])
        #expect(try warnings(try stereo { _ in 0 }) == [])
        // Silence in all channels is silence, whatever its phase.
        let silent = try folder.write(
            "b.wav", WAVFile.pcm16(Array(repeating: 0, count: 9_000), rate: 16_000, channels: 2))
        #expect(try warnings(silent) == [])
    }

    @Test("headers tell rate, channels and length without decoding")
    func headers() throws {
        let expected: [(String, Int, Int, Double?)] = [
            ("s16.au", 16_000, 1, 3.275),
            ("opus_voip_12k.opus", 16_000, 1, 3.275), ("s16_8k.flac", 8_000, 1, 3.275),
            ("opus_stereo_48k.opus", 48_000, 2, 3.275), ("vorbis_44100.ogg", 44_100, 1, 3.275),
            ("rf64_16k.wav", 16_000, 1, 3.275), ("s16.caf", 16_000, 1, 3.275),
            ("mp3_vbr_44100_joint.mp3", 44_100, 2, 3.275), ("mp3_cbr_no_xing.mp3", 16_000, 1, nil),
            ("opus.mka", 48_000, 1, 3.275), ("s16be.aiff", 16_000, 1, 3.275),
        ]
        for (file, rate, channels, seconds) in expected {
            let header = try #require(
                try AudioReader().header(of: AudioFixtures.path("formats/\(file)")))
            #expect(header.sampleRate == rate, "\(file)")
            #expect(header.channelCount == channels, "\(file)")
            #expect((header.statedSeconds == nil) == (seconds == nil), "\(file)")
            let likely = try #require(header.likelySeconds)
            #expect(abs(likely - 3.275) < 0.1, "\(file): \(likely)")
        }
        #expect(try AudioReader().header(of: AudioFixtures.path("malformed/text.wav")) == nil)
    }
}
