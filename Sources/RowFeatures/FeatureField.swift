/// One number that is said of a row, with a fixed number of decimals, so that its bytes say no more than
/// is certain.
package struct FeatureField: Hashable, Sendable {
    package let name: String
    /// As it stands in JSON.
    package let text: String

    /// - Parameter value: nil where there is nothing to measure.
    /// - Precondition: the value is finite, and below 10¹² in magnitude.
    package init(_ name: String, _ value: Double?, decimals: Int) {
        self.name = name
        text = value.map { Self.fixed($0, decimals) } ?? "null"
    }

    /// A value as it was written.
    ///
    /// - Parameter text: a number or null in JSON.
    package init(_ name: String, text: String) {
        self.name = name
        self.text = text
    }

    private static func fixed(_ value: Double, _ decimals: Int) -> String {
        precondition(value.isFinite && abs(value) < 1e12, "a feature is a number of usual size")
        let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((value * Double(scale)).rounded())
        guard decimals > 0 else { return String(scaled) }
        let fraction = String(scaled.magnitude % UInt(scale))
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        return "\(scaled < 0 ? "-" : "")\(scaled.magnitude / UInt(scale)).\(zeros)\(fraction)"
    }
}
