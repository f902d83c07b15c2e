/// How much longer than predicted rows take, from those that ended last.
package struct Lateness: Sendable {
    private static let samplesMax = 256
    private static let samplesMin = 20

    private var percent: [Int] = []
    private var next = 0

    package init() {}

    /// A row was in an engine for `elapsed` and should have been for `predicted` milliseconds.
    package mutating func add(elapsed: Int, predicted: Int) {
        let ratio = min(100_000, elapsed * 100 / max(1, predicted))
        if percent.count < Self.samplesMax {
            percent.append(ratio)
        } else {
            percent[next] = ratio
            next = (next + 1) % Self.samplesMax
        }
    }

    /// What 95 of 100 rows stay below, in per cent of the prediction; nil while too few are known.
    package var usualPercent: Int? {
        guard percent.count >= Self.samplesMin else { return nil }
        return percent.sorted()[percent.count * 95 / 100]
    }
}
