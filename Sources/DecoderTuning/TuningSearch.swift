/// Looks for the weights with which a decoder errs least: on a grid first, then between its points by
/// golden sections (Kiefer 1953), one weight after the other.
///
/// Error rates are steps and not always hills, so that what is found is the best of what was tried, and
/// no more. The same losses give the same answer.
package struct TuningSearch: Sendable {
    /// A weight of the language model, and what each word adds.
    package struct Point: Hashable, Sendable {
        package var alpha: Double
        package var beta: Double

        package init(alpha: Double, beta: Double) {
            self.alpha = Self.rounded(alpha)
            self.beta = Self.rounded(beta)
        }

        /// As exact as anybody needs, and short enough to be typed.
        private static func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }
    }

    /// What a point costs; characters decide between points with as many wrong words.
    package struct Loss: Comparable, Hashable, Sendable {
        package var wordErrors: Int
        package var characterErrors: Int

        package init(wordErrors: Int, characterErrors: Int) {
            self.wordErrors = wordErrors
            self.characterErrors = characterErrors
        }

        package static func < (one: Loss, other: Loss) -> Bool {
            (one.wordErrors, one.characterErrors) < (other.wordErrors, other.characterErrors)
        }
    }

    package struct Trial: Hashable, Sendable {
        package let point: Point
        package let loss: Loss
    }

    package let alphas: [Double]
    package let betas: [Double]
    /// All that was tried, in the order in which it was.
    package private(set) var trials: [Trial] = []
    private var losses: [Point: Loss] = [:]

    /// Sections end when the place is known this well.
    private static let tolerance = 0.02
    /// How often each weight is looked at between its neighbours on the grid.
    private static let rounds = 2

    /// - Precondition: both lists ascend and have a number.
    package init(alphas: [Double], betas: [Double]) {
        precondition(!alphas.isEmpty && !betas.isEmpty)
        self.alphas = alphas
        self.betas = betas
    }

    /// The best trial; of equal ones that with the lesser weight, then with the lesser bonus.
    package var best: Trial? {
        trials.min { one, other in
            if one.loss != other.loss { return one.loss < other.loss }
            return (one.point.alpha, abs(one.point.beta), one.point.beta)
                < (other.point.alpha, abs(other.point.beta), other.point.beta)
        }
    }

    /// Trials that a search takes at most, for a meter.
    package var trialsMax: Int {
        let sections = Self.rounds * (Self.sections(alphas) + Self.sections(betas))
        return alphas.count * betas.count + sections
    }

    private static func sections(_ values: [Double]) -> Int {
        let gaps = zip(values, values.dropFirst()).map { $1 - $0 }
        let widest = zip(gaps + [0], [0] + gaps).map(+).max() ?? 0
        var (width, count) = (widest, 2)
        while width > tolerance {
            width *= golden
            count += 1
        }
        return widest > 0 ? count : 0
    }

    /// Tries points until nothing is left to look at.
    ///
    /// - Parameter loss: what a point costs; never asked twice for one point.
    /// - Throws: what `loss` throws.
    package mutating func run<Failure: Error>(
        _ loss: (Point) throws(Failure) -> Loss
    ) throws(Failure) {
        for alpha in alphas {
            for beta in betas { _ = try trial(Point(alpha: alpha, beta: beta), loss) }
        }
        for _ in 0..<Self.rounds {
            guard let start = best?.point else { return }
            try section(alphas, around: start.alpha) { alpha throws(Failure) in
                try trial(Point(alpha: alpha, beta: start.beta), loss)
            }
            guard let middle = best?.point else { return }
            try section(betas, around: middle.beta) { beta throws(Failure) in
                try trial(Point(alpha: middle.alpha, beta: beta), loss)
            }
            if best?.point == start { return }
        }
    }

    private mutating func trial<Failure: Error>(
        _ point: Point, _ loss: (Point) throws(Failure) -> Loss
    ) throws(Failure) -> Loss {
        if let known = losses[point] { return known }
        let loss = try loss(point)
        losses[point] = loss
        trials.append(Trial(point: point, loss: loss))
        return loss
    }

    private static let golden = (5.0.squareRoot() - 1) / 2

    /// Narrows the stretch between the grid's neighbours of `value` down to a least loss.
    private func section<Failure: Error>(
        _ grid: [Double], around value: Double, _ loss: (Double) throws(Failure) -> Loss
    ) throws(Failure) {
        var low = grid.last { $0 < value } ?? value
        var high = grid.first { $0 > value } ?? value
        guard high - low > Self.tolerance else { return }
        var (left, right) = (
            high - Self.golden * (high - low), low + Self.golden * (high - low)
        )
        var (atLeft, atRight) = (try loss(left), try loss(right))
        while high - low > Self.tolerance {
            if atLeft <= atRight {
                (high, right, atRight) = (right, left, atLeft)
                left = high - Self.golden * (high - low)
                atLeft = try loss(left)
            } else {
                (low, left, atLeft) = (left, right, atRight)
                right = low + Self.golden * (high - low)
                atRight = try loss(right)
            }
        }
    }
}
