import Calibration
import Testing

@Suite("Isotonic maps")
struct IsotonicMapTests {
    private func observation(
        _ score: Double, _ sum: Double, _ weight: Double = 1_000
    ) -> IsotonicMap.Observation {
        IsotonicMap.Observation(score: score, sum: sum, weight: weight)
    }

    @Test("violators are pooled to their weighted mean, and what rises is kept")
    func pools() throws {
        let map = try #require(
            IsotonicMap(
                fitting: [
                    observation(0, 50), observation(1, 300), observation(2, 100, 3_000),
                    observation(3, 900),
                ], leastWeight: 1))
        // 300 of 1,000 and 100 of 3,000 become 400 of 4,000, at their mean score.
        #expect(map.scores == [0, 1.75, 3])
        #expect(abs(map(1.75) - 400.5 / 4_001) < 1e-12)
        #expect(abs(map(0) - 50.5 / 1_001) < 1e-12)
        #expect(abs(map(3) - 900.5 / 1_001) < 1e-12)
        #expect(map(-5) == map.values[0])
        #expect(map(9) == map.values[map.values.count - 1])
    }

    @Test("no value falls, whatever is fitted", arguments: 0..<20)
    func rises(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func random() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 24)
        }
        let observations = (0..<300).map { _ in random() * 10 }.sorted().map { score in
            let weight = (random() * 20).rounded()
            return observation(score, (random() * weight).rounded(), weight)
        }
        let map = try #require(IsotonicMap(fitting: observations, leastWeight: 50))
        #expect(IsotonicMap.isUsable(scores: map.scores, values: map.values), "seed \(seed)")
        #expect(map.values.allSatisfy { $0 > 0 && $0 < 1 })
        var before = -1.0
        for step in 0...100 {
            let value = map(Double(step) / 10)
            #expect(value >= before)
            before = value
        }
    }

    @Test("equal scores count as one, so that their order says nothing")
    func ties() throws {
        let first = try #require(
            IsotonicMap(
                fitting: [
                    observation(1, 0, 100), observation(1, 100, 100), observation(2, 90, 100),
                ],
                leastWeight: 1))
        let second = try #require(
            IsotonicMap(
                fitting: [
                    observation(1, 100, 100), observation(1, 0, 100), observation(2, 90, 100),
                ],
                leastWeight: 1))
        #expect(first == second)
        #expect(abs(first(1) - 100.5 / 201) < 1e-12)
    }

    @Test("small pools are joined up to the least weight, and no further")
    func smallPools() throws {
        let map = try #require(
            IsotonicMap(
                fitting: (0..<1_000).map { observation(Double($0), $0 < 500 ? 0 : 1, 1) },
                leastWeight: 100))
        #expect(map.scores.count == 10)
        #expect(map(400) < 0.01)
        #expect(map(600) > 0.99)
    }

    @Test("nothing is fitted to nothing")
    func empty() {
        #expect(IsotonicMap(fitting: [], leastWeight: 1) == nil)
        #expect(IsotonicMap(fitting: [observation(1, 0, 0)], leastWeight: 1) == nil)
    }
}

@Suite("Measures of calibration")
struct MeasureTests {
    @Test("the area under risk and coverage is that of the curve, and ties have no order")
    func area() throws {
        func item(_ doubt: Double, _ errors: Double, _ weight: Double = 1) -> RiskCoverage.Item {
            RiskCoverage.Item(doubt: doubt, errors: errors, weight: weight)
        }
        // Sure and right, then unsure and wrong: 0 over the first half, then 0 to 1/2.
        let good = RiskCoverage([item(0.1, 0), item(0.9, 1)])
        #expect(try #require(good.area) == 0.5 * 0 + 0.5 * 0.25)
        let bad = RiskCoverage([item(0.9, 0), item(0.1, 1)])
        #expect(try #require(bad.area) == 0.5 * 1 + 0.5 * 0.75)
        let tied = RiskCoverage([item(0.5, 0), item(0.5, 1)])
        #expect(tied == RiskCoverage([item(0.5, 1), item(0.5, 0)]))
        #expect(tied.area == 0.5)
        #expect(tied.wholeRisk == 0.5)
        #expect(RiskCoverage([]).area == nil)
    }

    @Test("the calibration error is the mean of the bins' differences, by their weight")
    func calibrationError() throws {
        var reliability = Reliability()
        #expect(reliability.expectedError == nil)
        reliability.add(said: 0.1, observed: 10, weight: 100)
        #expect(abs(try #require(reliability.expectedError)) < 1e-12)
        reliability.add(said: 0.5, observed: 80, weight: 100)
        #expect(abs(try #require(reliability.expectedError) - 0.15) < 1e-12)
        // More errors than words fall into the last bin, with all that was said.
        reliability.add(said: 1.5, observed: 300, weight: 200)
        #expect(abs(try #require(reliability.expectedError) - 30.0 / 400) < 1e-12)
    }

    @Test("folds have whole groups, are all used, and weigh about the same")
    func folds() {
        let weights = [50.0, 1, 1, 1, 20, 20, 20, 30, 7, 0]
        let folds = GroupedFolds.folds(ofWeights: weights)
        #expect(folds.count == weights.count)
        #expect(Set(folds) == [0, 1, 2, 3, 4])
        #expect(folds == GroupedFolds.folds(ofWeights: weights))
        let filled = (0..<5).map { fold in
            zip(folds, weights).reduce(0) { $0 + ($1.0 == fold ? $1.1 : 0) }
        }
        #expect(filled.max() == 50)
        #expect(GroupedFolds.folds(ofWeights: [3, 4]) == [1, 0])
        #expect(GroupedFolds.folds(ofWeights: [3]) == [0])
    }
}
