internal import AudioPlaces
package import CTCDecoding
package import ErrorRates
internal import Glibc
package import SpeechTypes
internal import TextNormalizers
internal import Threading
internal import Transcription

/// Finds the weights of a language model with which a decoder errs least on rows whose text is known.
package struct DecoderTuning: Sendable {
    package let rows: TuningRows
    private let vocabulary: Vocabulary
    private let artefacts: DecoderArtefacts
    private let comparison: TextComparison
    /// All but the weights that are looked for.
    private let settings: BeamSettings
    private let threads: Int
    private let paths: AudioPathPolicy

    /// - Parameters:
    ///   - vocabulary: of the log-probabilities.
    ///   - settings: whose `alpha` and `beta` are those to compare with.
    ///   - baseFolder: of relative paths of the rows.
    package init(
        rows: TuningRows, vocabulary: Vocabulary, artefacts: DecoderArtefacts,
        comparison: TextComparison, settings: BeamSettings, threads: Int, baseFolder: String
    ) {
        self.rows = rows
        self.vocabulary = vocabulary
        self.artefacts = artefacts
        self.comparison = comparison
        self.settings = settings
        self.threads = threads
        paths = AudioPathPolicy(baseFolder: baseFolder)
    }

    /// What was found.
    package struct Outcome: Sendable {
        package let search: TuningSearch
        package let best: TuningSearch.Point
        /// Of the decoder that takes the best class of each frame.
        package let greedy: Rates
        /// With the weights that were given.
        package let given: Rates
        package let tuned: Rates
        /// Of the word error rate of greedy decoding less that of the best weights.
        package let gainOverGreedy: ClosedRange<Double>?
        /// The same of the weights that were given.
        package let gainOverGiven: ClosedRange<Double>?
    }

    /// Errors in all rows.
    package struct Rates: Sendable {
        package let words: EditCounts
        package let characters: EditCounts
    }

    /// Searches.
    ///
    /// - Parameters:
    ///   - search: with the grid, not yet begun.
    ///   - replicates: of the bootstrap of the gains.
    /// - Throws: for log-probabilities that cannot be read or decoded.
    package func run(
        _ search: TuningSearch, replicates: Int, seed: UInt64
    ) throws -> Outcome {
        WorkMeter.shared.expect((search.trialsMax + 3) * rows.rows.count, .rows)
        // It takes nothing besides the log-probabilities.
        let greedy = try scores(DecoderChoice.greedy, DecoderArtefacts())
        let given = try scores(settings.choice, artefacts)
        var search = search
        try search.run { point in
            let sums = Self.rates(of: try scores(choice(point), artefacts))
            return TuningSearch.Loss(
                wordErrors: sums.words.errors, characterErrors: sums.characters.errors)
        }
        guard let best = search.best?.point else { preconditionFailure("a grid has points") }
        let tuned = try scores(choice(best), artefacts)
        return Outcome(
            search: search, best: best, greedy: Self.rates(of: greedy),
            given: Self.rates(of: given), tuned: Self.rates(of: tuned),
            gainOverGreedy: gain(tuned, over: greedy, replicates, seed),
            gainOverGiven: gain(tuned, over: given, replicates, seed))
    }

    private func choice(_ point: TuningSearch.Point) -> DecoderChoice {
        var settings = settings
        settings.alpha = point.alpha
        settings.beta = point.beta
        return settings.choice
    }

    /// Decodes all rows, several at a time, and holds them against their references.
    private func scores(
        _ choice: DecoderChoice, _ artefacts: DecoderArtefacts
    ) throws -> [TextComparison.Score] {
        let decoders = try DecoderList.configure(choice)(vocabulary, artefacts)
        let classes = vocabulary.symbols.count
        let results = ParallelMap.map(rows.rows, threads: threads) {
            [paths, comparison] row -> Result<TextComparison.Score, any Error> in
            WorkMeter.shared.advance(1, .rows)
            return Result {
                let transcript = try StoredLogits.transcript(
                    of: row.logits, classes: classes, paths, by: decoders.makeDecoder())
                return comparison.score(
                    words: row.reference,
                    hypothesis: comparison.normalizer.words(transcript.text), listsPairs: false)
            }
        }
        return try results.map { try $0.get() }
    }

    private static func rates(of scores: [TextComparison.Score]) -> Rates {
        scores.reduce(Rates(words: EditCounts(), characters: EditCounts())) { sum, score in
            Rates(words: sum.words + score.words, characters: sum.characters + score.characters)
        }
    }

    private func gain(
        _ tuned: [TextComparison.Score], over other: [TextComparison.Score], _ replicates: Int,
        _ seed: UInt64
    ) -> ClosedRange<Double>? {
        var bootstrap = BootstrapInterval(replicates: replicates, seed: seed, comparesTwo: true)
        for (row, (first, second)) in zip(rows.rows, zip(other, tuned)) {
            bootstrap.add(first.words, other: second.words, block: row.block)
        }
        return bootstrap.intervalOfDifference
    }
}
