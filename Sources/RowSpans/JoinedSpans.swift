internal import CTCDecoding
package import SpeechTypes
package import WindowCutting

/// The spans of a row, of one piece again.
package struct JoinedSpans: Sendable {
    private let readings: [GreedyReading]
    package let ending: SpanPart.Ending
    /// Of the row.
    package let frames: Int
    /// Of the row, in a job that looks for speech.
    package let coverage: LaneCoverage

    /// Puts together what several workers made of a row; nil where that is not all of it.
    ///
    /// - Parameter pieces: of each span, in their order, as ``SpanPart/bytes``.
    package init?(_ pieces: [[UInt8]], vocabulary: Vocabulary) {
        var readings: [GreedyReading] = []
        var next: Int? = 0
        var windows: [Range<Int>] = []
        var last: SpanPart.Ending?
        for bytes in pieces {
            guard let part = SpanPart(bytes, vocabulary: vocabulary),
                part.span.firstWindow == next, last == nil,
                part.windows.first?.lowerBound ?? .max >= windows.last?.upperBound ?? 0
            else { return nil }
            next = part.span.endWindow
            windows += part.windows
            last = part.ending
            readings.append(part.reading)
        }
        // Whoever came to the end of the audio knows how many windows there are.
        guard let last, next == nil, windows.count == last.windows else { return nil }
        self.readings = readings
        ending = last
        coverage = LaneCoverage(windows: windows, samples: last.samples)
        frames = readings.reduce(0) { $0 + $1.classes.count }
    }

    /// The row's transcript.
    ///
    /// - Parameter goesOn: asked before each span, and told so that a step was made; false ends it early.
    /// - Returns: nil where it was ended.
    package func transcript(vocabulary: Vocabulary, while goesOn: () -> Bool) -> Transcript? {
        var decoder = GreedyDecoder(vocabulary: vocabulary)
        for reading in readings {
            guard goesOn() else { return nil }
            reading.read(into: &decoder)
        }
        return decoder.finish()
    }
}
