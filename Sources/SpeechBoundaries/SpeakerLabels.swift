package import TranscriptRows

/// Who says a word, by the stretches of speech in which it lies.
package struct SpeakerLabels: Sendable {
    /// With a speaker, in the order of their starts.
    private let stretches: [SpeechStretch]
    /// The greatest end of the stretches up to each.
    private let ends: [MediaTime]

    /// A word beside all stretches is said by who speaks next to it, at most so far away: boundaries of
    /// words and those of speech are found by different programs.
    package static let reach = MediaTime(milliseconds: 500)

    /// - Parameter channel: of the words; nil for a mix of all.
    package init(_ speech: RowSpeech, channel: Int?) {
        stretches = speech.heard(on: channel).filter { $0.speaker != nil }
        var greatest = MediaTime.zero
        ends = stretches.map { stretch in
            greatest = max(greatest, stretch.end)
            return greatest
        }
    }

    /// Nobody is named.
    package var isEmpty: Bool { stretches.isEmpty }

    /// Who says what lasts from `start` to `end`: the one who speaks for most of it, of several the one who
    /// began first; nil where nobody speaks near it.
    package func speaker(from start: MediaTime, to end: MediaTime) -> String? {
        var best: (stretch: Int, shared: MediaTime)?
        // Those that begin too late come last; before the first that may reach here, none does.
        let beyond = firstIndex { stretches[$0].start > end + Self.reach }
        let first = firstIndex { ends[$0] + Self.reach >= start }
        for index in first..<max(first, beyond) {
            let stretch = stretches[index]
            // Negative between them: how far away it is.
            let shared = min(stretch.end, end) - max(stretch.start, start)
            guard .zero <= shared + Self.reach else { continue }
            if let known = best, shared <= known.shared { continue }
            best = (index, shared)
        }
        return best.flatMap { stretches[$0.stretch].speaker }
    }

    /// The first place at which `isThere`, which holds for all behind it; the end if it does nowhere.
    private func firstIndex(_ isThere: (Int) -> Bool) -> Int {
        var (first, end) = (0, stretches.count)
        while first < end {
            let middle = (first + end) / 2
            if isThere(middle) { end = middle } else { first = middle + 1 }
        }
        return first
    }
}
