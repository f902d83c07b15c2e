internal import ClusterProtocol
internal import Digests
internal import JobState
internal import SpeechTypes
internal import Testing
internal import WorkerCoordination

@Suite("Messages that are kept until they are recorded")
struct OutboxTests {
    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    private func result(_ ordinal: Int, bytes: Int = 10) -> ResultRow {
        ResultRow(
            ordinal: ordinal, rowDigest: Samples.rowDigest(ordinal),
            record: Array(repeating: 65, count: bytes), recordCRC: 0,
            recordDigest: Samples.rowDigest(0), audioDigest: Samples.rowDigest(0),
            audioMilliseconds: 1, warning: "")
    }

    private func outbox(rowsMax: Int = 3) -> Outbox {
        Outbox(linger: .milliseconds(5), rowsMax: rowsMax)
    }

    private func add(_ ordinal: Int, to outbox: inout Outbox, at now: Instant, bytes: Int = 10) {
        outbox.add(result(ordinal, bytes: bytes), at: now, frameBytesMax: 1 << 20)
    }

    @Test("rows wait for company, but no longer than the linger, and no more than a message holds")
    func packing() {
        var outbox = outbox()
        add(1, to: &outbox, at: at(0))
        outbox.packIfDue(at: at(4))
        #expect(outbox.items.isEmpty && outbox.packingDue == at(5) && !outbox.isEmpty)
        outbox.packIfDue(at: at(5))
        #expect(outbox.items.map(\.number) == [1] && outbox.packingDue == nil)
        for ordinal in 2...4 { add(ordinal, to: &outbox, at: at(6)) }
        #expect(outbox.items.map(\.number) == [1, 2], "three rows fill a message")
    }

    @Test("rows that finished before a failure are said before it")
    func order() {
        var outbox = outbox()
        add(1, to: &outbox, at: at(0))
        outbox.add(.release(lease: 4, ordinals: [9], .drain))
        #expect(outbox.items.map(\.number) == [1, 2] && outbox.nextNumber == 3)
        #expect(outbox.acknowledge(through: 1) == [1])
        #expect(outbox.acknowledge(through: 2).isEmpty && outbox.isEmpty)
        #expect(outbox.firstNumber == 3)
    }

    @Test("what is sent stays within the window, but one message always goes")
    func window() {
        var outbox = outbox(rowsMax: 1)
        for ordinal in 1...3 { add(ordinal, to: &outbox, at: at(0), bytes: 5_000) }
        #expect(outbox.nextToSend(windowBytes: 100, at: at(1)).map(\.number) == [1])
        #expect(outbox.nextToSend(windowBytes: 100, at: at(2)).isEmpty)
        #expect(outbox.nextToSend(windowBytes: 20_000, at: at(3)).map(\.number) == [2, 3])
        #expect(outbox.oldestSentAt == at(1))
    }

    @Test("what was sent and not acknowledged is sent again, under its old number")
    func again() {
        var outbox = outbox(rowsMax: 1)
        for ordinal in 1...2 { add(ordinal, to: &outbox, at: at(0)) }
        #expect(outbox.nextToSend(windowBytes: 1 << 20, at: at(1)).count == 2)
        #expect(outbox.acknowledge(through: 1) == [1])
        outbox.forgetSending()
        #expect(outbox.nextToSend(windowBytes: 1 << 20, at: at(2)).map(\.number) == [2])
        #expect(outbox.bytes > 0)
        #expect(outbox.acknowledge(through: 2) == [2] && outbox.bytes == 0)
    }

    @Test("a rate is that of the time in which the engine was busy, and needs two seconds of it")
    func rate() {
        var meter = RateMeter()
        #expect(meter.done(audioMilliseconds: 1_000, at: at(0)) == nil, "the engine has nothing")
        meter.engineIsBusy(true, at: at(1_000))
        meter.engineIsBusy(true, at: at(2_000))
        #expect(meter.done(audioMilliseconds: 4_000, at: at(2_000)) == nil)
        #expect(meter.done(audioMilliseconds: 2_000, at: at(4_000)) == 2_000)
        #expect(meter.done(audioMilliseconds: 9_000, at: at(5_000)) == nil)
        meter.engineIsBusy(false, at: at(5_000))
        meter.engineIsBusy(true, at: at(60_000))
        #expect(meter.done(audioMilliseconds: 1_000, at: at(62_000)) == 500, "idle time is no time")
    }

    @Test("rows in hand are counted by where they are")
    func heldRows() {
        var rows = HeldRows()
        #expect(rows.isEmpty && rows.ordinals(at: .inbox).isEmpty)
        for ordinal in [5, 2] {
            rows[ordinal] = HeldRow(
                task: .init(ordinal: ordinal, raw: [], isAlone: false),
                rowDigest: Samples.rowDigest(ordinal), lease: 1, place: .inbox)
        }
        rows[2]?.place = .engine
        #expect(rows.count(at: .inbox) == 1 && rows.ordinals(at: .engine) == [2])
        #expect(rows.remove(2)?.lease == 1 && rows.remove(2) == nil)
        #expect(rows.count(at: .engine) == 0 && !rows.isEmpty)
    }
}
