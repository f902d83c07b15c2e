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

    /// Of the reference, what the hypothesis has too.
    package var hits: Int { referenceCount - substitutions - deletions }

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

    package mutating func add(_ operation: EditOperation) {
        switch operation {
        case .hit: break
        case .substitution: substitutions += 1
        case .insertion: insertions += 1
        case .deletion: deletions += 1
        }
        if operation != .insertion { referenceCount += 1 }
    }
}

/// What becomes of one symbol on the way from reference to hypothesis.
package enum EditOperation: UInt8, Hashable, Sendable {
    case hit, substitution, insertion, deletion

    /// As NIST's tools write it.
    package var letter: String {
        switch self {
        case .hit: "C"
        case .substitution: "S"
        case .insertion: "I"
        case .deletion: "D"
        }
    }
}
