import AudioDecoding
import AudioFormats
import AudioInput
import Digests
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Spans of a recording") struct SpanTests {
    /// Formats with an exact seek, and formats that are decoded from the start.
    static let files = [
        "u8_8k.wav", "mulaw_8k.wav", "s16_8k.flac", "ima_adpcm_16k.wav", "ms_adpcm_16k.wav",
        "s16.caf", "s16be.aiff", "rf64_16k.wav", "gsm610_8k.wav", "vorbis_44100.ogg",
        "opus_voip_12k.opus", "mp3_cbr_no_xing.mp3", "mp3_vbr_44100_joint.mp3", "aac_lc.m4a",
        "s24_44100_stereo.flac",
    ]

    @Test("a span is as long as it says, in every format", arguments: files)
    func length(file: String) throws {
        let path = AudioFixtures.path("formats/\(file)")
        let span = try AudioFixtures.read(path, offset: 1.25, duration: 0.75)
        // Where three quarters of a second are no whole number of the file's samples, it is one less.
        let seconds = try #require(span.summary?.decodedSeconds)
        #expect(abs(seconds - 0.75) <= 1 / Double(span.rate), "\(seconds)")
    }

    /// Without resampling the samples themselves can be compared; for the other rates, a span that starts
    /// on both grids equals the resampled span of a WAV copy.
    static let files16kHz = [
        "ima_adpcm_16k.wav", "ms_adpcm_16k.wav", "s16.caf", "s16be.aiff", "rf64_16k.wav",
        "mp3_cbr_no_xing.mp3", "aac_lc.m4a",
    ]

    @Test("a span has the very samples that the whole decode has there", arguments: files16kHz)
    func sampleExact(file: String) throws {
        let path = AudioFixtures.path("formats/\(file)")
        let span = try AudioFixtures.read(path, offset: 1.25, duration: 0.75)
        #expect(span.rate == 16_000)
        let whole = try AudioFixtures.read(path).lanes[0]
        #expect(Array(whole[20_000..<32_000]) == span.lanes[0])
    }

    @Test("a span is resampled as if it were a file of its own")
    func resampledAlone() throws {
        let folder = try TemporaryFolder()
        let samples = (0..<44_100).map { Int16(truncatingIfNeeded: $0 * $0 % 30_011 - 15_000) }
        let whole = try folder.write("whole.wav", WAVFile.pcm16(samples, rate: 44_100))
        let part = try folder.write(
            "part.wav", WAVFile.pcm16(Array(samples[22_050..<33_075]), rate: 44_100))
        let span = try AudioFixtures.read(whole, offset: 0.5, duration: 0.25)
        let alone = try AudioFixtures.read(part)
        #expect(span.lanes == alone.lanes)
        #expect(span.summary == alone.summary)
    }

    @Test(
        "the pieces in which samples are asked for change nothing",
        arguments: [1, 7, 1_600, 99_999])
    func pieces(size: Int) throws {
        let path = AudioFixtures.path("formats/s24_44100_stereo.flac")
        let whole = try AudioFixtures.read(path)
        let stream = try AudioReader().open(
            AudioSource(path: path, durationSeconds: 0.5), channels: .mix)
        let half = try AudioFixtures.read(path, duration: 0.5)
        var lanes: [[Float]] = [[]]
        var counts: [Int] = []
        while case let count = try stream.read(size, into: &lanes), count > 0 {
            counts.append(count)
        }
        #expect(counts.dropLast().allSatisfy { $0 == size })
        #expect(lanes == half.lanes)
        #expect(stream.summary == half.summary)
        #expect(whole.summary?.digest != half.summary?.digest)
        #expect(try stream.read(1, into: &lanes) == 0)
    }

    @Test("the digest is SHA-256 over the samples; with lanes, over the digests of the lanes")
    func digests() throws {
        func digest(_ samples: [Float]) -> ContentDigest {
            samples.withUnsafeBytes { SHA256Hasher.digest(of: $0) }
        }
        let path = AudioFixtures.path("formats/opus_stereo_48k.opus")
        let mono = try AudioFixtures.read(path)
        #expect(mono.summary?.digest == digest(mono.lanes[0]).short)
        let both = try AudioFixtures.read(path, channels: .each)
        let joined = both.lanes.flatMap { digest($0).bytes }
        #expect(both.lanes.count == 2)
        #expect(both.summary?.digest == SHA256Hasher.digest(of: joined).short)
    }

    @Test("a duration that was rounded down still means the whole file, a shorter one does not")
    func rounding() throws {
        let path = AudioFixtures.path("formats/s16.au")  // 3.275 s
        #expect(try AudioFixtures.read(path, duration: 3.23).summary?.decodedSeconds == 3.275)
        #expect(try AudioFixtures.read(path, duration: 3.2).summary?.decodedSeconds == 3.2)
        let span = try AudioFixtures.read(path, offset: 1, duration: 2.25)
        #expect(span.summary?.decodedSeconds == 2.25)
    }

    @Test("a duration beyond the end gives what there is, with a warning unless it is rounding")
    func beyondTheEnd() throws {
        let path = AudioFixtures.path("formats/s16.au")
        let rounded = try #require(try AudioFixtures.read(path, duration: 3.3).summary)
        #expect(rounded.decodedSeconds == 3.275)
        #expect(rounded.warnings.isEmpty)
        let long = try #require(try AudioFixtures.read(path, offset: 3, duration: 10).summary)
        #expect(abs(long.decodedSeconds - 0.275) < 1e-9)
        #expect(long.warnings.count == 1)
    }

    @Test(
        "an offset at or beyond the end, or not a usable number, is a bad span",
        arguments: ["s16.au", "opus_voip_12k.opus", "aac_lc.m4a"])
    func badSpans(file: String) {
        let path = AudioFixtures.path("formats/\(file)")
        for offset in [100, 1e300, -1, .nan, .infinity] {
            let error = AudioFixtures.failure(path, offset: offset)
            #expect(error?.code == .manifestBadSpan, "offset \(offset)")
        }
        #expect(AudioFixtures.failure(path, duration: -0.5)?.code == .manifestBadSpan)
        #expect(AudioFixtures.failure(path, duration: 0)?.code == .audioEmpty)
    }

    @Test("a span that begins exactly at the end is one too, in every format", arguments: files)
    func spanAtTheEnd(file: String) throws {
        let path = AudioFixtures.path("formats/\(file)")
        let seconds = try #require(try AudioFixtures.read(path).summary?.decodedSeconds)
        for duration in [nil, 1.0] {
            let error = AudioFixtures.failure(path, offset: seconds, duration: duration)
            #expect(error?.code == .manifestBadSpan)
        }
    }

    @Test("damage before the end of a span is found, damage behind it is none of its business")
    func damage() throws {
        let path = AudioFixtures.path("malformed/flipped_byte.flac")
        #expect(AudioFixtures.failure(path, offset: 1, duration: 2)?.code == .audioDamaged)
        #expect(try AudioFixtures.read(path, offset: 0.5, duration: 1).lanes[0].count == 16_000)
    }
}
