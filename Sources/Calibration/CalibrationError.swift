/// Why something cannot be calibrated or chosen: what, where, and what to do.
package struct CalibrationError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
