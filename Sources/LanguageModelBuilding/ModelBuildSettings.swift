/// What kind of model is made.
package struct ModelBuildSettings: Hashable, Sendable {
    /// Words of the longest n-grams.
    package var order: Int
    /// N-grams of each length that were seen so often or less are left out.
    ///
    /// Never less for longer ones, so that all parts of an n-gram that is kept are kept.
    package var thresholds: [UInt64]
    /// For lengths whose counts give no discounts; nil: that is an error.
    package var fallback: Discounts?
    /// `<s>`, `</s>` and `<unk>` in the text are white space; else an error.
    package var skipsSymbols = false
    /// For n-grams that are sorted; words come on top.
    package var memoryBytes: Int
    /// Where n-grams that do not fit wait.
    package var folder: String

    /// Models of more words are seldom better, and much larger.
    package static let orders = 1...5

    /// - Parameter thresholds: for the first lengths; longer ones have the last one, or 0.
    package init(
        order: Int, thresholds: [UInt64] = [], memoryBytes: Int, folder: String
    ) {
        precondition(Self.orders.contains(order) && thresholds.count <= order)
        self.order = order
        self.thresholds =
            thresholds
            + Array(repeating: thresholds.last ?? 0, count: order - thresholds.count)
        self.memoryBytes = memoryBytes
        self.folder = folder
    }
}
