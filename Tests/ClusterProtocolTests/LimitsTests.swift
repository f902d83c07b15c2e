internal import ClusterProtocol
internal import Digests
internal import SpeechTypes
internal import Testing

@Suite("Bounds of the cluster")
struct LimitsTests {
    @Test("what waits for a sign of life is bounded by the one table")
    func stallLimits() {
        let limits = ClusterLimits()
        #expect(limits.heartbeat == .seconds(StallLimits.heartbeatSeconds))
        #expect(limits.sessionTimeout == .seconds(StallLimits.sessionSilenceSeconds))
        #expect(limits.engineStall == .seconds(StallLimits.engineSeconds))
        #expect(limits.sessionStall == .seconds(StallLimits.sessionStallSeconds))
    }

    @Test("a worker may not send faster than its messages are taken")
    func rates() {
        let limits = ClusterLimits()
        let perSecond = [limits.startedLinger, limits.resultsLinger].map { linger in
            Duration.seconds(1) / linger
        }
        // Rows that start push out the results before them.
        #expect(2 * (perSecond.max() ?? 0) <= Double(limits.messagesPerSecondMax))
    }

    @Test("a heartbeat of the minor version before says nothing of lengths, and is read")
    func olderHeartbeat() throws {
        let text = """
            5343544d01000700be00000000000000402f215a000000007b2273657373696f6e223a343239343936373330332c226e\
            756d626572223a31322c226c6561736573223a5b34312c34325d2c22696e456e67696e65223a5b372c395d2c2270726f\
            67726573734167654d696c6c697365636f6e6473223a3331302c22697357616974696e67466f7257696e646f77223a66\
            616c73652c22637265646974417564696f4d696c6c697365636f6e6473223a323430303030302c22637265646974526f\
            7773223a3531322c227370656564223a34303030307d
            """
        let bytes = try #require(Hexadecimal.bytes(text))
        guard case .worker(.heartbeat(let heartbeat)) = try MessageCodec.decode(bytes) else {
            Issue.record("not a heartbeat")
            return
        }
        #expect(heartbeat.measured.isEmpty && heartbeat.inEngine == [7, 9])
        #expect(heartbeat.load == nil)
    }
}
