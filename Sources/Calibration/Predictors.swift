package import MeasuredRows
internal import TranscriptRows

/// What a row's errors are predicted from: each a number that rises with doubt or says how a row is.
///
/// Confidences crowd near 1, where all that matters is how far they are from it; roots spread that out,
/// and square roots are the same on every processor.
package enum RowPredictors {
    /// Measures that may stand alone, as they are published or as they are in the features.
    package static let measures = [
        "confidence", "mean_posterior", "least_posterior", "mean_margin", "least_margin",
        "mean_entropy", "greatest_entropy", "entropy_per_symbol", "doubt_per_symbol",
    ]
    /// What else is known of a transcript.
    package static let ofText = [
        "blank_share", "symbols_per_second", "symbols_per_second_squared", "repetition",
        "few_words", "symbols_per_word",
    ]
    /// What is known of the audio.
    package static let ofAudio = [
        "silence_share", "clipped_share", "level", "bandwidth",
    ]

    package static let names = measures + ofText + ofAudio

    /// - Returns: one for each name; nan where the row lacks it.
    package static func values(of row: MeasuredRow) -> [Double] {
        let features = row.features ?? RowFeatures()
        let words = Double(row.wordCount)
        let letters = Double(row.letterCount)
        let rate = features[.symbolsPerSecond]
        let slowest = max(rate, 0.5)
        return [
            root(root(1 - (row.confidence ?? .nan))),
            root(1 - features[.meanPosterior]),
            root(1 - features[.leastPosterior]),
            root(1 - features[.meanMargin]),
            root(1 - features[.leastMargin]),
            root(features[.meanEntropy]),
            root(features[.greatestEntropy]),
            root(features[.meanEntropy] / slowest),
            root((1 - features[.meanPosterior]) / slowest),
            features[.blankShare],
            rate / (rate + 10),
            (rate / (rate + 10)) * (rate / (rate + 10)),
            features[.repetition],
            1 / root(words + 1),
            words > 0 ? min(20, letters / words) / 20 : .nan,
            features[.silenceShare],
            root(features[.clippedShare]),
            (features[.level] + 120) / 120,
            features[.bandwidth] / 8_000,
        ]
    }

    /// 0 for what rounding has made negative.
    static func root(_ value: Double) -> Double {
        value.isNaN ? .nan : max(0, value).squareRoot()
    }
}

/// What a word's rightness is predicted from.
package enum WordPredictors {
    package static let measures = ["confidence"]
    package static let names =
        measures + [
            "least_neighbour", "few_letters", "seconds_per_letter", "row_confidence",
            "row_entropy_per_symbol", "row_mean_posterior", "row_least_margin",
        ]

    /// - Returns: for each word, one for each name; none where the row has no word times.
    package static func values(of row: MeasuredRow) -> [[Double]] {
        guard let words = row.words, !words.isEmpty else { return [] }
        let features = row.features ?? RowFeatures()
        let doubts = words.map { word in
            RowPredictors.root(
                RowPredictors.root(1 - (word.confidence.map { Double($0) / 10_000 } ?? .nan)))
        }
        return words.indices.map { index in
            let word = words[index]
            let letters = Double(max(1, word.text.unicodeScalars.count))
            let seconds = Double(word.end.nanoseconds - word.start.nanoseconds) / 1e9
            let neighbours = [index - 1, index + 1].filter(doubts.indices.contains)
                .map { doubts[$0] }
            return [
                doubts[index],
                neighbours.max() ?? doubts[index],
                1 / letters,
                min(1, seconds / letters),
                RowPredictors.root(RowPredictors.root(1 - (row.confidence ?? .nan))),
                RowPredictors.root(features[.meanEntropy] / max(0.5, features[.symbolsPerSecond])),
                RowPredictors.root(1 - features[.meanPosterior]),
                RowPredictors.root(1 - features[.leastMargin]),
            ]
        }
    }
}

extension MeasuredRow {
    /// Words between white space.
    package var wordCount: Int {
        var count = 0
        var isInWord = false
        for byte in text.utf8 {
            let isSpace = byte <= 0x20
            if !isSpace, !isInWord { count += 1 }
            isInWord = !isSpace
        }
        return count
    }

    /// Code points that are no white space.
    package var letterCount: Int {
        // Bytes that go on with a code point do not begin one.
        text.utf8.reduce(0) { $0 + ($1 > 0x20 && $1 & 0xC0 != 0x80 ? 1 : 0) }
    }
}
