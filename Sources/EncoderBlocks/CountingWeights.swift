package import Checkpoints
internal import Synchronization

/// Weights that count how many values were asked of them.
package final class CountingWeights: WeightSource {
    private let scope: WeightScope
    private let count = Mutex(0)

    package init(_ scope: WeightScope) { self.scope = scope }

    /// Values handed out so far.
    package var values: Int { count.withLock { $0 } }

    package func contains(_ name: String) -> Bool { scope.contains(name) }

    package func floats(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
        let floats = try scope.floats(name, shape: shape)
        count.withLock { $0 += floats.count }
        return floats
    }
}
