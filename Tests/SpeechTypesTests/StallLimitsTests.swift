internal import SpeechTypes
internal import Testing

@Suite("Who waits how long for whom")
struct StallLimitsTests {
    @Test("whoever is nearest to the fault speaks first")
    func order() {
        // Three beats may be lost before a session is.
        #expect(StallLimits.sessionSilenceSeconds >= 3 * StallLimits.heartbeatSeconds)
        // A process that hangs is told of as one, not as a row without steps.
        #expect(StallLimits.decodingSeconds >= StallLimits.decoderProcessSeconds + 15)
        // A process that hangs has ended before the spans behind it begin another, and they begin it
        // before the row in front of them is given up.
        #expect(
            (StallLimits.decoderProcessSeconds + 1..<StallLimits.decodingSeconds)
                .contains(StallLimits.sharedDecoderSeconds))
        // Storage is never blamed on the engine: a row fails before its worker loses patience.
        #expect(StallLimits.engineSeconds >= 2 * StallLimits.decodingSeconds)
        // A worker ends by itself, and that is heard of, before its coordinator takes its rows.
        #expect(
            StallLimits.sessionStallSeconds
                >= StallLimits.engineSeconds + StallLimits.sessionSilenceSeconds
                + StallLimits.heartbeatSeconds)
    }

    @Test("steps of a part are steps of the whole")
    func progress() {
        let whole = EngineProgress()
        let part = EngineProgress(partOf: whole)
        part.step()
        whole.step()
        #expect(part.steps == 1 && whole.steps == 2)
    }
}
