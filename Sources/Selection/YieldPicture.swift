internal import Calibration

/// The curve as SVG: hours to the right, expected error rate upwards, the interval as a band.
enum YieldPicture {
    private static let width = 640.0
    private static let height = 360.0
    private static let left = 64.0
    private static let right = 616.0
    private static let top = 24.0
    private static let bottom = 312.0

    /// - Returns: an empty picture with a sentence where there is no curve.
    static func svg(_ curve: YieldCurve, kept: YieldCurve.Point?) -> String {
        var parts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 360\" font-family=\"sans-serif\" "
                + "font-size=\"12\">",
            "<rect width=\"640\" height=\"360\" fill=\"#fff\"/>",
        ]
        let points = curve.points.filter { $0.errorRate != nil }
        if let last = points.last, last.hours > 0 {
            let highest = points.reduce(0.01) {
                max($0, min(1, $1.interval?.upperBound ?? $1.errorRate ?? 0))
            }
            parts += drawing(points, hours: last.hours, highest: highest, kept)
        } else {
            parts.append(text(width / 2, height / 2, "no calibration, no curve", "middle"))
        }
        parts.append("</svg>")
        return parts.joined(separator: "\n") + "\n"
    }

    private static func drawing(
        _ points: [YieldCurve.Point], hours: Double, highest: Double, _ kept: YieldCurve.Point?
    ) -> [String] {
        func place(_ point: YieldCurve.Point, _ rate: Double) -> String {
            let x = left + (right - left) * (point.hours / hours)
            let y = bottom - (bottom - top) * (min(highest, rate) / highest)
            return "\(Calibration.fixed(x, 1)),\(Calibration.fixed(y, 1))"
        }
        var parts: [String] = []
        for step in 0...4 {
            let share = Double(step) / 4
            let y = bottom - (bottom - top) * share
            let x = left + (right - left) * share
            parts.append(
                "<path d=\"M\(left) \(Calibration.fixed(y, 1))H\(right)\" stroke=\"#ddd\"/>")
            parts.append(text(left - 8, y + 4, Calibration.percent(highest * share, 1), "end"))
            parts.append(text(x, bottom + 18, Calibration.fixed(hours * share, 2), "middle"))
        }
        let upper = points.map { place($0, $0.interval?.upperBound ?? $0.errorRate ?? 0) }
        let lower = points.map { place($0, $0.interval?.lowerBound ?? $0.errorRate ?? 0) }
        parts.append(
            "<polygon points=\"\((upper + lower.reversed()).joined(separator: " "))\" fill=\"#9bd\" "
                + "fill-opacity=\"0.4\"/>")
        let line = points.map { place($0, $0.errorRate ?? 0) }.joined(separator: " ")
        parts.append(
            "<polyline points=\"\(line)\" fill=\"none\" stroke=\"#047\" stroke-width=\"2\"/>")
        if let kept, let rate = kept.errorRate {
            let spot = place(kept, rate).split(separator: ",")
            parts.append("<circle cx=\"\(spot[0])\" cy=\"\(spot[1])\" r=\"5\" fill=\"#c30\"/>")
        }
        parts.append(text((left + right) / 2, height - 12, "hours kept", "middle"))
        parts.append(text(left, top - 8, "expected WER, with its 95 % interval", "start"))
        return parts
    }

    private static func text(_ x: Double, _ y: Double, _ text: String, _ anchor: String) -> String {
        "<text x=\"\(Calibration.fixed(x, 1))\" y=\"\(Calibration.fixed(y, 1))\" "
            + "text-anchor=\"\(anchor)\">\(text)</text>"
    }
}
