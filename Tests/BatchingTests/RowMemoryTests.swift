import Batching
import SpeechTypes
import Testing
import Threading

@Suite("What one row may take of a worker's memory")
struct RowMemoryTests {
    private let memory = RowMemory(bytesMax: 10 << 20, bytesOfLane: 1 << 20) { frames in
        max(0, frames - FrameClock.wav2vec2.onePassFrames) * 1_000
    }

    @Test("usual rows take nothing beyond what every row may, long passes and channels do")
    func bytes() {
        #expect(memory.bytes(frames: FrameClock.wav2vec2.onePassFrames, lanes: 1) == 0)
        #expect(memory.bytes(frames: FrameClock.wav2vec2.onePassFrames, lanes: 3) == 2 << 20)
        #expect(memory.bytes(frames: FrameClock.wav2vec2.onePassFrames + 50, lanes: 1) == 50_000)
    }

    @Test("what is more than there is is refused with what helps")
    func refusal() {
        #expect(memory.refusal(of: 10 << 20) == nil)
        let sentence = memory.refusal(of: (10 << 20) + 1)
        #expect(sentence?.contains("10 MiB") == true)
        #expect(sentence?.contains("--memory") == true)
    }

    @Test("one row at a time has the memory, and gives it back when it goes")
    func claims() throws {
        var first: RowMemory.Claim? = memory.claim()
        let isSecond = Guarded(false)
        let second = try DedicatedThread { [memory] in
            let claim = memory.claim()
            isSecond.withLock { $0 = true }
            withExtendedLifetime(claim) {}
        }
        #expect(!second.join(milliseconds: 20))
        #expect(isSecond.withLock { $0 } == false)
        withExtendedLifetime(first) {}
        first = nil
        second.join()
        #expect(isSecond.withLock { $0 })
    }
}
