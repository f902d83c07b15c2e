/// What a model's time and operations are counted by.
package enum ModelPart: String, CaseIterable, Hashable, Sendable {
    /// Samples to features.
    case extractor
    case projection
    /// The positional convolution, and the norm after it.
    case positional
    /// Everything in transformer layers but attention, and the hourglass's resampling.
    case layers
    /// Scores, softmax and weighted means; the linear layers around them are ``layers``.
    case attention
    /// Classes and their log-probabilities.
    case head
}

/// Where the time of a model's computations goes; for one thread, which reads it between batches.
///
/// Sums over all batches of its workspace. It is read a few times in each layer, never for each tile.
package final class StageClock {
    package private(set) var times: [ModelPart: Duration] = [:]
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant

    package init() { last = clock.now }

    /// Forgets what was counted.
    package func reset() { times.removeAll(keepingCapacity: true) }

    /// Leaves out the time until now.
    package func start() { last = clock.now }

    /// Counts the time since the last call for `part`.
    package func lap(_ part: ModelPart) {
        let now = clock.now
        times[part, default: .zero] += now - last
        last = now
    }
}
