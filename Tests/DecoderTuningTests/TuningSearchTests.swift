import DecoderTuning
import Foundation
import Testing

@Suite("The search for weights") struct TuningSearchTests {
    private static let alphas = [0, 0.5, 1, 1.5, 2]
    private static let betas: [Double] = [-1, 0, 1, 2]

    /// Errors that are least at one place.
    private static func bowl(alpha: Double, beta: Double) -> (TuningSearch.Point) ->
        TuningSearch.Loss
    {
        { point in
            let distance = abs(point.alpha - alpha) + abs(point.beta - beta)
            return TuningSearch.Loss(
                wordErrors: 100 + Int((distance * 50).rounded(.down)),
                characterErrors: Int((distance * 1_000).rounded()))
        }
    }

    @Test(
        "the least place between the points of the grid is found",
        arguments: [(0.73, 0.4), (0.02, -0.95), (1.31, 1.62), (2, 2)])
    func between(alpha: Double, beta: Double) throws {
        var search = TuningSearch(alphas: Self.alphas, betas: Self.betas)
        search.run(Self.bowl(alpha: alpha, beta: beta))
        let best = try #require(search.best).point
        #expect(abs(best.alpha - alpha) < 0.03 && abs(best.beta - beta) < 0.03, "\(best)")
        #expect(search.trials.count <= search.trialsMax)
        #expect(Set(search.trials.map(\.point)).count == search.trials.count, "nothing twice")
    }

    @Test("of equal places the least weight is taken, and the bonus nearest to none")
    func flat() {
        var search = TuningSearch(alphas: Self.alphas, betas: Self.betas)
        search.run { _ in TuningSearch.Loss(wordErrors: 3, characterErrors: 9) }
        #expect(search.best?.point == TuningSearch.Point(alpha: 0, beta: 0))
    }

    @Test("characters decide where words do not")
    func characters() {
        var search = TuningSearch(alphas: [0, 1], betas: [0])
        search.run { point in
            TuningSearch.Loss(wordErrors: 3, characterErrors: point.alpha == 1 ? 7 : 9)
        }
        #expect(search.best?.point.alpha == 1)
    }

    @Test("a grid of one point is only tried")
    func onePoint() {
        var search = TuningSearch(alphas: [0.5], betas: [1.5])
        search.run { _ in TuningSearch.Loss(wordErrors: 1, characterErrors: 1) }
        #expect(search.trials.map(\.point) == [TuningSearch.Point(alpha: 0.5, beta: 1.5)])
        #expect(search.trialsMax == 1)
    }

    @Test("what a trial throws ends the search")
    func failing() {
        struct Failure: Error {}
        var search = TuningSearch(alphas: Self.alphas, betas: Self.betas)
        #expect(throws: Failure.self) {
            try search.run { point throws(Failure) in
                guard point.alpha < 1 else { throw Failure() }
                return TuningSearch.Loss(wordErrors: 1, characterErrors: 1)
            }
        }
        #expect(search.trials.count == 8)
    }

    @Test("the picture has a cell for each point of the grid, a dot for each between, and one ring")
    func picture() {
        var search = TuningSearch(alphas: Self.alphas, betas: Self.betas)
        search.run(Self.bowl(alpha: 0.73, beta: 0.4))
        let svg = SurfacePicture(search, wordCount: 1_000).svg
        func count(_ text: String) -> Int { svg.components(separatedBy: text).count - 1 }
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
        #expect(count("<rect x=") == 20)
        #expect(count("r=\"2.5\"") == search.trials.count - 20)
        #expect(count("r=\"9\"") == 1)
        #expect(count("<text") == 20 + 5 + 4 + 3)
        #expect(svg.contains(">10.00</text>") || svg.contains(": 10.00 %<"))
    }
}
