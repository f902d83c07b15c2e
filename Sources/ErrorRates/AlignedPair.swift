/// A word of the reference beside the word of the hypothesis that it was taken for.
package struct AlignedPair: Hashable, Sendable {
    package var operation: EditOperation
    /// Nil for an insertion.
    package var reference: String?
    /// Nil for a deletion.
    package var hypothesis: String?

    package init(_ operation: EditOperation, reference: String?, hypothesis: String?) {
        self.operation = operation
        self.reference = reference
        self.hypothesis = hypothesis
    }

    /// Puts words and operations together.
    static func pairs(
        _ operations: [EditOperation], _ reference: [String], _ hypothesis: [String]
    ) -> [AlignedPair] {
        var (left, right) = (reference[...], hypothesis[...])
        return operations.map { operation in
            AlignedPair(
                operation,
                reference: operation == .insertion ? nil : left.popFirst(),
                hypothesis: operation == .deletion ? nil : right.popFirst())
        }
    }
}

extension [AlignedPair] {
    /// How many of each kind.
    package var counts: EditCounts {
        reduce(into: EditCounts()) { $0.add($1.operation) }
    }
}
