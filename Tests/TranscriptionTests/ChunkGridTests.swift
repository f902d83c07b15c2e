import SpeechTypes
import Testing
import Transcription
import WindowCutting

@Suite("Chunk grid")
struct ChunkGridTests {
    /// Samples that say where they stand.
    private func recording(_ count: Int) -> [Float] { (0..<count).map(Float.init) }

    private func windows(
        _ samples: [Float], pieces: Int, _ chunking: RecognitionOptions.Chunking = .grid,
        clock: FrameClock = .wav2vec2
    ) -> [ChunkGrid.Window] {
        var grid = ChunkGrid(chunking, clock: clock)
        var result: [ChunkGrid.Window] = []
        var start = 0
        while start < samples.count {
            let end = min(start + pieces, samples.count)
            result += grid.append(samples[start..<end])
            start = end
        }
        return result + grid.finish()
    }

    @Test(
        "audio that one pass holds is one window with all its samples",
        arguments: [0, 1, 399, 400, 16_000, FrameClock.wav2vec2.samples(ofFrames: 1_860) + 319])
    func onePass(samples: Int) {
        let cut = windows(recording(samples), pieces: 7_777)
        #expect(cut.count == 1)
        #expect(cut.first?.samples == recording(samples))
        #expect(cut.first?.framesToKeep == FrameClock.wav2vec2.frames(ofSamples: samples))
    }

    @Test(
        "every frame of a long recording is owned by one window, with context around it",
        arguments: [
            FrameClock.wav2vec2.samples(ofFrames: 1_861),
            FrameClock.wav2vec2.samples(ofFrames: 3_000),
            FrameClock.wav2vec2.samples(ofFrames: 3_001),
            FrameClock.wav2vec2.samples(ofFrames: 4_620) + 100, 5_000_000,
        ])
    func longRecording(samples: Int) {
        let total = FrameClock.wav2vec2.frames(ofSamples: samples)
        let cut = windows(recording(samples), pieces: 12_345)
        var owned = 0
        for (index, window) in cut.enumerated() {
            #expect(window.index == index)
            let first = owned - window.framesToDrop
            #expect(window.samples.first == Float(first * FrameClock.wav2vec2.samplesPerFrame))
            #expect(window.framesToDrop == min(owned, FrameClock.wav2vec2.contextFrames))
            let frames = FrameClock.wav2vec2.frames(ofSamples: window.samples.count)
            let after = frames - window.framesToDrop - window.framesToKeep
            let remaining = total - owned - window.framesToKeep
            #expect(after == min(FrameClock.wav2vec2.contextFrames, remaining))
            #expect(frames <= FrameClock.wav2vec2.onePassFrames)
            owned += window.framesToKeep
        }
        #expect(owned == total)
    }

    @Test(
        "with any clock every frame is owned by one window, and chunks are as long in time",
        arguments: [(640, 880), (640, 560), (1_280, 160), (160, 240)], [595_360, 1_700_000])
    func otherClocks(frame: (step: Int, field: Int), samples: Int) throws {
        let clock = try #require(
            FrameClock(samplesPerFrame: frame.step, receptiveField: frame.field))
        let cut = windows(recording(samples), pieces: 54_321, clock: clock)
        var owned = 0
        for window in cut {
            let first = owned - window.framesToDrop
            #expect(window.samples.first == Float(first * clock.samplesPerFrame))
            #expect(
                clock.frames(ofSamples: window.samples.count)
                    >= window.framesToDrop + window.framesToKeep)
            owned += window.framesToKeep
        }
        #expect(owned == clock.frames(ofSamples: samples))
        if cut.count > 1 { #expect(cut[0].framesToKeep * clock.samplesPerFrame == 480_000) }
    }

    @Test("chunks that are no whole frames have no clock")
    func impossibleClocks() {
        #expect(FrameClock(samplesPerFrame: 0, receptiveField: 400) == nil)
        #expect(FrameClock(samplesPerFrame: 1_120, receptiveField: 1_600) == nil)
        #expect(FrameClock(samplesPerFrame: .max, receptiveField: 400) == nil)
        #expect(FrameClock(samplesPerFrame: 320, receptiveField: 400) == .wav2vec2)
    }

    @Test(
        "the cut does not depend on how the samples arrive", arguments: [1_000, 65_536, 10_000_000])
    func arrival(pieces: Int) {
        let samples = recording(FrameClock.wav2vec2.samples(ofFrames: 4_700))
        #expect(windows(samples, pieces: pieces) == windows(samples, pieces: 33_333))
    }

    @Test("a long recording is never held whole")
    func bounded() {
        var grid = ChunkGrid(.grid)
        let piece = [Float](repeating: 0, count: 16_000)
        for _ in 0..<600 {
            _ = grid.append(piece)
            #expect(grid.pendingSamples < 40 * 16_000)
        }
    }

    @Test("with chunking off the recording is one window")
    func off() {
        let samples = recording(FrameClock.wav2vec2.samples(ofFrames: 4_000))
        let cut = windows(samples, pieces: 50_000, .off)
        #expect(cut.count == 1 && cut.first?.framesToKeep == 4_000)
    }
}
