package import ErrorRates

/// What of an output is evaluated, and how.
package struct EvaluationRequest: Sendable {
    package var output: String
    package var comparison: TextComparison
    /// The field that holds the reference, where it is not in an STM file.
    package var reference = "text"
    package var hypothesis = "pred_text"
    /// Also groups by this field.
    package var by: String?
    /// References with times, by which segments are scored instead of rows.
    package var stm: String?
    /// Another output of the same rows, that this one is held against.
    package var other: String?
    /// Where each row's alignment is written.
    package var rowsPath: String?
    /// How many rows with the most errors are listed.
    package var worstCount = 0
    /// How many of the most frequent confusions are listed.
    package var confusionCount = 0
    /// Replicates of the bootstrap; 0 for none.
    package var replicates = 0
    package var seed: UInt64 = 1
    /// What is drawn as a whole: the rows that share this field, or each row.
    package var blocks: String?

    package init(output: String, comparison: TextComparison) {
        self.output = output
        self.comparison = comparison
    }

    /// Whether words are needed one by one.
    var listsPairs: Bool { rowsPath != nil || confusionCount > 0 || worstCount > 0 || other != nil }
}
