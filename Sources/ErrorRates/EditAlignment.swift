/// How many edits turn one sequence into another, by kind.
package struct EditCounts: Hashable, Sendable {
    package var substitutions = 0
    /// In the hypothesis and not in the reference.
    package var insertions = 0
    /// In the reference and not in the hypothesis.
    package var deletions = 0
    /// Length of the reference.
    package var referenceCount = 0

    package init() {}

    package var errors: Int { substitutions + insertions + deletions }

    /// Errors by the length of the reference; nil where there is nothing to err on.
    package var rate: Double? {
        referenceCount == 0 ? nil : Double(errors) / Double(referenceCount)
    }

    package static func + (left: EditCounts, right: EditCounts) -> EditCounts {
        var sum = left
        sum.substitutions += right.substitutions
        sum.insertions += right.insertions
        sum.deletions += right.deletions
        sum.referenceCount += right.referenceCount
        return sum
    }
}

/// Minimum edit distance (Levenshtein, 1966), with the kinds of edits counted on the way.
package enum EditAlignment {
    /// Edits from `reference` to `hypothesis`.
    ///
    /// Where several alignments have the fewest edits, the one with more substitutions is counted,
    /// then the one with fewer insertions, so that the counts are one answer. Memory is two rows.
    package static func counts<Symbol: Hashable>(
        reference: [Symbol], hypothesis: [Symbol]
    ) -> EditCounts {
        var above = (0...hypothesis.count).map { Cell(errors: $0, insertions: $0, deletions: 0) }
        var row = above
        for symbol in reference {
            row[0] = above[0].deleting()
            for (column, heard) in hypothesis.enumerated() {
                let diagonal = symbol == heard ? above[column] : above[column].substituting()
                row[column + 1] = min(
                    diagonal, above[column + 1].deleting(), row[column].inserting())
            }
            swap(&above, &row)
        }
        let end = above[hypothesis.count]
        var counts = EditCounts()
        counts.insertions = end.insertions
        counts.deletions = end.deletions
        counts.substitutions = end.errors - end.insertions - end.deletions
        counts.referenceCount = reference.count
        return counts
    }

    /// The best way to one place: fewest errors, then most substitutions, then fewest insertions.
    private struct Cell: Comparable {
        var errors: Int
        var insertions: Int
        var deletions: Int

        func substituting() -> Cell { changed(errors: 1) }
        func inserting() -> Cell { changed(errors: 1, insertions: 1) }
        func deleting() -> Cell { changed(errors: 1, deletions: 1) }

        private func changed(errors: Int, insertions: Int = 0, deletions: Int = 0) -> Cell {
            Cell(
                errors: self.errors + errors, insertions: self.insertions + insertions,
                deletions: self.deletions + deletions)
        }

        static func < (left: Cell, right: Cell) -> Bool {
            if left.errors != right.errors { return left.errors < right.errors }
            let leftOthers = left.insertions + left.deletions
            let rightOthers = right.insertions + right.deletions
            if leftOthers != rightOthers { return leftOthers < rightOthers }
            return left.insertions < right.insertions
        }
    }
}
