/// How many hours can be kept at what expected error rate.
package struct YieldCurve: Hashable, Sendable {
    package struct Point: Hashable, Sendable {
        package var rows: Int
        package var words: Int
        package var hours: Double
        /// Errors a word; nil without a calibration.
        package var errorRate: Double?
        /// Of the error rate, with 95 %.
        package var interval: ClosedRange<Double>?
        /// Of the last row that is in.
        package var rowErrorRate: Double?
        package var confidence: Double?
    }

    /// From the surest rows to all that pass the limits.
    package var points: [Point] = []

    package init() {}
}
