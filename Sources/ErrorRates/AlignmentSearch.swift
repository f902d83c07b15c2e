/// The search for the cheapest alignment of two sequences of numbers.
///
/// Row `i`, column `j` of the table says what the first `i` of the reference and the first `j` of the
/// hypothesis cost.
struct AlignmentSearch {
    private let reference: ArraySlice<Int32>
    private let hypothesis: ArraySlice<Int32>
    private let method: AlignmentMethod
    /// Columns on each side of the diagonal.
    private var radius: Int

    /// Costs and, for ``counts()``, the edits of the way that leads to each column.
    private struct Row {
        var costs: [Int32]
        var substitutions: [Int32]
        var insertions: [Int32]
        var deletions: [Int32]

        init(columns: Int, countsEdits: Bool) {
            costs = Array(repeating: AlignmentSearch.never, count: columns)
            let counts = Array(repeating: 0 as Int32, count: countsEdits ? columns : 0)
            (substitutions, insertions, deletions) = (counts, counts, counts)
        }
    }

    /// More than anything costs, and far from the largest number.
    private static let never = Int32.max / 2
    /// Decisions that are kept at once, a byte each.
    private static let decisionsMax = 1 << 25

    init(
        _ reference: ArraySlice<Int32>, _ hypothesis: ArraySlice<Int32>, _ method: AlignmentMethod
    ) {
        self.reference = reference
        self.hypothesis = hypothesis
        self.method = method
        radius = abs(reference.count - hypothesis.count) + 32
    }

    private var rowCount: Int { reference.count }
    private var columnCount: Int { hypothesis.count }

    private func columns(ofRow row: Int) -> ClosedRange<Int> {
        max(0, row - radius)...min(columnCount, row + radius)
    }

    /// The edits by kind; `referenceCount` stays 0.
    mutating func counts() -> EditCounts {
        while true {
            var above = firstRow(countsEdits: true)
            var row = Row(columns: columnCount + 1, countsEdits: true)
            for index in 0..<rowCount {
                fill(&row, index + 1, from: above, countsEdits: true) { _, _ in }
                swap(&above, &row)
            }
            if isWithinBand(above.costs[columnCount]) {
                var counts = EditCounts()
                counts.substitutions = Int(above.substitutions[columnCount])
                counts.insertions = Int(above.insertions[columnCount])
                counts.deletions = Int(above.deletions[columnCount])
                return counts
            }
            radius *= 2
        }
    }

    /// What becomes of each symbol.
    ///
    /// Decisions of some rows are kept at a time; those before are made again from rows that were kept,
    /// so that memory grows with the length and not with its square.
    mutating func operations() -> [EditOperation] {
        while true {
            let width = min(columnCount, 2 * radius) + 1
            let root = Int(Double(rowCount).squareRoot()) + 1
            let blockRows = max(root, Self.decisionsMax / width)
            var kept: [Row] = []
            var above = firstRow(countsEdits: false)
            var row = Row(columns: columnCount + 1, countsEdits: false)
            for index in 0..<rowCount {
                if index % blockRows == 0 { kept.append(above) }
                fill(&row, index + 1, from: above, countsEdits: false) { _, _ in }
                swap(&above, &row)
            }
            if isWithinBand(above.costs[columnCount]) {
                return walk(from: kept, blockRows: blockRows)
            }
            radius *= 2
        }
    }

    /// Whether no way that leaves the band costs as little.
    private func isWithinBand(_ cost: Int32) -> Bool {
        (radius >= rowCount && radius >= columnCount) || Int(cost) <= radius * Int(method.gapCost)
    }

    private func firstRow(countsEdits: Bool) -> Row {
        var row = Row(columns: columnCount + 1, countsEdits: countsEdits)
        for column in columns(ofRow: 0) {
            row.costs[column] = Int32(column) * method.gapCost
            if countsEdits { row.insertions[column] = Int32(column) }
        }
        return row
    }

    private func walk(from kept: [Row], blockRows: Int) -> [EditOperation] {
        var operations: [EditOperation] = []
        var column = columnCount
        for block in kept.indices.reversed() {
            let start = block * blockRows
            let end = min(rowCount, start + blockRows)
            let width = min(columnCount, 2 * radius) + 1
            var decisions = [EditOperation](repeating: .insertion, count: (end - start) * width)
            var above = kept[block]
            var row = Row(columns: columnCount + 1, countsEdits: false)
            for index in start..<end {
                let first = (index - start) * width - columns(ofRow: index + 1).lowerBound
                fill(&row, index + 1, from: above, countsEdits: false) {
                    decisions[first + $0] = $1
                }
                swap(&above, &row)
            }
            var index = end
            while index > start {
                let place = (index - 1 - start) * width + column
                let decision = decisions[place - columns(ofRow: index).lowerBound]
                operations.append(decision)
                if decision != .insertion { index -= 1 }
                if decision != .deletion { column -= 1 }
            }
        }
        operations += repeatElement(.insertion, count: column)
        return operations.reversed()
    }

    /// Fills row `index` from the one above, and says of each of its columns how the way there ends.
    private func fill(
        _ row: inout Row, _ index: Int, from above: Row, countsEdits: Bool,
        _ decided: (Int, EditOperation) -> Void
    ) {
        let symbol = reference[reference.startIndex + index - 1]
        let range = columns(ofRow: index)
        let (gap, substitution) = (method.gapCost, method.substitutionCost)
        let isLevenshtein = method == .levenshtein
        if range.lowerBound > 0 { row.costs[range.lowerBound - 1] = Self.never }
        for column in range {
            let deletion = above.costs[column] &+ gap
            var operation = EditOperation.deletion
            var cost = deletion
            if column > 0 {
                let isHit = symbol == hypothesis[hypothesis.startIndex + column - 1]
                let pair = above.costs[column - 1] &+ (isHit ? 0 : substitution)
                let insertion = row.costs[column - 1] &+ gap
                let pairing = isHit ? EditOperation.hit : .substitution
                cost = min(pair, deletion, insertion)
                if isLevenshtein {
                    if cost != deletion {
                        operation =
                            row.costs[column - 1] &+ 1 == above.costs[column - 1]
                            ? .insertion : pairing
                    }
                } else if cost == pair {
                    operation = pairing
                } else if deletion >= insertion {
                    operation = .insertion
                }
            }
            row.costs[column] = cost
            decided(column, operation)
            if countsEdits { count(operation, &row, column, above) }
        }
        if range.upperBound < columnCount { row.costs[range.upperBound + 1] = Self.never }
    }

    private func count(_ operation: EditOperation, _ row: inout Row, _ column: Int, _ above: Row) {
        switch operation {
        case .insertion:
            row.substitutions[column] = row.substitutions[column - 1]
            row.insertions[column] = row.insertions[column - 1] + 1
            row.deletions[column] = row.deletions[column - 1]
        case .deletion:
            row.substitutions[column] = above.substitutions[column]
            row.insertions[column] = above.insertions[column]
            row.deletions[column] = above.deletions[column] + 1
        case .hit, .substitution:
            let added: Int32 = operation == .hit ? 0 : 1
            row.substitutions[column] = above.substitutions[column - 1] + added
            row.insertions[column] = above.insertions[column - 1]
            row.deletions[column] = above.deletions[column - 1]
        }
    }
}
