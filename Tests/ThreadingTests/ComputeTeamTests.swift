internal import Synchronization
internal import Testing
internal import Threading

@Suite("Compute team") struct ComputeTeamTests {
    @Test("every part is computed once, whoever helps, over many short jobs")
    func everyPartOnce() throws {
        let team = try ComputeTeam(threads: 4, prepare: {})
        var whole = true
        for round in 0..<20_000 {
            let count = 1 + round % 7
            let times = Parts(count)
            team.computing { team.forEach(count) { part, _ in times.count(part) } }
            whole = whole && times.areAllOne
        }
        #expect(whole)
    }

    @Test("members that compute at the same time each get their own parts") func several() throws {
        let team = try ComputeTeam(threads: 3, prepare: {})
        let failures = Atomic<Int>(0)
        let members = try (0..<2).map { _ in
            try DedicatedThread {
                for _ in 0..<5_000 {
                    let times = Parts(16)
                    team.computing { team.forEach(16) { part, _ in times.count(part) } }
                    if !times.areAllOne { failures.add(1, ordering: .relaxed) }
                }
            }
        }
        for member in members { member.join() }
        #expect(failures.load(ordering: .relaxed) == 0)
    }

    @Test("a member is named by a number below the threads, and nobody else has it at that time")
    func membersAreDistinct() throws {
        let team = try ComputeTeam(threads: 3, prepare: {})
        let inside = (0..<3).map { _ in Counter() }
        let clashes = Counter()
        for _ in 0..<2_000 {
            team.computing {
                team.forEach(12) { _, member in
                    if inside[member].value.add(1, ordering: .sequentiallyConsistent).oldValue > 0 {
                        clashes.value.add(1, ordering: .relaxed)
                    }
                    inside[member].value.subtract(1, ordering: .sequentiallyConsistent)
                }
            }
        }
        #expect(clashes.value.load(ordering: .relaxed) == 0)
    }

    @Test("one thread computes alone") func alone() throws {
        let team = try ComputeTeam(threads: 1, prepare: {})
        #expect(!team.hasIdleHelper)
        let times = Parts(3)
        team.forEach(3) { part, member in if member == 0 { times.count(part) } }
        #expect(times.areAllOne)
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    /// How often each part was computed.
    private struct Parts: Sendable {
        let counters: [Counter]

        init(_ count: Int) { counters = (0..<count).map { _ in Counter() } }

        func count(_ part: Int) { counters[part].value.add(1, ordering: .relaxed) }

        var areAllOne: Bool {
            counters.allSatisfy { $0.value.load(ordering: .relaxed) == 1 }
        }
    }
}
