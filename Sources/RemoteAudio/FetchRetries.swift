/// When a request is made again, and when it is not.
struct FetchRetries {
    /// What came of a request.
    enum Outcome: Equatable {
        /// There is all of it.
        case complete
        /// No answer, or one that broke off.
        case broken(String)
        /// The answer is no success.
        case status(Int, retryAfterSeconds: Int?)
        /// It is another object than the one whose beginning was fetched.
        case changed
    }

    /// What to do next.
    enum Step: Equatable {
        case finish
        /// Ask again after a while; `fromStart` forgets what is there.
        case again(afterSeconds: Int, fromStart: Bool)
        case giveUp
    }

    /// Requests without a byte of progress between them.
    private static let triesMax = 6
    private static let pauseSecondsMax = 60
    private static let changesMax = 2

    private var fruitless = 0
    private var changes = 0

    /// - Parameters:
    ///   - gotBytes: whether the request brought anything.
    ///   - isAway: nothing comes from the whole source, so that trying again is for whoever knows of all workers.
    mutating func step(after outcome: Outcome, gotBytes: Bool, isAway: Bool = false) -> Step {
        fruitless = gotBytes ? 0 : fruitless + 1
        switch outcome {
        case .complete: return .finish
        case .changed:
            changes += 1
            return changes > Self.changesMax ? .giveUp : .again(afterSeconds: 0, fromStart: true)
        case .status(let status, let seconds):
            guard Self.mayPass(status), fruitless < Self.triesMax, !isAway else { return .giveUp }
            let pause = seconds.map { max(0, min($0, Self.pauseSecondsMax)) } ?? usualPause
            return .again(afterSeconds: pause, fromStart: false)
        case .broken:
            guard fruitless < Self.triesMax, !isAway else { return .giveUp }
            return .again(afterSeconds: gotBytes ? 0 : usualPause, fromStart: false)
        }
    }

    /// Seconds, doubled with each try.
    private var usualPause: Int { fruitless == 0 ? 0 : 1 << (fruitless - 1) }

    /// Whether the same request may be answered another time: the server is busy or broken.
    static func mayPass(_ status: Int) -> Bool {
        [408, 425, 429].contains(status) || (500..<600).contains(status)
    }
}
