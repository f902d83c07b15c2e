internal import ClusterProtocol
internal import CoordinatorState
internal import JobState
internal import Testing

@Suite("Losses of workers that still matter")
struct LossHistoryTests {
    private func loss(_ slot: String, session: Int = 1) -> AttemptHistory.Loss {
        .init(slot: slot, instance: "of \(slot)", session: session)
    }

    @Test("a loss is unrelated to a row that was not in its engine, unless a suspect explains it")
    func unrelated() {
        var losses = LossHistory()
        losses.add(
            Incident(at: at(1), loss: loss("a/0"), company: [], rows: [5], isOfSuspect: false))
        losses.add(
            Incident(at: at(2), loss: loss("a/1"), company: [], rows: [6], isOfSuspect: true))
        #expect(losses.lastUnrelatedLoss(of: 7, within: .seconds(60), at: at(3)) == at(1))
        #expect(losses.lastUnrelatedLoss(of: 5, within: .seconds(60), at: at(3)) == nil)
        #expect(losses.lastUnrelatedLoss(of: 7, within: .seconds(60), at: at(61)) == nil)
    }

    @Test("losses in company within a window are looked at once, and old ones are forgotten")
    func company() {
        var losses = LossHistory()
        for (second, slot) in [(0, "a/0"), (50, "a/1"), (55, "a/2")] as [(Int64, String)] {
            losses.add(
                Incident(
                    at: at(second), loss: loss(slot), company: [1], rows: [1], isOfSuspect: false))
        }
        let slots = losses.slotsLost(within: .seconds(30), keeping: .seconds(60), at: at(60))
        #expect(slots == ["a/1", "a/2"])
        let first = losses.removeCompany(within: .seconds(30), at: at(60))
        #expect(first.map(\.rows) == [[1], [1]])
        #expect(
            losses.removeCompany(within: .seconds(30), at: at(60)).allSatisfy { $0.rows.isEmpty })
        _ = losses.slotsLost(within: .seconds(30), keeping: .seconds(60), at: at(200))
        #expect(losses.count == 0)
    }

    @Test("rows that an instance lost are asked for once, and forgotten with their histories")
    func instances() {
        var losses = LossHistory()
        losses.note(3, lostInCompanyOf: "x")
        losses.note(1, lostInCompanyOf: "x")
        losses.note(2, lostInCompanyOf: "y")
        losses.forgetInstances { $0 != 2 }
        #expect(losses.removeRows(lostInCompanyOf: "y") == nil)
        #expect(losses.removeRows(lostInCompanyOf: "x") == [1, 3])
        #expect(losses.removeRows(lostInCompanyOf: "x") == nil)
    }

    @Test("a job that is paused for several reasons goes on when the last one is gone")
    func pauses() {
        var job = JobPhase(pauses: [])
        let paused = [job.pause(.noSpace), job.pause(.operator), job.pause(.operator)]
        #expect(paused == [true, true, false])
        #expect(job.pauses == [.operator, .noSpace] && !job.mayGrant && job.shown == .paused)
        let ended = [job.endPause(.operator), job.endPause(.operator)]
        #expect(ended == [true, false] && !job.mayGrant)
        #expect(job.endPause(.noSpace) == true)
        #expect(job.mayGrant && job.shown == .running)
        #expect(job.pause(.sourceDown) == true)
        #expect(job.mayGrant, "rows that try a source are granted")
    }

    @Test("a drain begins once, has an end, and pauses nothing any more")
    func drain() {
        var job = JobPhase(pauses: [])
        let begun = [job.beginDrain(until: at(25)), job.beginDrain(until: at(99))]
        #expect(begun == [true, false])
        #expect(!job.isDrainOver(at: at(24)) && job.isDrainOver(at: at(25)))
        #expect(job.pause(.operator) == false)
        #expect(job.isOpen)
        job.cancel(at: at(1))
        #expect(job.isCancelled && job.isDrainOver(at: at(1)))
    }
}
