internal import ClusterRuntime
internal import Processes
internal import Testing

@Suite("When dying workers end the job") struct DeathTallyTests {
    private func death(
        status: Int32 = 134, lines: [String] = [], isRestarted: Bool = true
    ) -> WorkerDeath {
        WorkerDeath(
            slot: "here/0", sentence: "was ended by signal 6", status: status, lastLines: lines,
            isRestarted: isRestarted)
    }

    @Test(
        "a job bears three deaths before a row is started and two more for each slot",
        arguments: 1...3)
    func bears(slots: Int) throws {
        let tally = DeathTally(localSlots: slots)
        for _ in 1..<3 + 2 * slots {
            tally.add(death(lines: ["no model can be loaded here"]))
            #expect(tally.verdict(hasOtherWorkers: false) == nil)
        }
        tally.add(death(lines: ["no model can be loaded here"]))
        let verdict = try #require(tally.verdict(hasOtherWorkers: false))
        #expect(verdict.exitStatus == ExitStatus.engine)
        #expect(verdict.description.contains("(\(3 + 2 * slots) times"), "\(verdict)")
        #expect(verdict.description.contains("was ended by signal 6"), "\(verdict)")
        #expect(verdict.description.hasSuffix("no model can be loaded here"), "\(verdict)")
    }

    @Test("a started row wipes out the deaths before it")
    func progress() {
        let tally = DeathTally(localSlots: 1)
        for _ in 0..<20 {
            for _ in 0..<4 { tally.add(death()) }
            #expect(tally.verdict(hasOtherWorkers: false) == nil)
            tally.progress()
        }
        for _ in 0..<5 { tally.add(death()) }
        #expect(tally.verdict(hasOtherWorkers: false) != nil)
    }

    @Test("deaths do not end a job that others work on, or that has no workers of its own")
    func others() {
        let tally = DeathTally(localSlots: 1)
        for _ in 0..<50 { tally.add(death(isRestarted: false)) }
        #expect(tally.verdict(hasOtherWorkers: true) == nil)
        let none = DeathTally(localSlots: 0)
        for _ in 0..<50 { none.add(death()) }
        #expect(none.verdict(hasOtherWorkers: false) == nil)
    }

    @Test(
        "a worker whose machine takes nothing that is written ends the job at once, with what it said"
    )
    func storage() throws {
        let tally = DeathTally(localSlots: 2)
        tally.progress()
        tally.add(
            death(
                status: ExitStatus.storage, lines: ["scriptorium: 7.npy: No space left on device"]))
        let verdict = try #require(tally.verdict(hasOtherWorkers: false))
        #expect(verdict.exitStatus == ExitStatus.storage)
        #expect(verdict.description == "a worker: 7.npy: No space left on device")
        #expect(tally.verdict(hasOtherWorkers: true) == nil)
    }

    @Test("a worker that was started wrongly ends the job at once, with what it said")
    func usage() throws {
        let tally = DeathTally(localSlots: 2)
        tally.add(
            death(
                status: ExitStatus.usage, lines: ["loading", "scriptorium: no such model"],
                isRestarted: false))
        let verdict = try #require(tally.verdict(hasOtherWorkers: false))
        #expect(verdict.exitStatus == ExitStatus.usage)
        #expect(verdict.description == "a worker: no such model")
    }

    @Test("when no worker is left the job ends, but not before it could have ended by itself")
    func allEnded() throws {
        let tally = DeathTally(localSlots: 2)
        tally.add(death(status: ExitStatus.jobRefused, isRestarted: false), at: 1_000)
        #expect(tally.verdict(hasOtherWorkers: false, at: 100_000) == nil, "one is left")
        tally.add(death(status: ExitStatus.jobRefused, isRestarted: false), at: 100_000)
        #expect(tally.verdict(hasOtherWorkers: false, at: 105_000) == nil)
        let refused = try #require(tally.verdict(hasOtherWorkers: false, at: 105_001))
        #expect(refused.exitStatus == ExitStatus.jobRefused)
        #expect(refused.description.hasPrefix("all workers have ended"), "\(refused)")
    }
}
