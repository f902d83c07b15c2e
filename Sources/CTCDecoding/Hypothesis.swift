/// What a decoder read: symbols in order, and where each begins.
package struct Hypothesis: Hashable, Sendable {
    /// One symbol that is not blank.
    package struct Symbol: Hashable, Sendable {
        /// Class index.
        package let index: Int
        /// The first frame of its run.
        package let frame: Int

        package init(index: Int, frame: Int) {
            self.index = index
            self.frame = frame
        }
    }

    package var symbols: [Symbol]

    package init(symbols: [Symbol]) { self.symbols = symbols }
}
