import AudioInput
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Steps of decoding") struct ProgressTests {
    private func steps(_ path: String, offset: Double = 0, duration: Double? = nil) throws -> Int {
        let progress = EngineProgress()
        let source = AudioSource(path: path, offsetSeconds: offset, durationSeconds: duration)
        let stream = try AudioReader().open(source, channels: .mix, progress: progress)
        let atStart = progress.steps
        _ = try stream.readAll()
        #expect(progress.steps > atStart)
        return progress.steps
    }

    @Test(
        "whatever decodes a recording makes steps",
        arguments: ["s16_8k.flac", "gsm610_8k.wav", "opus_voip_12k.opus", "aac_lc.m4a"])
    func formats(file: String) throws {
        #expect(try steps(AudioFixtures.path("formats/\(file)")) > 1)
    }

    @Test("what is passed over on the way to a span makes steps too")
    func passedOver() throws {
        let folder = try TemporaryFolder()
        let samples = [Int16](repeating: 100, count: 16_000 * 60)
        let path = try folder.write("minute.wav", WAVFile.pcm16(samples, rate: 16_000))
        let whole = try steps(path)
        #expect(whole > 60 * 16_000 / 4_096)
        // A WAV can be sought in; the steps are of the span alone, and of the seek.
        #expect(try (1...20).contains(steps(path, offset: 59, duration: 0.5)))
        let gsm = AudioFixtures.path("formats/gsm610_8k.wav")
        #expect(try steps(gsm, offset: 1, duration: 0.1) > 2)
    }

    @Test("a stream says how long its file says that the span is")
    func expected() throws {
        let folder = try TemporaryFolder()
        let samples = [Int16](repeating: 100, count: 16_000 * 3)
        let path = try folder.write("three.wav", WAVFile.pcm16(samples, rate: 16_000))
        func expected(_ offset: Double, _ duration: Double?) throws -> Double? {
            let source = AudioSource(
                path: path, offsetSeconds: offset, durationSeconds: duration)
            return try AudioReader().open(source, channels: .mix).expectedSeconds
        }
        #expect(try expected(0, nil) == 3)
        #expect(try expected(1, nil) == 2)
        #expect(try expected(1, 0.5) == 0.5)
        #expect(try expected(1, 100_000) == 2)
    }
}
