/// A histogram as SVG: bars from the left to the right, as tall as there are rows.
enum HistogramPicture {
    private static let width = 640.0
    private static let left = 30.0
    private static let right = 8.0
    private static let top = 22.0
    private static let bottom = 164.0

    static func svg(_ histogram: Histogram, name: String) -> String {
        let most = max(1, histogram.bins.map(\.rows).max() ?? 1)
        let total = max(1, histogram.bins.reduce(0) { $0 + $1.rows })
        let step = (width - left - right) / Double(histogram.bins.count)
        var parts = [
            "<svg viewBox=\"0 0 640 226\" role=\"img\" aria-label=\"\(HTML.escaped(name))\">"
        ]
        for (index, bin) in histogram.bins.enumerated() {
            let x = left + step * Double(index)
            let tall = (bottom - top) * Double(bin.rows) / Double(most)
            let middle = x + step / 2
            let share = ReportText.percent(bin.rows, of: total)
            parts.append(
                "<g><title>\(HTML.escaped(bin.label)): \(bin.rows) rows, \(share), "
                    + "\(ReportText.time(bin.milliseconds))</title>"
                    + "<rect class=\"bar\" x=\"\(ReportText.fixed(x + 1))\" y=\"\(ReportText.fixed(bottom - tall))\" "
                    + "width=\"\(ReportText.fixed(step - 2))\" height=\"\(ReportText.fixed(max(tall, bin.rows > 0 ? 1 : 0)))\"/></g>"
            )
            if bin.rows > 0, histogram.bins.count <= 14 {
                parts.append(
                    "<text x=\"\(ReportText.fixed(middle))\" y=\"\(ReportText.fixed(bottom - tall - 5))\" "
                        + "text-anchor=\"middle\">\(share)</text>")
            }
            // Each label has the room of a bar, turned where there are many.
            let angle =
                histogram.bins.count > 8
                ? " transform=\"rotate(-35 \(ReportText.fixed(middle)) 176)\"" : ""
            let anchor = histogram.bins.count > 8 ? "end" : "middle"
            parts.append(
                "<text x=\"\(ReportText.fixed(middle))\" y=\"176\" text-anchor=\"\(anchor)\"\(angle)>"
                    + "\(HTML.escaped(bin.label))</text>")
        }
        parts.append(
            "<line class=\"axis\" x1=\"\(left)\" x2=\"\(width - right)\" y1=\"\(bottom)\" y2=\"\(bottom)\"/></svg>"
        )
        return parts.joined(separator: "\n") + "\n"
    }
}
