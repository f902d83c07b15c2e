internal import JobState
internal import Testing

@Suite("The time of a loop")
struct LoopClockTests {
    private func milliseconds(_ value: Int64) -> Instant {
        Instant(nanoseconds: value * 1_000_000)
    }

    @Test("is that of the monotonic clock as long as the loop looks at it")
    func steady() {
        var clock = LoopClock(heartbeat: .seconds(5))
        for step in 0..<500 {
            #expect(clock.now(milliseconds(Int64(step) * 1_000)).milliseconds == step * 1_000)
        }
        #expect(clock.pauses == .zero)
    }

    @Test("leaves out the pauses of the loop, and goes on as before")
    func pause() {
        var clock = LoopClock(heartbeat: .seconds(5))
        _ = clock.now(milliseconds(0))
        #expect(clock.now(milliseconds(1_000)).milliseconds == 1_000)
        #expect(clock.now(milliseconds(61_000)).milliseconds == 3_000)
        #expect(clock.now(milliseconds(62_000)).milliseconds == 4_000)
        #expect(clock.pauses == .seconds(58))
        #expect(clock.reading(at: milliseconds(5_000)).milliseconds == 63_000)
        // A clock that went back, which none should, stands still.
        #expect(clock.now(milliseconds(50_000)).milliseconds == 4_000)
    }
}
