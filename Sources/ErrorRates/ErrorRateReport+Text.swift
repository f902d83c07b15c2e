extension ErrorRateReport {
    /// A table for people: one line for the whole, one for each group.
    package var text: String {
        let rows =
            sortedGroups.map { ($0.name, $0.totals) } + [("all", whole)]
        let nameWidth = max(5, rows.map(\.0.count).max() ?? 0)
        var lines = [
            padded("", nameWidth, left: true)
                + "      WER      CER    words     sub     ins     del   rows  wrong    hours"
        ]
        for (name, totals) in rows {
            var line = padded(name, nameWidth, left: true)
            line +=
                padded(percent(totals.words.rate), 9) + padded(percent(totals.characters.rate), 9)
            line += padded("\(totals.words.referenceCount)", 9)
            line += padded("\(totals.words.substitutions)", 8)
            line += padded("\(totals.words.insertions)", 8) + padded("\(totals.words.deletions)", 8)
            line += padded("\(totals.utterances)", 7) + padded("\(totals.utterancesWithErrors)", 7)
            line += padded(decimal(totals.audioSeconds / 3_600, digits: 3), 9)
            lines.append(line)
        }
        if whole.utterancesWithoutTranscript > 0 {
            lines.append(
                "\(whole.utterancesWithoutTranscript) rows have no transcript; their words count as "
                    + "deletions")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `2.35 %`, or `-` where there is nothing to err on.
    private func percent(_ rate: Double?) -> String {
        rate.map { decimal($0 * 100, digits: 2) + "%" } ?? "-"
    }

    private func decimal(_ value: Double, digits: Int) -> String {
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((value * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        return "\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count)
            + fraction
    }

    private func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return left ? text + space : space + text
    }
}
