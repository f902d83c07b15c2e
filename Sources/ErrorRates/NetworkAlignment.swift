/// The cheapest alignment of two texts of which each may be said in several ways, as sclite finds it.
///
/// A text is a network: words are arcs, and where there are several ways, they lead from one node to
/// one other. The table has a row for each arc of the reference and a column for each of the hypothesis.
package enum NetworkAlignment {
    package struct TooLong: Error, Hashable, Sendable {}

    /// Costs are in thousandths of sclite's.
    private struct Costs {
        var substitution: Int32
        var gap: Int32
        /// Leaving out what may be left out: more than saying it, less than an error.
        var optionalGap: Int32
        /// A way of saying nothing.
        var silence: Int32 = 1
        var silences: Int32 = 1_000

        init(_ method: AlignmentMethod) {
            substitution = method.substitutionCost * 1_000
            gap = method.gapCost * 1_000
            optionalGap = gap * 2 / 3
        }
    }

    private struct Cell {
        var cost: Int32 = 0
        var backReference: Int32 = -1
        var backHypothesis: Int32 = -1
    }

    /// Cells take twelve bytes.
    private static let cellsMax = 1 << 24

    /// - Throws: ``TooLong`` where the table would not fit into some hundred megabytes.
    package static func pairs(
        reference: ReferenceText, hypothesis: ReferenceText, by method: AlignmentMethod
    ) throws(TooLong) -> [AlignedPair] {
        let left = WordNetwork(reference)
        let right = WordNetwork(hypothesis)
        let width = right.arcs.count
        guard left.arcs.count * width <= cellsMax else { throw TooLong() }
        let costs = Costs(method)
        var cells = [Cell](repeating: Cell(), count: left.arcs.count * width)
        for row in left.arcs.indices {
            for column in right.arcs.indices where row > 0 || column > 0 {
                cells[row * width + column] = cell(row, column, left, right, cells, costs)
            }
        }
        return walk(left, right, cells)
    }

    private static func cell(
        _ row: Int, _ column: Int, _ left: WordNetwork, _ right: WordNetwork, _ cells: [Cell],
        _ costs: Costs
    ) -> Cell {
        let width = right.arcs.count
        let (word, heard) = (left.arcs[row], right.arcs[column])
        let never = Int32.max / 2
        var insertion = Cell(cost: never)
        if column > 0 {
            for back in heard.before where cells[row * width + back].cost < insertion.cost {
                insertion = Cell(
                    cost: cells[row * width + back].cost, backReference: Int32(row),
                    backHypothesis: Int32(back))
            }
            insertion.cost += gap(heard, costs)
        }
        var deletion = Cell(cost: never)
        if row > 0 {
            for back in word.before where cells[back * width + column].cost < deletion.cost {
                deletion = Cell(
                    cost: cells[back * width + column].cost, backReference: Int32(back),
                    backHypothesis: Int32(column))
            }
            deletion.cost += gap(word, costs)
        }
        if column == 0 { return deletion }
        if row == 0 { return insertion }
        var pair = Cell(cost: never)
        for back in word.before {
            for backHeard in heard.before where cells[back * width + backHeard].cost < pair.cost {
                pair = Cell(
                    cost: cells[back * width + backHeard].cost, backReference: Int32(back),
                    backHypothesis: Int32(backHeard))
            }
        }
        if word.text == nil, heard.text == nil {
            pair.cost += costs.silences
        } else if word.text != heard.text {
            pair.cost += costs.substitution
        }
        if pair.cost <= deletion.cost, pair.cost <= insertion.cost { return pair }
        return deletion.cost < insertion.cost ? deletion : insertion
    }

    private static func gap(_ arc: WordNetwork.Arc, _ costs: Costs) -> Int32 {
        if arc.text == nil { return costs.silence }
        return arc.isOptional ? costs.optionalGap : costs.gap
    }

    private static func walk(
        _ left: WordNetwork, _ right: WordNetwork, _ cells: [Cell]
    ) -> [AlignedPair] {
        let width = right.arcs.count
        var (row, column) = (-1, -1)
        for end in left.last {
            for heardEnd in right.last
            where row < 0 || cells[end * width + heardEnd].cost < cells[row * width + column].cost {
                (row, column) = (end, heardEnd)
            }
        }
        var pairs: [AlignedPair] = []
        while row > 0 || column > 0 {
            let cell = cells[row * width + column]
            let (word, heard) = (left.arcs[row], right.arcs[column])
            if Int(cell.backReference) == row {
                if let text = heard.text {
                    pairs.append(
                        AlignedPair(
                            heard.isOptional ? .hit : .insertion, reference: nil, hypothesis: text))
                }
            } else if Int(cell.backHypothesis) == column {
                if let text = word.text {
                    // What may be left out and is, is right.
                    pairs.append(
                        AlignedPair(
                            word.isOptional ? .hit : .deletion, reference: text, hypothesis: nil))
                }
            } else if word.text != nil || heard.text != nil {
                pairs.append(
                    AlignedPair(
                        word.text == heard.text ? .hit : .substitution, reference: word.text,
                        hypothesis: heard.text))
            }
            row = Int(cell.backReference)
            column = Int(cell.backHypothesis)
        }
        return pairs.reversed()
    }
}
