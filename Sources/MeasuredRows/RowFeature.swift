/// The features of `OUT.features.jsonl`, in the order in which they are kept; docs/numerics.md says what
/// each is.
package enum RowFeature: Int, CaseIterable, Sendable {
    case meanPosterior, leastPosterior, meanMargin, leastMargin, meanEntropy, greatestEntropy
    case blankShare, symbolsPerSecond, repetition
    case silenceShare, clippedShare, level, bandwidth

    /// Its name in the file.
    package var name: StaticString {
        switch self {
        case .meanPosterior: "mean_posterior"
        case .leastPosterior: "least_posterior"
        case .meanMargin: "mean_margin"
        case .leastMargin: "least_margin"
        case .meanEntropy: "mean_entropy"
        case .greatestEntropy: "greatest_entropy"
        case .blankShare: "blank_share"
        case .symbolsPerSecond: "symbols_per_second"
        case .repetition: "repetition"
        case .silenceShare: "silence_share"
        case .clippedShare: "clipped_share"
        case .level: "level_dbfs"
        case .bandwidth: "bandwidth_hz"
        }
    }
}

/// The features of one row; nan where there was nothing to measure.
package struct RowFeatures: Hashable, Sendable {
    private var values: [Double]

    package init() { values = [Double](repeating: .nan, count: RowFeature.allCases.count) }

    package subscript(feature: RowFeature) -> Double {
        get { values[feature.rawValue] }
        set { values[feature.rawValue] = newValue }
    }
}
