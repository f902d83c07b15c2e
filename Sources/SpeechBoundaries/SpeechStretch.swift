package import TranscriptRows

/// Where somebody speaks, as another program found it.
package struct SpeechStretch: Hashable, Sendable {
    package var start: MediaTime
    /// Not before ``start``.
    package var end: MediaTime
    /// Counted from 0; nil for all channels.
    package var channel: Int?
    /// Who speaks; nil where that is not known.
    package var speaker: String?

    package init(
        start: MediaTime, end: MediaTime, channel: Int? = nil, speaker: String? = nil
    ) {
        precondition(.zero <= start && start <= end, "a stretch of time")
        self.start = start
        self.end = end
        self.channel = channel
        self.speaker = speaker
    }

    /// Numbers of programs are rounded: what overlaps by less only touches.
    package static let overlapMax = MediaTime(milliseconds: 10)

    /// Whether both cannot be true: one speaker, or one that nobody names, begins anew before the end.
    func contradicts(_ other: SpeechStretch) -> Bool {
        guard channel == other.channel, speaker == other.speaker else { return false }
        return min(end, other.end) - max(start, other.start) > Self.overlapMax
    }
}

/// One speaker of one channel.
private struct Voice: Hashable {
    let channel: Int?
    let speaker: String?
}

extension [SpeechStretch] {
    /// In the order of their starts, then of their ends; the order in which they stand decides the rest.
    func inOrder() -> [Int] {
        indices.sorted {
            (self[$0].start, self[$0].end, $0) < (self[$1].start, self[$1].end, $1)
        }
    }

    /// Two that contradict each other, by their places; nil where none do.
    func firstContradiction() -> (Int, Int)? {
        // Of each voice, the stretch that ends last so far: only that can reach into the next one.
        var last: [Voice: Int] = [:]
        for index in inOrder() {
            let voice = Voice(channel: self[index].channel, speaker: self[index].speaker)
            if let before = last[voice] {
                if self[before].contradicts(self[index]) { return (before, index) }
                if self[before].end > self[index].end { continue }
            }
            last[voice] = index
        }
        return nil
    }
}
