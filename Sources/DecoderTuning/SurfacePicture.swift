/// The error rates that a search found, over both weights, as a picture (SVG 1.1).
///
/// The points of the grid are cells, in columns and rows of equal size; what was tried between them is a
/// dot at its place, and the best of all a ring.
package struct SurfacePicture {
    private let search: TuningSearch
    /// Words of the references.
    private let wordCount: Int

    private static let cell = (width: 72.0, height: 34.0)
    private static let margin = (left: 64.0, top: 56.0, right: 24.0, bottom: 52.0)

    package init(_ search: TuningSearch, wordCount: Int) {
        self.search = search
        self.wordCount = wordCount
    }

    private var width: Double {
        // The title is wider than a grid of few columns.
        max(
            360,
            Self.margin.left + Double(search.alphas.count) * Self.cell.width + Self.margin.right)
    }
    private var height: Double {
        Self.margin.top + Double(search.betas.count) * Self.cell.height + Self.margin.bottom
    }

    /// The picture's file.
    package var svg: String {
        let bottom = height - Self.margin.bottom
        var parts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(number(width))\" "
                + "height=\"\(number(height))\" viewBox=\"0 0 \(number(width)) \(number(height))\" "
                + "font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
            text("Word error rate in % by alpha and beta", Self.margin.left, 24, size: 15),
        ]
        parts += search.alphas.map { alpha in
            text(number(alpha), x(alpha), bottom + 18, anchor: "middle")
        }
        parts += search.betas.map { beta in
            text(number(beta), Self.margin.left - 8, y(beta) + 4, anchor: "end")
        }
        parts.append(
            text(
                "alpha", (Self.margin.left + width - Self.margin.right) / 2, bottom + 40,
                anchor: "middle"))
        parts.append(text("beta", 12, Self.margin.top - 10))
        parts += cells
        parts += dots
        parts.append("</svg>")
        return parts.joined(separator: "\n") + "\n"
    }

    private var gridTrials: [TuningSearch.Trial] {
        search.trials.filter {
            search.alphas.contains($0.point.alpha) && search.betas.contains($0.point.beta)
        }
    }

    private var cells: [String] {
        let rates = search.trials.map { rate($0.loss) }
        let (least, most) = (rates.min() ?? 0, rates.max() ?? 0)
        return gridTrials.flatMap { trial in
            let (x, y, rate) = (x(trial.point.alpha), y(trial.point.beta), rate(trial.loss))
            let share = most > least ? (rate - least) / (most - least) : 0
            let left = number(x - Self.cell.width / 2)
            let top = number(y - Self.cell.height / 2)
            return [
                "<rect x=\"\(left)\" y=\"\(top)\" width=\"\(number(Self.cell.width))\" "
                    + "height=\"\(number(Self.cell.height))\" fill=\"\(Self.colour(share))\" "
                    + "stroke=\"#ffffff\"/>",
                text(
                    TuningNumbers.percent(rate), x, y + 4, anchor: "middle",
                    colour: share > 0.6 ? "#ffffff" : "#000000"),
            ]
        }
    }

    private var dots: [String] {
        let grid = Set(gridTrials.map(\.point))
        var dots = search.trials.filter { !grid.contains($0.point) }.map { trial in
            "<circle cx=\"\(number(x(trial.point.alpha)))\" cy=\"\(number(y(trial.point.beta)))\" r=\"2.5\" "
                + "fill=\"#000000\"><title>\(title(trial))</title></circle>"
        }
        if let best = search.best {
            dots.append(
                "<circle cx=\"\(number(x(best.point.alpha)))\" cy=\"\(number(y(best.point.beta)))\" r=\"9\" "
                    + "fill=\"none\" stroke=\"#d00000\" stroke-width=\"3\"><title>\(title(best))</title>"
                    + "</circle>")
        }
        return dots
    }

    private func title(_ trial: TuningSearch.Trial) -> String {
        "alpha \(number(trial.point.alpha)), beta \(number(trial.point.beta)): "
            + "\(TuningNumbers.percent(rate(trial.loss))) %"
    }

    private func rate(_ loss: TuningSearch.Loss) -> Double {
        wordCount == 0 ? 0 : Double(loss.wordErrors) / Double(wordCount)
    }

    private func x(_ alpha: Double) -> Double {
        Self.margin.left + (Self.place(alpha, search.alphas) + 0.5) * Self.cell.width
    }

    /// Upwards, as axes go.
    private func y(_ beta: Double) -> Double {
        height - Self.margin.bottom - (Self.place(beta, search.betas) + 0.5) * Self.cell.height
    }

    /// Where a value stands among those of the grid, counted in cells.
    private static func place(_ value: Double, _ grid: [Double]) -> Double {
        guard let above = grid.firstIndex(where: { $0 >= value }) else {
            return Double(grid.count - 1)
        }
        guard above > 0, grid[above] > value else { return Double(above) }
        return Double(above - 1) + (value - grid[above - 1]) / (grid[above] - grid[above - 1])
    }

    /// From light for few errors to dark for many.
    private static func colour(_ share: Double) -> String {
        let stops: [(Double, Double, Double)] = [
            (253, 231, 160), (148, 209, 152), (58, 150, 160), (50, 88, 140), (68, 10, 90),
        ]
        let place = max(0, min(1, share)) * Double(stops.count - 1)
        let below = min(Int(place), stops.count - 2)
        let part = place - Double(below)
        let (one, other) = (stops[below], stops[below + 1])
        func channel(_ one: Double, _ other: Double) -> String {
            let value = String(Int((one + (other - one) * part).rounded()), radix: 16)
            return value.count < 2 ? "0" + value : value
        }
        return "#" + channel(one.0, other.0) + channel(one.1, other.1) + channel(one.2, other.2)
    }

    private func number(_ value: Double) -> String { TuningNumbers.text(value) }

    private func text(
        _ content: String, _ x: Double, _ y: Double, anchor: String = "start", size: Int? = nil,
        colour: String = "#000000"
    ) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" fill=\"\(colour)\""
            + (size.map { " font-size=\"\($0)\"" } ?? "") + ">\(content)</text>"
    }
}

/// Numbers as people read them.
enum TuningNumbers {
    /// With three decimals at most.
    static func text(_ value: Double) -> String {
        let scaled = Int((abs(value) * 1_000).rounded())
        var fraction = String(scaled % 1_000)
        fraction = String(repeating: "0", count: 3 - fraction.count) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return sign + "\(scaled / 1_000)" + (fraction.isEmpty ? "" : ".\(fraction)")
    }

    /// A share in per cent, with two decimals.
    static func percent(_ share: Double) -> String {
        let scaled = Int((abs(share) * 10_000).rounded())
        let fraction = String(scaled % 100)
        return (share < 0 && scaled > 0 ? "-" : "") + "\(scaled / 100)."
            + (fraction.count < 2 ? "0" : "") + fraction
    }
}
