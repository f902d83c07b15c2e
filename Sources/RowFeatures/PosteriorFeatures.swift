internal import CKernels
package import CTCDecoding

/// What a lane's log-probabilities are like, as a whole.
///
/// Frames are added one after the other, so nothing depends on how they were cut into pieces, and the
/// bits are the same on every processor that computes the same log-probabilities. docs/numerics.md
/// defines each number.
package struct PosteriorFeatures: Hashable, Sendable {
    private let blank: Int
    package private(set) var frames = 0
    private var blankFrames = 0
    private var posteriors = 0.0
    private var least = 1.0
    private var margins = 0.0
    private var narrowest = 1.0
    private var entropies = 0.0
    private var greatest = 0.0

    /// - Parameter blank: the class of the blank.
    package init(blank: Int) { self.blank = blank }

    package mutating func append(_ piece: LogProbabilities) {
        let classes = piece.classes
        piece.values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for frame in 0..<piece.frames {
                let start = base + frame * classes
                let posterior = ck_frame_posterior(start, classes)
                posteriors += posterior.first
                least = min(least, posterior.first)
                margins += posterior.first - posterior.second
                narrowest = min(narrowest, posterior.first - posterior.second)
                entropies += posterior.entropy
                greatest = max(greatest, posterior.entropy)
                if Self.isBest(blank, of: start, classes) { blankFrames += 1 }
            }
        }
        frames += piece.frames
    }

    /// Whether a class is the one that greedy decoding takes: the first of the most probable ones.
    private static func isBest(
        _ index: Int, of values: UnsafePointer<Float>, _ classes: Int
    ) -> Bool {
        let value = values[index]
        for other in 0..<classes
        where values[other] > value || (other < index && values[other] == value) { return false }
        return true
    }

    /// Names and values; nil values where there are no frames.
    package var fields: [FeatureField] {
        func mean(_ sum: Double) -> Double? { frames > 0 ? sum / Double(frames) : nil }
        func extreme(_ value: Double) -> Double? { frames > 0 ? value : nil }
        return [
            FeatureField("mean_posterior", mean(posteriors), decimals: 6),
            FeatureField("least_posterior", extreme(least), decimals: 6),
            FeatureField("mean_margin", mean(margins), decimals: 6),
            FeatureField("least_margin", extreme(narrowest), decimals: 6),
            FeatureField("mean_entropy", mean(entropies), decimals: 6),
            FeatureField("greatest_entropy", extreme(greatest), decimals: 6),
            FeatureField("blank_share", mean(Double(blankFrames)), decimals: 6),
        ]
    }
}
