internal import JobState

/// What happened in a simulated world, one line an event, if anybody wants to read it.
///
/// A class, so that a world can describe itself while it changes.
final class Trace {
    private let isKept: Bool
    private(set) var lines: [String] = []

    init(isKept: Bool) {
        self.isKept = isKept
    }

    func note(_ now: Instant, _ line: @autoclosure () -> String) {
        guard isKept else { return }
        let fraction = String(1_000 + now.nanoseconds / 1_000_000 % 1_000).dropFirst()
        lines.append("\(now.nanoseconds / 1_000_000_000).\(fraction) \(line())")
    }
}
