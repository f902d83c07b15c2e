internal import ErrorRates
internal import SubtitleCues
internal import TextNormalizers

extension OutputEvaluation {
    /// For people: a table, and what else was asked for.
    package var text: String {
        var text = report.text
        let notes = [
            (rowsWithoutLength, "rows of unknown length count no hours"),
            (rowsWithoutReference, "rows without a reference left out"),
            (segmentsIgnored, "segments that are not to be scored left out"),
            (rowsOutsideReferences, "rows of recordings that the references do not have left out"),
        ]
        for (count, what) in notes where count > 0 { text += "\(count) \(what)\n" }
        text += intervalText + comparisonText + confusionText + worstText
        let comparison = request.comparison
        return Self.printable(text)
            + "normalizer \(comparison.normalizer.rawValue), alignment \(comparison.alignment.rawValue)\n"
    }

    private var intervalText: String {
        guard let bootstrap, let interval = bootstrap.interval else { return "" }
        return "WER between \(Self.percent(interval.lowerBound)) and "
            + "\(Self.percent(interval.upperBound)) in 95% of \(bootstrap.replicates) draws of "
            + "\(blocksName) (seed \(request.seed))\n"
    }

    private var blocksName: String {
        request.blocks.map { "the rows of each \($0)" }
            ?? (request.stm == nil ? "rows" : "segments")
    }

    private var comparisonText: String {
        guard let comparison else { return "" }
        let (first, second) = (report.whole.words, comparison.whole.words)
        var text = "\n\(comparison.path): WER \(Self.percent(second.rate ?? 0)), "
        text += "\(second.errors) errors where this one makes \(first.errors)\n"
        let difference = (first.rate ?? 0) - (second.rate ?? 0)
        text += "difference \(Self.percent(difference, isSigned: true))"
        if let interval = bootstrap?.intervalOfDifference {
            text +=
                ", between \(Self.percent(interval.lowerBound, isSigned: true)) and "
                + "\(Self.percent(interval.upperBound, isSigned: true)) in 95% of draws"
        }
        let test = comparison.test
        text +=
            "\nmatched pairs: \(test.segments) segments, mean \(Self.decimal(test.mean, digits: 3)), "
            + "standard deviation \(Self.decimal(test.standardDeviation, digits: 3)), "
            + "z \(Self.decimal(test.z, digits: 3)), p \(Self.decimal(test.p, digits: 4)): "
        return text + verdict(on: test) + "\n"
    }

    private func verdict(on test: MatchedPairsTest) -> String {
        guard test.p < SystemComparison.significance else {
            return "the difference may be chance (level 5%)"
        }
        return (test.z < 0 ? "this one" : "the other") + " makes fewer errors (level 5%)"
    }

    private var confusionText: String {
        guard request.confusionCount > 0 else { return "" }
        let count = request.confusionCount
        var text = ""
        func list(_ title: String, _ items: [(String, Int)]) {
            text += "\n\(title)\n"
            if items.isEmpty { text += "  none\n" }
            for (name, count) in items { text += Self.padded("\(count)", 8) + "  \(name)\n" }
        }
        list(
            "most frequent substitutions",
            confusions.topPairs(count).map {
                ("\($0.item.reference) → \($0.item.hypothesis)", $0.count)
            })
        list(
            "most frequent insertions", confusions.topInsertions(count).map { ($0.item, $0.count) })
        list("most frequent deletions", confusions.topDeletions(count).map { ($0.item, $0.count) })
        if confusions.shortfallMax > 0 {
            text += "each of these counts may be up to \(confusions.shortfallMax) too low\n"
        }
        return text + "\n"
    }

    private var worstText: String {
        guard request.worstCount > 0 else { return "" }
        var text = "\nrows with the most errors\n"
        if worst.isEmpty { text += "  none\n" }
        for utterance in worst {
            let words = utterance.score.words
            text +=
                "\n\(utterance.title): \(words.errors) errors in \(words.referenceCount) words "
                + "(\(words.substitutions) substituted, \(words.insertions) inserted, "
                + "\(words.deletions) deleted)\n"
            text += AlignmentText.lines(utterance.score.pairs)
        }
        return text + "\n"
    }

    /// Texts come from files, and a terminal obeys what is no text.
    private static func printable(_ text: String) -> String {
        var printable = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\n"
            printable.append(isControl ? "\u{FFFD}" : scalar)
        }
        return String(printable)
    }

    static func percent(_ share: Double, isSigned: Bool = false) -> String {
        let sign = isSigned && share > 0 ? "+" : ""
        return sign + decimal(share * 100, digits: 2) + "%"
    }

    static func decimal(_ value: Double, digits: Int) -> String {
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((abs(value) * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return sign + "\(scaled / scale)."
            + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

/// An alignment as NIST's tools print it: reference above hypothesis, errors marked below.
enum AlignmentText {
    /// As many columns as a page of fixed type has.
    private static let columns = 92

    static func lines(_ pairs: [AlignedPair]) -> String {
        var text = ""
        var rows = ["", "", ""]
        var width = 0
        func flush() {
            guard width > 0 else { return }
            for (name, row) in zip(["REF", "HYP", "   "], rows) {
                text += "  \(name) \(row)".trimmingEnd + "\n"
            }
            rows = ["", "", ""]
            width = 0
        }
        for pair in pairs {
            var reference = pair.reference ?? ""
            var hypothesis = pair.hypothesis ?? ""
            let count = max(
                CharacterColumns.count(reference), CharacterColumns.count(hypothesis), 1)
            if pair.reference == nil { reference = String(repeating: "*", count: count) }
            if pair.hypothesis == nil { hypothesis = String(repeating: "*", count: count) }
            if width + count > columns { flush() }
            let letter = pair.operation == .hit ? "" : pair.operation.letter
            for (index, word) in [reference, hypothesis, letter].enumerated() {
                let padding = count + 1 - CharacterColumns.count(word)
                rows[index] += word + String(repeating: " ", count: max(0, padding))
            }
            width += count + 1
        }
        flush()
        return text
    }
}

extension String {
    fileprivate var trimmingEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
