/// What was chosen, counted.
package struct SelectionSummary: Sendable {
    package var rows = 0
    package var hours = 0.0
    /// By reason, in the order of the reasons.
    package var rejected: [(reason: SelectionReason, rows: Int)] = []
    package var kept: YieldCurve.Point?
    package var curve = YieldCurve()
    package var parts: [Part] = []
    package var groups = 0
    /// Rows that pass all limits but that of expected errors, before caps and budgets, and those of them
    /// that are unlike what the calibration saw.
    package var rowsWithin = 0
    package var rowsOutside = 0
    /// The share of rows of the very speech that would be outside, as it was calibrated on few rows.
    package var usualOutsideShare = 0.0
    /// Those that are farther from the calibrating rows than nearly all of these.
    package var rowsFar = 0
    package var licences: [(name: String, rows: Int)] = []
    package var lengths = Histogram(name: "seconds", width: 2, unit: "s")
    package var levels = Histogram(name: "level", width: 6, unit: "dBFS")
    package var errorRates = Histogram(name: "expected WER", width: 0.02, unit: "")

    package struct Part: Hashable, Sendable {
        package var name: String
        package var rows = 0
        package var hours = 0.0
        package var groups = 0
        /// SHA-256 of the file, in hexadecimal digits.
        package var digest = ""
    }

    package init() {}

    /// Of rows like those of a large calibration, fewer than one in a hundred is outside.
    private static let outsideShareMax = 0.02
    /// Of the calibrating rows themselves, a twentieth is far: see `Likeness.shareWithin`.
    private static let farShareMax = 0.15

    /// Whether so many rows are unlike what the calibration saw that nothing is known of their errors.
    package var isUnlike: Bool {
        func isMore(_ count: Int, _ share: Double) -> Bool {
            // Of few rows, several may be so by chance: three standard deviations of a Poisson number.
            let usual = share * Double(rowsWithin)
            return Double(count) > usual + 3 * usual.squareRoot()
        }
        return isMore(rowsOutside, max(usualOutsideShare, Self.outsideShareMax))
            || isMore(rowsFar, Self.farShareMax)
    }

    package var rowsKept: Int { parts.reduce(0) { $0 + $1.rows } }
}

/// How many rows have which value, in steps of equal width.
package struct Histogram: Hashable, Sendable {
    package let name: String
    package let width: Double
    package let unit: String
    /// By the number of the step, which may be negative.
    package private(set) var counts: [Int: Int] = [:]

    private static let stepsMax = 10_000.0

    package init(name: String, width: Double, unit: String) {
        self.name = name
        self.width = width
        self.unit = unit
    }

    package mutating func add(_ value: Double) {
        guard value.isFinite else { return }
        let step = (value / width).rounded(.down)
        counts[Int(min(Self.stepsMax, max(-Self.stepsMax, step))), default: 0] += 1
    }

    package var sorted: [(from: Double, rows: Int)] {
        counts.sorted { $0.key < $1.key }.map { (Double($0.key) * width, $0.value) }
    }
}
