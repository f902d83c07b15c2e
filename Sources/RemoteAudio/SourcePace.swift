/// How one source (a host, a bucket) answers of late, and what may be asked of it at one time.
///
/// A value: what happened comes in with its time, and nothing here looks at a clock.
package struct SourcePace: Hashable, Sendable {
    /// What came of a request.
    package enum Answer: Hashable, Sendable {
        /// The source is there, whatever it said.
        case came
        /// It asks for fewer requests (429), or has too much to do (5xx).
        case busy
        /// There was no answer.
        case none
    }

    /// Fetches that may be under way at one time: fewer where the source is busy.
    package private(set) var concurrency = Self.concurrencyMax
    /// Answers since ``concurrency`` was changed.
    private var answers = 0
    /// Requests in vain since the last answer.
    private var fruitless = 0
    /// When the first of those was made, in milliseconds.
    private var since = 0

    /// Eight objects of 100 kB at 100 ms an answer are 8 MB/s, more audio than one worker computes.
    package static let concurrencyMax = 8

    /// One source in trouble is not asked six times over half a minute for each of its objects: it is away after so many
    /// requests in vain over so long, or after a long wait for any.
    private static let (fruitlessMin, fruitlessMilliseconds) = (3, 2_000)
    private static let silenceMilliseconds = 15_000

    package init() {}

    /// A request has ended.
    ///
    /// - Parameters:
    ///   - begun: when it was made, in milliseconds of a clock that never jumps.
    package mutating func ended(_ answer: Answer, begun: Int) {
        switch answer {
        case .came:
            fruitless = 0
            answers += 1
            guard concurrency < Self.concurrencyMax, answers >= 4 * concurrency else { return }
            concurrency += 1
            answers = 0
        case .busy, .none:
            since = fruitless == 0 ? begun : min(since, begun)
            fruitless += 1
            guard answer == .busy else { return }
            // Several that are refused at once say one thing.
            guard answers > 0 || fruitless == 1 else { return }
            concurrency = max(1, concurrency / 2)
            answers = 0
        }
    }

    /// Whether nothing comes from the source, so that another try by the same worker is in vain: whoever gave it the row
    /// is to hear of it.
    package func isAway(at now: Int) -> Bool {
        guard fruitless > 0 else { return false }
        return now - since >= Self.silenceMilliseconds
            || fruitless >= Self.fruitlessMin && now - since >= Self.fruitlessMilliseconds
    }
}
