import AudioDecoding
import AudioFormats
import AudioInput
import Foundation
import Glibc
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Decoding") struct DecodingTests {
    @Test("integer samples are divided by the power of two of their width")
    func scaling() throws {
        let folder = try TemporaryFolder()
        let samples: [Int16] = [0, 1, -1, 32_767, -32_768, 12_345]
        let path = try folder.write("a.wav", WAVFile.pcm16(samples, rate: 16_000))
        let lane = try AudioFixtures.read(path).lanes[0]
        #expect(lane == samples.map { Float($0) / 32_768 })
        let float = try folder.write("b.wav", WAVFile.float32([0.1, -2.5, 1e-20], rate: 16_000))
        #expect(try AudioFixtures.read(float).lanes[0] == [0.1, -2.5, 1e-20])
    }

    @Test("channels are averaged, picked, or kept apart")
    func channels() throws {
        let folder = try TemporaryFolder()
        let frames: [Float] = [0.5, 0.25, -0.125, 1, 0, -1]
        let path = try folder.write(
            "a.wav", WAVFile.float32(frames, rate: 16_000, channels: 3))
        func lanes(_ policy: ChannelPolicy) throws -> [[Float]] {
            try AudioFixtures.read(path, channels: policy).lanes
        }
        #expect(try lanes(.mix) == [[0.625 / 3, 0]])
        #expect(try lanes(.first) == [[0.5, 1]])
        #expect(try lanes(.index(2)) == [[-0.125, -1]])
        #expect(try lanes(.each) == [[0.5, 1], [0.25, 0], [-0.125, -1]])
        #expect(AudioFixtures.failure(path, channels: .index(3))?.code == .audioChannel)
    }

    @Test("a row's channel is taken where there are several, and all there is where it names none")
    func channelOfTheRow() throws {
        let folder = try TemporaryFolder()
        let stereo = try folder.write(
            "a.wav", WAVFile.float32([0.5, 0.25, -0.5, 1], rate: 16_000, channels: 2))
        let mono = try folder.write("b.wav", WAVFile.float32([0.5, -0.5], rate: 16_000))
        func lanes(_ path: String, _ channel: Int?) throws(AudioError) -> [[Float]] {
            try AudioReader().open(AudioSource(path: path, channel: channel), channels: .row)
                .readAll()
        }
        #expect(try lanes(stereo, 1) == [[0.25, 1]])
        #expect(try lanes(stereo, nil) == [[0.375, 0.25]])
        #expect(try lanes(mono, 1) == [[0.5, -0.5]])
        for channel in [2, -1] {
            let error = #expect(throws: AudioError.self) { try lanes(stereo, channel) }
            #expect(error?.code == .audioChannel)
        }
        // The other policies ask no row.
        let mixed = try AudioReader().open(AudioSource(path: stereo, channel: 1), channels: .mix)
        #expect(try mixed.readAll() == [[0.375, 0.25]])
    }

    @Test(
        "one utterance in any container is the same speech",
        arguments: [
            "mulaw_8k.wav", "alaw_8k.wav", "gsm610_8k.wav", "ima_adpcm_16k.wav", "ms_adpcm_16k.wav",
            "u8_8k.wav", "s16_11025.wav", "rf64_16k.wav", "s16_8k.flac", "s24_44100_stereo.flac",
            "ogg_flac_16k.oga", "vorbis_44100.ogg", "opus_voip_12k.opus", "opus_stereo_48k.opus",
            "opus.webm", "opus.mka", "mp3_8k_16kbps_mpeg25.mp3", "mp3_vbr_44100_joint.mp3",
            "mp3_cbr_no_xing.mp3", "aac_lc.m4a", "alac.m4a", "aac_adts.aac", "audio_in_video.mp4",
            "wavpack.wv", "s16be.aiff", "s16.caf", "s16.w64",
        ])
    func sameSpeech(file: String) throws {
        let reference = try AudioFixtures.read(AudioFixtures.path("formats/s16.au")).lanes[0]
        let (lanes, _, summary) = try AudioFixtures.read(AudioFixtures.path("formats/\(file)"))
        #expect(summary?.warnings.isEmpty == true)
        // Codecs without gapless information begin later and end later, by at most 0.12 s.
        let energies = Self.energies(lanes[0])
        let expected = Self.energies(reference)
        let best = (0...6).map { Self.correlation(energies.dropFirst($0), expected[...]) }.max()
        #expect(try #require(best) > 0.93, "\(file)")
    }

    @Test(
        "lossless containers give the same samples, whichever program decodes them",
        arguments: [
            "rf64_16k.wav", "s16be.aiff", "s16.caf", "s16.w64", "ogg_flac_16k.oga", "alac.m4a",
            "wavpack.wv",
        ])
    func lossless(file: String) throws {
        let reference = try AudioFixtures.read(AudioFixtures.path("formats/s16.au"))
        let found = try AudioFixtures.read(AudioFixtures.path("formats/\(file)"))
        #expect(found.summary == reference.summary)
        #expect(found.lanes == reference.lanes)
    }

    @Test(
        "resampling keeps the length in time and a tone's pitch and level",
        arguments: [8_000, 11_025, 22_050, 44_100, 48_000, 96_000])
    func resampling(rate: Int) throws {
        let folder = try TemporaryFolder()
        let tone = (0..<rate).map { Float(sin(2 * Double.pi * 1_000 * Double($0) / Double(rate))) }
        let path = try folder.write("tone.wav", WAVFile.float32(tone, rate: rate))
        let lane = try AudioFixtures.read(path).lanes[0]
        #expect(lane.count == 16_000)
        // Away from the ends, libsoxr's HQ recipe is transparent to about 20 bits.
        let error = (2_000..<14_000).map { index in
            abs(Double(lane[index]) - sin(2 * Double.pi * 1_000 * Double(index) / 16_000))
        }.max()
        #expect(try #require(error) < 1e-4)
    }

    @Test("NaN and infinity are refused wherever they stand", arguments: [0, 5_000, 9_999])
    func notFinite(position: Int) throws {
        let folder = try TemporaryFolder()
        for bad in [Float.nan, .infinity, -.infinity] {
            var samples = [Float](repeating: 0.25, count: 10_000)
            samples[position] = bad
            for rate in [16_000, 44_100] {
                let path = try folder.write("bad.wav", WAVFile.float32(samples, rate: rate))
                #expect(AudioFixtures.failure(path)?.code == .audioNotFinite)
            }
        }
    }

    @Test("rates, lengths and channel counts have limits")
    func limits() throws {
        let folder = try TemporaryFolder()
        let slow = try folder.write("a.wav", WAVFile.pcm16([1, 2, 3], rate: 3_999))
        #expect(AudioFixtures.failure(slow)?.code == .audioSampleRate)
        let fast = try folder.write("b.wav", WAVFile.pcm16([1, 2, 3], rate: 384_001))
        #expect(AudioFixtures.failure(fast)?.code == .audioSampleRate)
        let wide = try folder.write(
            "c.wav", WAVFile.pcm16(Array(repeating: 1, count: 130), rate: 16_000, channels: 65))
        #expect(AudioFixtures.failure(wide)?.code == .audioChannel)
        var limits = AudioLimits()
        limits.secondsMax = 3
        let reader = AudioReader(limits: limits)
        for file in ["s16.au", "opus_voip_12k.opus", "aac_lc.m4a"] {
            let path = AudioFixtures.path("formats/\(file)")
            #expect(AudioFixtures.failure(path, reader: reader)?.code == .audioTooLong)
            #expect(AudioFixtures.failure(path, offset: 1, duration: 2, reader: reader) == nil)
        }
    }

    @Test("what is not a regular file is refused without being opened for long")
    func forbiddenPaths() throws {
        let folder = try TemporaryFolder()
        let fifo = "\(folder.path)/fifo"
        #expect(mkfifo(fifo, 0o600) == 0)
        for path in [fifo, folder.path, "/dev/null", "/dev/zero"] {
            #expect(AudioFixtures.failure(path)?.code == .audioForbiddenPath, "\(path)")
        }
        for path in ["\(folder.path)/none.wav", "\(fifo)/a.wav", "", "a\u{0}b"] {
            #expect(AudioFixtures.failure(path)?.code == .audioNotFound, "\(path)")
        }
    }

    @Test(
        "names that look like options or protocols are only names",
        arguments: [
            "-i", "http:x.m4a", "file:x.m4a", "pipe:0", "concat:a|b", "%d.m4a", "x y\n.m4a",
        ])
    func namesAreNames(name: String) throws {
        let folder = try TemporaryFolder()
        let bytes = try #require(
            FileManager.default.contents(
                atPath: AudioFixtures.path("formats/aac_lc.m4a")))
        let path = try folder.write("x", Array(bytes))
        let odd = "\(folder.path)/\(name)"
        #expect(rename(path, odd) == 0)
        #expect(try AudioFixtures.read(odd).summary?.decodedSeconds == 3.328)
    }
}

extension DecodingTests {
    /// Logarithm of the energy of each 20 ms.
    private static func energies(_ samples: [Float]) -> [Double] {
        stride(from: 0, to: samples.count - 319, by: 320).map { start in
            log(samples[start..<start + 320].reduce(0.03) { $0 + Double($1 * $1) })
        }
    }

    private static func correlation(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> Double {
        let count = Double(min(a.count, b.count))
        let pairs = zip(a, b)
        let meanA = pairs.reduce(0) { $0 + $1.0 } / count
        let meanB = pairs.reduce(0) { $0 + $1.1 } / count
        let cross = pairs.reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) }
        let squareA = pairs.reduce(0) { $0 + ($1.0 - meanA) * ($1.0 - meanA) }
        let squareB = pairs.reduce(0) { $0 + ($1.1 - meanB) * ($1.1 - meanB) }
        return cross / (squareA * squareB).squareRoot()
    }
}
