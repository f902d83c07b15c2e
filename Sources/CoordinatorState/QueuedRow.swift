package import JobState

/// A row that waits, ordered by when it should be given out: the greatest first.
package struct QueuedRow: Comparable {
    package var audioMilliseconds: Int
    package var ordinal: Int

    package init(audioMilliseconds: Int, ordinal: Int) {
        self.audioMilliseconds = audioMilliseconds
        self.ordinal = ordinal
    }

    package static func < (left: QueuedRow, right: QueuedRow) -> Bool {
        (left.audioMilliseconds, right.ordinal) < (right.audioMilliseconds, left.ordinal)
    }
}

/// A row that is held, ordered by when it is not any more.
package struct HeldUntil: Comparable {
    package var time: Instant
    package var ordinal: Int

    package static func < (left: HeldUntil, right: HeldUntil) -> Bool {
        (left.time, left.ordinal) < (right.time, right.ordinal)
    }
}
