import ClusterProtocol
import ClusterRuntime
import Testing

@Suite("How fast a job was")
struct SpeedHistoryTests {
    private func status(at seconds: Int, speed: Int, remaining: Int? = nil) -> JobStatus {
        var status = JobStatus()
        status.elapsedMilliseconds = seconds * 1_000
        status.speedMilli = speed
        status.remainingMilliseconds = remaining
        return status
    }

    @Test("days have as few points as an hour, evenly apart, from the first to the last")
    func bounded() throws {
        for seconds in [600, 3_600, 3 * 86_400] {
            var history = SpeedHistory()
            for second in 0...seconds { history.add(status(at: second, speed: second)) }
            let times = history.points.map(\.elapsedMilliseconds)
            #expect(times.count <= SpeedHistory.pointsMax)
            #expect(times.count > SpeedHistory.pointsMax / 3)
            #expect(times.first == 0)
            let last = try #require(times.last)
            #expect(seconds * 1_000 - last <= 2 * history.periodMilliseconds)
            let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
            #expect(gaps.allSatisfy { $0 <= 2 * history.periodMilliseconds })
        }
    }

    @Test("the time left has bounds of the slowest and the fastest tenth of the last while")
    func bounds() throws {
        var history = SpeedHistory()
        // Long ago it was fast; of the last hundred seconds a tenth was slow.
        for second in 0..<1_000 { history.add(status(at: second, speed: 100_000)) }
        for second in 1_000..<1_100 {
            history.add(status(at: second, speed: second.isMultiple(of: 8) ? 5_000 : 10_000))
        }
        let now = status(at: 1_100, speed: 10_000, remaining: 60_000)
        let bounds = try #require(
            history.remainingMilliseconds(of: now, whileMilliseconds: 100_000))
        #expect(bounds == 60_000...120_000)
    }

    @Test("of a job that has just begun nothing is said")
    func young() {
        var history = SpeedHistory()
        for second in 0..<5 { history.add(status(at: second, speed: 10)) }
        #expect(history.remainingMilliseconds(of: status(at: 5, speed: 10, remaining: 1)) == nil)
        #expect(history.remainingMilliseconds(of: status(at: 5, speed: 0)) == nil)
    }
}
