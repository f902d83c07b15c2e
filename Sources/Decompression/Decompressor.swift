/// Why compressed bytes cannot be expanded.
package struct DecompressionFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was found and what would do.
    package let description: String

    init(_ description: String) { self.description = description }

    static let cut = DecompressionFault(
        "the compressed data ends too early; fetch or write the file again")
}

/// What one step came to.
struct DecompressionStep {
    var consumed = 0
    var produced = 0
    /// A member or frame has ended here; another may follow.
    var isBetweenMembers = false
}

/// One library's decoder, which keeps bounded state from one step to the next.
protocol Decompressor: AnyObject {
    /// Expands as much of `input` as fits into `output`.
    ///
    /// - Throws: for data that is damaged or asks for too much memory.
    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> DecompressionStep
}
