/// Operations by the numbers that they are done in, two for each multiply-add.
package struct OperationCounts: Hashable, Sendable {
    /// In the numbers of the arithmetic class.
    package var products: Double
    /// In those that scores of attention are made of.
    package var scores: Double
    /// In float32, whatever the class.
    package var floats: Double

    package init(products: Double = 0, scores: Double = 0, floats: Double = 0) {
        self.products = products
        self.scores = scores
        self.floats = floats
    }

    package var total: Double { products + scores + floats }

    package static func + (left: OperationCounts, right: OperationCounts) -> OperationCounts {
        OperationCounts(
            products: left.products + right.products, scores: left.scores + right.scores,
            floats: left.floats + right.floats)
    }
}
