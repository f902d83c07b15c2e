internal import ErrorRates
internal import StrictJSON
internal import TextNormalizers

extension OutputEvaluation {
    /// For programs: one object, in which what was not asked for has no member.
    package var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("normalizer", request.comparison.normalizer.rawValue)
        writer.member("alignment", request.comparison.alignment.rawValue)
        writer.member("rows_without_reference", rowsWithoutReference)
        writer.member("rows_of_unknown_length", rowsWithoutLength)
        if request.stm != nil {
            writer.member("segments_ignored", segmentsIgnored)
            writer.member("rows_outside_references", rowsOutsideReferences)
        }
        writer.key("all")
        Self.write(report.whole, to: &writer)
        writer.key("groups")
        writer.beginObject()
        for (name, totals) in report.sortedGroups {
            writer.key(name)
            Self.write(totals, to: &writer)
        }
        writer.endObject()
        if let bootstrap { write(bootstrap, bootstrap.interval, to: &writer) }
        if let comparison { write(comparison, to: &writer) }
        if request.confusionCount > 0 { writeConfusions(to: &writer) }
        if request.worstCount > 0 {
            writer.key("worst")
            writer.beginArray()
            for utterance in worst {
                writer.beginObject()
                utterance.write(to: &writer, withPairs: true)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    private func write(
        _ bootstrap: BootstrapInterval, _ interval: ClosedRange<Double>?,
        to writer: inout JSONWriter
    ) {
        writer.key("interval")
        writer.beginObject()
        for (name, bound) in [("low", interval?.lowerBound), ("high", interval?.upperBound)] {
            writer.key(name)
            if let bound { writer.value(bound) } else { writer.null() }
        }
        writer.member("share", 0.95)
        writer.member("replicates", bootstrap.replicates)
        writer.member("seed", String(request.seed))
        writer.member("blocks", request.blocks ?? (request.stm == nil ? "row" : "segment"))
        writer.endObject()
    }

    private func write(_ comparison: SystemComparison, to writer: inout JSONWriter) {
        writer.key("comparison")
        writer.beginObject()
        writer.member("other", comparison.path)
        writer.key("all")
        Self.write(comparison.whole, to: &writer, hasAudio: false)
        writer.member(
            "wer_difference",
            (report.whole.words.rate ?? 0) - (comparison.whole.words.rate ?? 0))
        if let bootstrap { write(bootstrap, bootstrap.intervalOfDifference, to: &writer) }
        let test = comparison.test
        writer.key("matched_pairs")
        writer.beginObject()
        writer.member("segments", test.segments)
        writer.member("mean", test.mean)
        writer.member("standard_deviation", test.standardDeviation)
        writer.member("z", test.z)
        writer.member("p", test.p)
        writer.endObject()
        writer.endObject()
    }

    private func writeConfusions(to writer: inout JSONWriter) {
        let count = request.confusionCount
        writer.key("confusions")
        writer.beginObject()
        writer.key("substitutions")
        writer.beginArray()
        for (pair, times) in confusions.topPairs(count) {
            writer.beginObject()
            writer.member("reference", pair.reference)
            writer.member("hypothesis", pair.hypothesis)
            writer.member("count", times)
            writer.endObject()
        }
        writer.endArray()
        for (name, items) in [
            ("insertions", confusions.topInsertions(count)),
            ("deletions", confusions.topDeletions(count)),
        ] {
            writer.key(name)
            writer.beginArray()
            for (word, times) in items {
                writer.beginObject()
                writer.member("word", word)
                writer.member("count", times)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.member("counts_low_by_at_most", confusions.shortfallMax)
        writer.endObject()
    }

    private static func write(
        _ totals: ErrorRateReport.Totals, to writer: inout JSONWriter, hasAudio: Bool = true
    ) {
        writer.beginObject()
        for (name, counts) in [("wer", totals.words), ("cer", totals.characters)] {
            writer.key(name)
            if let rate = counts.rate { writer.value(rate) } else { writer.null() }
        }
        for (name, value) in [
            ("words", totals.words.referenceCount), ("hits", totals.words.hits),
            ("substitutions", totals.words.substitutions),
            ("insertions", totals.words.insertions), ("deletions", totals.words.deletions),
            ("characters", totals.characters.referenceCount),
            ("character_errors", totals.characters.errors),
            ("character_substitutions", totals.characters.substitutions),
            ("character_insertions", totals.characters.insertions),
            ("character_deletions", totals.characters.deletions), ("rows", totals.utterances),
            ("rows_with_errors", totals.utterancesWithErrors),
        ] {
            writer.member(name, value)
        }
        if hasAudio {
            writer.member("rows_without_transcript", totals.utterancesWithoutTranscript)
            writer.member("audio_seconds", totals.audioSeconds)
        }
        writer.endObject()
    }
}
