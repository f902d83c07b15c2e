package import SpeechTypes

/// What a job will fetch: how many objects, with how many bytes, and how quickly they come.
///
/// A value of counts: whoever looks at rows adds them, and tries one or two.
package struct FetchEstimate: Hashable, Sendable {
    /// An object that was fetched to see how they come.
    package struct Trial: Hashable, Sendable {
        /// Of all of it, whatever was fetched.
        package let objectBytes: Int
        /// What was fetched, and how long that took.
        package let byteCount: Int
        package let milliseconds: Int

        package init(objectBytes: Int, byteCount: Int, milliseconds: Int) {
            self.objectBytes = objectBytes
            self.byteCount = byteCount
            self.milliseconds = milliseconds
        }
    }

    /// Rows whose audio is fetched.
    package private(set) var rows = 0
    /// By their hashes: an object once for all its rows, which come together.
    private var hashes: Set<Int> = []
    /// Objects whose size their row tells, and what those have together.
    private var (placed, placedBytes) = (0, 0)
    /// Objects of a list that told sizes, and what those have together.
    private var (listed, listedBytes) = (0, 0)
    private var trials: [Trial] = []

    package init() {}

    /// A row reads this object.
    ///
    /// - Parameter byteCount: nil where the row does not tell it.
    /// - Returns: whether no row before did.
    package mutating func add(_ object: PathBytes, byteCount: Int?) -> Bool {
        rows += 1
        guard hashes.insert(object.hashValue).inserted else { return false }
        if let byteCount {
            placed += 1
            placedBytes += byteCount
        }
        return true
    }

    /// The objects were listed, with sizes of so many of them.
    package mutating func addListed(_ count: Int, bytes: Int) {
        listed += count
        listedBytes += bytes
    }

    package mutating func add(_ trial: Trial) { trials.append(trial) }

    /// One request each, if nothing goes wrong.
    package var objects: Int { hashes.count }

    /// What they have together; nil where nothing tells.
    package var bytes: Int? {
        let rest = objects - placed
        guard rest > 0 else { return placedBytes }
        let (count, sum) =
            listed > 0
            ? (listed, listedBytes) : (trials.count, trials.reduce(0) { $0 + $1.objectBytes })
        guard count > 0 else { return nil }
        return placedBytes + Int((Double(sum) / Double(count) * Double(rest)).rounded())
    }

    /// All of it is known, and nothing supposed.
    package var isExact: Bool { placed == objects || listed > 0 && listed + placed == objects }

    /// Of one fetch at a time; nil where nothing was tried.
    package var bytesPerSecond: Int? {
        let bytes = trials.reduce(0) { $0 + $1.byteCount }
        guard bytes > 0 else { return nil }
        return bytes * 1_000 / max(1, trials.reduce(0) { $0 + $1.milliseconds })
    }

    /// All objects, one after another; nil where nothing tells.
    package var milliseconds: Int? {
        guard let bytes, let bytesPerSecond, bytesPerSecond > 0 else { return nil }
        return Int(Double(bytes) * 1_000 / Double(bytesPerSecond))
    }
}
