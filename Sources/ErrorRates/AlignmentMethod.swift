/// What an alignment costs, and which one is taken where several cost the same.
///
/// Errors of one kind can often be read as errors of another kind, so a count of deletions means nothing
/// without this.
package enum AlignmentMethod: String, CaseIterable, Sendable {
    /// Each error costs one (Levenshtein 1966), so there are as few as can be. Among those, the one that
    /// jiwer counts: what both sequences begin and end with is no error, and from the end of the rest to
    /// its beginning a deletion is taken before an insertion, and that before a substitution.
    case levenshtein
    /// As NIST's sclite: a substitution costs 4, an insertion or deletion 3, so words may be aligned
    /// otherwise than with the fewest errors; from the end, a pair is taken first, then an insertion
    /// unless a deletion is cheaper.
    case sclite

    var substitutionCost: Int32 { self == .levenshtein ? 1 : 4 }
    var gapCost: Int32 { self == .levenshtein ? 1 : 3 }
}
