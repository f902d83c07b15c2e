import RemoteAudio
import Testing

@Suite("How sources answer") struct SourcePaceTests {
    @Test(
        "a source is away after a few requests in vain over two seconds, or one over a long while")
    func away() {
        var pace = SourcePace()
        pace.ended(.none, begun: 0)
        pace.ended(.none, begun: 1_000)
        #expect(!pace.isAway(at: 10_000))
        pace.ended(.busy, begun: 3_000)
        #expect(pace.isAway(at: 3_000))
        var silent = SourcePace()
        silent.ended(.none, begun: 0)
        #expect(!silent.isAway(at: 14_999) && silent.isAway(at: 15_000))
    }

    @Test("many refusals at one moment are no more than a moment, and an answer ends them")
    func moment() {
        var pace = SourcePace()
        for _ in 0..<16 { pace.ended(.busy, begun: 5) }
        #expect(!pace.isAway(at: 1_000))
        pace.ended(.came, begun: 900)
        pace.ended(.busy, begun: 1_000)
        #expect(!pace.isAway(at: 5_000))
    }

    @Test("a busy source is asked for less at a time, and for more again as it answers")
    func concurrency() {
        var pace = SourcePace()
        for _ in 0..<8 { pace.ended(.busy, begun: 0) }
        #expect(
            pace.concurrency == SourcePace.concurrencyMax / 2, "what comes together is one word")
        for _ in 0..<10 {
            pace.ended(.came, begun: 1)
            pace.ended(.busy, begun: 1)
        }
        #expect(pace.concurrency == 1)
        for _ in 0..<200 { pace.ended(.came, begun: 2) }
        #expect(pace.concurrency == SourcePace.concurrencyMax)
    }
}
