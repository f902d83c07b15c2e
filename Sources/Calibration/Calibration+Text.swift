extension Calibration {
    /// What it found, for people.
    package func text(digest: String) -> String {
        var lines: [String] = []
        lines.append(
            "rows        \(seen.rows) of \(seen.groups) groups (by \(groupField)), \(seen.words) words, "
                + "\(Self.fixed(seen.hours, 2)) h")
        lines.append(
            "score       \(rows.name), \(rows.method.rawValue) with \(rows.map.scores.count) knots, "
                + "\(measured.folds) folds")
        lines.append("WER         \(Self.percent(measured.errorRate))")
        lines.append(
            "ECE         \(Self.percent(measured.calibrationError)) of rows"
                + (measured.wordCalibrationError.map { ", \(Self.percent($0)) of words" } ?? "")
                + ", on groups that were left out")
        lines.append(
            "spread      dispersion \(Self.fixed(spread.dispersion, 2)), between groups "
                + "\(Self.percent(spread.groupVariance.squareRoot()))"
                + (spread.domainVariance.map {
                    ", between domains \(Self.percent($0.squareRoot()))"
                } ?? "") + " of the expected errors")
        for (name, areas) in [("rows", measured.rowAreas), ("words", measured.wordAreas)]
        where !areas.isEmpty {
            lines.append("")
            lines.append("area under risk and coverage of \(name) (less is better)")
            for area in areas {
                lines.append("  \(Self.padded(area.name, 26))\(Self.percent(area.area, 3))")
            }
        }
        if !seen.domains.isEmpty {
            lines.append("")
            let isLeftOut = seen.domains.contains { $0.leftOutErrorRate != nil }
            lines.append(
                "  \(Self.padded("domain", 26))  rows     WER expected     ECE"
                    + (isLeftOut ? "  by the other domains" : ""))
            for domain in seen.domains {
                lines.append(
                    "  \(Self.padded(domain.name, 26))\(Self.right(String(domain.rows), 6))"
                        + Self.right(Self.percent(domain.errorRate), 8)
                        + Self.right(Self.percent(domain.expectedErrorRate), 9)
                        + Self.right(Self.percent(domain.calibrationError), 8)
                        + (domain.leftOutErrorRate.map { Self.right(Self.percent($0), 12) } ?? ""))
            }
        }
        lines.append("")
        lines.append("digest      \(digest)")
        return lines.joined(separator: "\n") + "\n"
    }

    package static func percent(_ share: Double, _ decimals: Int = 2) -> String {
        fixed(share * 100, decimals) + " %"
    }

    /// A number with so many decimals, the same whatever the locale.
    package static func fixed(_ value: Double, _ decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
        let rounded = (abs(value) * Double(scale)).rounded()
        guard rounded.isFinite, rounded < 1e15 else { return "\(value)" }
        let (whole, rest) = Int(rounded).quotientAndRemainder(dividingBy: scale)
        let sign = value < 0 && rounded > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let digits = String(rest)
        return sign + "\(whole)." + String(repeating: "0", count: decimals - digits.count) + digits
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.unicodeScalars.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.unicodeScalars.count)) + text
    }
}
