internal import Checkpoints
internal import Synchronization

/// Weights that count how many values were asked of them.
final class CountingWeights: WeightSource {
    private let scope: WeightScope
    private let count = Mutex(0)

    init(_ scope: WeightScope) { self.scope = scope }

    /// Values handed out so far.
    var values: Int { count.withLock { $0 } }

    func contains(_ name: String) -> Bool { scope.contains(name) }

    func floats(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
        let floats = try scope.floats(name, shape: shape)
        count.withLock { $0 += floats.count }
        return floats
    }
}
