internal import Synchronization

/// Counts the steps that an engine makes, which is how anybody sees that it is at work however long
/// a row is.
///
/// A step is what every machine does within seconds: a block of audio that was decoded or passed
/// over, or a piece of a layer that was computed. Only whether the count has changed means anything,
/// so a step costs one addition and no message.
package final class EngineProgress: Sendable {
    private let count = Atomic<Int>(0)
    private let computed = Atomic<Int>(0)
    private let whole: EngineProgress?

    /// - Parameter whole: counts the steps of this part too.
    package init(partOf whole: EngineProgress? = nil) {
        self.whole = whole
    }

    /// Says that a step was made; safe on any thread.
    package func step() {
        count.add(1, ordering: .relaxed)
        whole?.step()
    }

    /// Says that so much audio of a lane was computed, which is a step as well.
    package func computed(milliseconds: Int) {
        computed.add(milliseconds, ordering: .relaxed)
        step()
    }

    /// Steps so far.
    package var steps: Int { count.load(ordering: .relaxed) }

    /// Audio computed so far, every lane counted.
    package var computedMilliseconds: Int { computed.load(ordering: .relaxed) }
}
