internal import Calibration
internal import MeasuredRows

/// Holds a row against the limits.
struct RowFilters: Sendable {
    let limits: SelectionLimits
    private let scripts: [Script]

    init(_ limits: SelectionLimits) {
        self.limits = limits
        scripts = limits.scripts.compactMap(Script.init(rawValue:))
    }

    /// What was found, and the number that it was found by.
    struct Finding: Hashable {
        var reason: SelectionReason
        var value: Double
    }

    /// - Parameters:
    ///   - reading: what a calibration says of the row.
    ///   - agreement: with another output.
    /// - Returns: nil for a row that passes.
    func finding(
        _ row: MeasuredRow, _ reading: RowScorer.Reading?, agreement: Double?
    ) -> Finding? {
        guard row.isTranscribed else { return Finding(reason: .notTranscribed, value: .nan) }
        guard !row.hasChannels else { return Finding(reason: .channels, value: .nan) }
        guard row.wordCount > 0 else { return Finding(reason: .empty, value: 0) }
        if reading?.missing != nil { return Finding(reason: .unmeasured, value: .nan) }
        if limits.staysInside, reading?.isOutside == true {
            return Finding(reason: .outside, value: .nan)
        }
        return ofModel(row) ?? ofText(row) ?? ofAudio(row) ?? ofOther(agreement)
            ?? ofErrors(reading)
    }

    private func ofModel(_ row: MeasuredRow) -> Finding? {
        guard let least = limits.confidenceMin else { return nil }
        guard let confidence = row.confidence else { return Self.unmeasured }
        return confidence < least ? Finding(reason: .confidence, value: confidence) : nil
    }

    /// The last one: what other limits leave tells whether the calibration may be believed at all.
    private func ofErrors(_ reading: RowScorer.Reading?) -> Finding? {
        guard let most = limits.rowErrorsMax, let reading, reading.expected > most else {
            return nil
        }
        return Finding(reason: .rowErrors, value: reading.expected)
    }

    private func ofText(_ row: MeasuredRow) -> Finding? {
        if let range = limits.seconds, !range.contains(row.seconds) {
            return Finding(reason: .seconds, value: row.seconds)
        }
        if let range = limits.rate {
            guard row.seconds > 0 else { return Self.unmeasured }
            let rate = Double(row.letterCount) / row.seconds
            if !range.contains(rate) { return Finding(reason: .rate, value: rate) }
        }
        if let most = limits.loopsMax {
            let loops = TextLoops.longest(in: row.text)
            if loops >= most { return Finding(reason: .loop, value: Double(loops)) }
        }
        if !scripts.isEmpty {
            let others = Script.lettersOutside(of: scripts, in: row.text)
            if others > 0 { return Finding(reason: .script, value: Double(others)) }
        }
        if !limits.languages.isEmpty {
            guard let language = row.language else { return Self.unmeasured }
            if !limits.languages.contains(language) {
                return Finding(reason: .language, value: .nan)
            }
        }
        return nil
    }

    private func ofAudio(_ row: MeasuredRow) -> Finding? {
        func checked(
            _ feature: RowFeature, _ reason: SelectionReason, _ range: ClosedRange<Double>?
        ) -> Finding? {
            guard let range else { return nil }
            guard let value = row.features?[feature], !value.isNaN else { return Self.unmeasured }
            return range.contains(value) ? nil : Finding(reason: reason, value: value)
        }
        return checked(.repetition, .repetition, limits.repetitionMax.map { 0...$0 })
            ?? checked(.clippedShare, .clipping, limits.clippedMax.map { 0...$0 })
            ?? checked(.level, .level, limits.level)
            ?? checked(.bandwidth, .bandwidth, limits.bandwidthMin.map { $0...100_000 })
            ?? checked(.silenceShare, .silence, limits.silenceMax.map { 0...$0 })
    }

    private func ofOther(_ agreement: Double?) -> Finding? {
        guard let least = limits.agreementMin, let agreement, agreement < least else {
            return nil
        }
        return Finding(reason: .disagreement, value: agreement)
    }

    private static let unmeasured = Finding(reason: .unmeasured, value: .nan)
}

/// The same words again and again, as a model says them that has lost its way.
enum TextLoops {
    /// Words of the longest stretch that is looked for.
    private static let stretchMax = 4

    /// How often the same one to four words follow each other at most.
    static func longest(in text: String) -> Int {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard !words.isEmpty else { return 0 }
        var longest = 1
        for stretch in 1...stretchMax where words.count >= 2 * stretch {
            /// Words that are the same as those `stretch` before, without a break.
            var same = 0
            for index in stretch..<words.count {
                same = words[index] == words[index - stretch] ? same + 1 : 0
                longest = max(longest, same / stretch + 1)
            }
        }
        return longest
    }
}
