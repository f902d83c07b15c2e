/// How many rows have a measure between two bounds.
package struct Histogram: Hashable, Sendable {
    package struct Bin: Hashable, Sendable {
        package let label: String
        package internal(set) var rows = 0
        package internal(set) var milliseconds = 0
    }

    /// Bounds between bins, rising; what is a bound belongs to the bin above it.
    private let bounds: [Int]
    package private(set) var bins: [Bin]

    /// - Parameter labels: of the bins, one more than there are bounds.
    init(bounds: [Int], labels: [String]) {
        precondition(labels.count == bounds.count + 1, "a bound has a bin on each side")
        self.bounds = bounds
        bins = labels.map { Bin(label: $0) }
    }

    mutating func add(_ value: Int, milliseconds: Int) {
        let bin = bounds.firstIndex { value < $0 } ?? bounds.count
        bins[bin].rows += 1
        bins[bin].milliseconds += milliseconds
    }

    package var isEmpty: Bool { bins.allSatisfy { $0.rows == 0 } }

    /// Milliseconds.
    static let durations = Histogram(
        bounds: [1, 2, 5, 10, 20, 30, 60, 300, 1_800, 7_200].map { $0 * 1_000 },
        labels: [
            "< 1 s", "1–2 s", "2–5 s", "5–10 s", "10–20 s", "20–30 s", "30–60 s", "1–5 min",
            "5–30 min", "½–2 h", "> 2 h",
        ])

    /// Ten thousandths.
    static let confidences = Histogram(
        bounds: (1..<20).map { $0 * 500 },
        labels: (0..<20).map { "\($0 * 5)–\($0 * 5 + 5) %" })

    /// Words a minute.
    static let rates = Histogram(
        bounds: [1] + (1...12).map { $0 * 25 },
        labels: ["none"] + (0..<12).map { "\($0 * 25)–\($0 * 25 + 25)" } + ["> 300"])
}
