internal import Synchronization

/// How far the process has come with what takes long: counted by the code that does it, read by the code
/// that shows it.
///
/// One a process, as the terminal is. Code that is not the one that was announced tells it nothing:
/// what it counts is in another unit, or nobody has begun.
package final class WorkMeter: Sendable {
    /// What is counted.
    package enum Unit: Hashable, Sendable {
        case bytes
        case rows
        case files
        case batches
        case pages
        case nGrams
        /// Of audio.
        case minutes
    }

    /// What is known at one moment.
    package struct Reading: Hashable, Sendable {
        /// What is being done, such as `reading rows.jsonl`.
        package var name: String
        package var unit: Unit
        package var done = 0
        /// What had been done by an earlier run; says nothing about the speed of this one.
        package var doneBefore = 0
        /// What is known to come, done or not; 0 while nobody knows.
        package var total = 0
        /// The whole was known when it began; parts of it that say what they take are parts of that.
        package var isTotalGiven = false
        /// Changes with each beginning.
        package var number = 0

        package init(name: String, unit: Unit) {
            self.name = name
            self.unit = unit
        }

        /// The part that is done; nil where the whole is not known.
        package var fraction: Double? {
            total > 0 ? min(1, Double(done) / Double(total)) : nil
        }

        /// Milliseconds that the rest takes at the speed so far, after `elapsed` milliseconds.
        ///
        /// Nil while there is too little to judge by, or the whole is not known.
        package func remainingMilliseconds(after elapsed: Int) -> Int? {
            let own = done - doneBefore
            guard total > 0, elapsed >= 2_000, own > 0, own * 50 >= total - doneBefore else {
                return nil
            }
            return Int(Double(elapsed) * Double(max(0, total - done)) / Double(own))
        }
    }

    package static let shared = WorkMeter()

    private let current = Mutex<Reading?>(nil)
    private let beginnings = Atomic<Int>(0)

    package init() {}

    /// Something begins, in the place of what was before.
    package func begin(_ name: String, _ unit: Unit, total: Int = 0, doneBefore: Int = 0) {
        var reading = Reading(name: name, unit: unit)
        reading.total = total
        reading.isTotalGiven = total > 0
        reading.done = doneBefore
        reading.doneBefore = doneBefore
        reading.number = beginnings.add(1, ordering: .relaxed).newValue
        current.withLock { $0 = reading }
    }

    /// Nothing long is being done.
    package func end() { current.withLock { $0 = nil } }

    /// So much more is known to come.
    package func expect(_ count: Int, _ unit: Unit) {
        current.withLock { reading in
            guard reading?.unit == unit, reading?.isTotalGiven == false else { return }
            reading?.total += count
        }
    }

    /// So much more is done.
    package func advance(_ count: Int, _ unit: Unit) {
        current.withLock { reading in
            if reading?.unit == unit { reading?.done += count }
        }
    }

    /// What is being done; nil for nothing.
    package var reading: Reading? { current.withLock { $0 } }
}
