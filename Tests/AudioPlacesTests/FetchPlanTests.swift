import AudioPlaces
import Testing

@Suite("What is fetched before its row's turn") struct FetchPlanTests {
    private var limits: FetchPlan<String>.Limits {
        var limits = FetchPlan<String>.Limits(bytesMax: 1_000)
        limits.fetchesMax = 3
        return limits
    }

    private func all(
        _ plan: inout FetchPlan<String>, bytesAhead: Int = 0,
        perSource: (String) -> Int = { _ in 8 }
    ) -> [String] {
        var objects: [String] = []
        while let object = plan.next(bytesAhead: bytesAhead, fetchesOfSource: perSource) {
            objects.append(object)
        }
        return objects
    }

    @Test("objects are begun in the order of their rows, each once, and a few at a time")
    func order() {
        var plan = FetchPlan(limits) { String($0.prefix { $0 != " " }) }
        plan.see(["a", "a", "b", "c", "d"], at: 0)
        #expect(all(&plan) == ["a", "b", "c"])
        plan.ended("b", byteCount: 10)
        #expect(all(&plan) == ["d"])
        plan.see(["a", "b", "c", "d"], at: 1)
        #expect(all(&plan).isEmpty, "what came waits for its row")
    }

    @Test("a source that has enough to do is passed over, and others are asked")
    func sources() {
        var plan = FetchPlan(limits) { String($0.prefix { $0 != " " }) }
        plan.see(["full 1", "full 2", "other"], at: 0)
        #expect(all(&plan) { $0 == "full" ? 0 : 1 } == ["other"])
        #expect(all(&plan) { _ in 1 } == ["full 1"])
        plan.ended("full 1", byteCount: nil)
        #expect(all(&plan) { _ in 1 } == ["full 2"])
    }

    @Test("nothing more is begun where there is no space for what is expected of it")
    func space() {
        var plan = FetchPlan(limits) { String($0.prefix { $0 != " " }) }
        plan.see(["a", "b", "c", "d"], at: 0)
        let first = plan.next(bytesAhead: 0) { _ in 8 }
        #expect(first == "a")
        plan.ended("a", byteCount: 400)
        #expect(all(&plan, bytesAhead: 400) == ["b"], "a third would be 1,200 bytes")
        #expect(all(&plan, bytesAhead: 0) == ["c"])
    }

    @Test("what a row took is its own, and what went elsewhere is forgotten after a while")
    func stale() {
        var plan = FetchPlan(limits) { String($0.prefix { $0 != " " }) }
        plan.see(["a", "b"], at: 0)
        #expect(all(&plan) == ["a", "b"])
        plan.ended("a", byteCount: 1)
        plan.see(["b"], at: 1_000)
        let stale = [20_999, 21_000].map { plan.stale(at: $0) }
        #expect(stale == [[], ["a"]])
        plan.see([], at: 30_000)
        plan.see(["b"], at: 31_000)
        let more = plan.stale(at: 99_000)
        #expect(more.isEmpty, "its row came back")
        #expect(all(&plan).isEmpty)
    }
}
