/// Parts of a set for cross-validation: what belongs to one group is in one part, since rows of one
/// speaker or recording err alike.
package enum GroupedFolds {
    package static let foldsMax = 5

    /// The fold of each group.
    ///
    /// The heaviest groups are dealt first, each to the lightest fold, so the result depends on nothing
    /// but the weights and the order of the groups.
    ///
    /// - Returns: as many as weights; all 0 where there is one group only.
    package static func folds(ofWeights weights: [Double]) -> [Int] {
        let count = max(1, min(foldsMax, weights.count))
        var filled = [Double](repeating: 0, count: count)
        var result = [Int](repeating: 0, count: weights.count)
        let order = weights.indices.sorted {
            (-weights[$0], $0) < (-weights[$1], $1)
        }
        for group in order {
            let fold = filled.indices.min { (filled[$0], $0) < (filled[$1], $1) } ?? 0
            result[group] = fold
            filled[fold] += weights[group]
        }
        return result
    }
}
