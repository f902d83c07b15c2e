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
    /// Nil where nobody asks how time is spent.
    private let clock: StageClock?
    /// Is told of all that a thread did, on that thread; nil where nobody wants to know.
    private let observer: StageObserver?
    /// Of the one thread that this part is of: the place of its stage among all.
    private let stage = Atomic<Int>(EngineStage.allCases.count - 1)

    /// What a thread did, and from when to when.
    package typealias StageObserver =
        @Sendable (_ stage: EngineStage, _ from: Int, _ to: Int) -> Void

    /// - Parameters:
    ///   - whole: counts the steps of this part too. A part is of one thread.
    ///   - nanoseconds: a time that never jumps, to see what threads spend it on; without it that is not
    ///     looked at. A part has the clock of the whole.
    ///   - observer: is told of every stage that is over. A part has that of the whole.
    package init(
        partOf whole: EngineProgress? = nil, nanoseconds: (@Sendable () -> Int)? = nil,
        observer: StageObserver? = nil
    ) {
        self.whole = whole
        self.observer = whole?.observer ?? observer
        clock = whole?.clock ?? nanoseconds.map { StageClock(nanoseconds: $0) }
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

    // MARK: Stages

    /// The engine has so many threads more.
    package func begin(threads: Int) { clock?.add(threads: threads) }

    /// Does something that is of a stage, after which the thread goes on with what it did before.
    ///
    /// A part knows what its thread did; who has only the whole did nothing before.
    package func during<Value, Failure: Error>(
        _ stage: EngineStage, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        guard let clock else { return try body() }
        let began = observer == nil ? 0 : clock.now
        let before = enter(stage, leaving: .idle, clock)
        defer {
            _ = enter(before, leaving: stage, clock)
            observer?(stage, began, clock.now)
        }
        return try body()
    }

    /// How the engine's threads have spent their time so far; nil where nobody looks.
    package var load: EngineLoad? {
        clock?.load(batchedMilliseconds: computedMilliseconds)
    }

    /// - Parameter last: what a thread that is not known by a part of its own did.
    private func enter(
        _ next: EngineStage, leaving last: EngineStage, _ clock: StageClock
    ) -> EngineStage {
        guard whole != nil else {
            clock.move(from: last, to: next)
            return last
        }
        let stages = EngineStage.allCases
        let index = stage.exchange(next.index, ordering: .relaxed)
        clock.move(from: stages[index], to: next)
        return stages[index]
    }
}
