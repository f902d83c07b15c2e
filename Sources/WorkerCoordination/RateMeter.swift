package import JobState

/// Measures how much audio an engine computes a second, from when rows end while it is busy.
package struct RateMeter: Sendable {
    /// Times shorter than this say little.
    private static let spanMin: Duration = .seconds(2)

    private var busySince: Instant?
    private var audioMilliseconds = 0

    package init() {}

    /// The engine has rows from now on, or has none.
    package mutating func engineIsBusy(_ isBusy: Bool, at now: Instant) {
        if isBusy {
            busySince = busySince ?? now
        } else {
            busySince = nil
            audioMilliseconds = 0
        }
    }

    /// Some audio is done.
    ///
    /// - Returns: a new rate in audio milliseconds a second, now and then.
    package mutating func done(audioMilliseconds: Int, at now: Instant) -> Int? {
        guard let since = busySince else { return nil }
        self.audioMilliseconds += audioMilliseconds
        let span = now - since
        guard span >= Self.spanMin else { return nil }
        let rate = self.audioMilliseconds * 1_000 / max(1, span.wholeMilliseconds)
        busySince = now
        self.audioMilliseconds = 0
        return rate
    }
}
