package import JobState

/// Whether one source of audio (a server, a mount) answers.
///
/// While it is open, the rows of the source wait behind it and use up no budget; one of them now and
/// then tries whether the source is back.
package struct SourceBreaker: Sendable {
    /// How the last rows of the source ended, newest last, each as it ended last.
    ///
    /// A few rows that never come are tried again and again, while others of their source are read: their
    /// number says how well the source is, not their tries.
    private var ends: [(ordinal: Int, slot: String, isFailure: Bool)] = []
    package private(set) var openSince: Instant?
    package private(set) var nextProbe = Instant(nanoseconds: 0)
    /// Rows behind it; some may have got an outcome meanwhile.
    package private(set) var waiting: [Int] = []
    package private(set) var probing: Set<Int> = []
    /// The source was away for so long that its rows use up their budgets now.
    package private(set) var isExhausted = false

    package init() {}

    package var isOpen: Bool { openSince != nil }

    /// No failure is remembered: the source needs no breaker.
    package var isIdle: Bool { !isOpen && !isExhausted && ends.allSatisfy { !$0.isFailure } }

    package mutating func add(_ ordinal: Int, slot: String, isFailure: Bool, window: Int) {
        ends.removeAll { $0.ordinal == ordinal }
        ends.append((ordinal, slot, isFailure))
        if ends.count > window { ends.removeFirst() }
    }

    /// The slots that failed, if more than half of the last rows did; nil otherwise.
    package func failingSlots(failuresMin: Int) -> Set<String>? {
        let failures = ends.filter(\.isFailure)
        guard failures.count >= failuresMin, failures.count * 2 > ends.count else { return nil }
        return Set(failures.map(\.slot))
    }

    package mutating func open(at now: Instant, firstProbe: Instant) {
        openSince = now
        nextProbe = firstProbe
    }

    package mutating func addWaiting(_ ordinal: Int) {
        probing.remove(ordinal)
        waiting.append(ordinal)
    }

    /// The newest row that `isWaiting`, to try the source with.
    package mutating func removeProbe(next: Instant, where isWaiting: (Int) -> Bool) -> Int? {
        nextProbe = next
        while let ordinal = waiting.popLast() {
            guard isWaiting(ordinal) else { continue }
            probing.insert(ordinal)
            return ordinal
        }
        return nil
    }

    /// The source answers, or is not waited for any longer.
    ///
    /// - Returns: the rows that waited.
    package mutating func close(isExhausted: Bool = false) -> [Int] {
        let rows = waiting
        self = SourceBreaker()
        self.isExhausted = isExhausted
        return rows
    }
}
