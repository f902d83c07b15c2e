/// How long each part waits for a sign of the part below it, all in one place, because their order
/// decides whom a stall counts against: whoever is nearest to the fault has to speak first.
///
/// Each limit is about silence, never about the length of a row. A test keeps the order.
package enum StallLimits {
    /// Both ends of a session say something at least this often.
    ///
    /// Often enough that a dead worker's rows are given to others soon, seldom enough for 4,000 workers.
    package static let heartbeatSeconds = 5
    /// A session without a message for so long is lost: three beats.
    package static let sessionSilenceSeconds = 15
    /// A decoder process that gives nothing for so long is ended, and its row fails as `source`.
    ///
    /// Longer than a disk needs to wake up or a tape to be mounted, as a rule.
    package static let decoderProcessSeconds = 60
    /// Spans that wait for a shared decoder which gives nothing for so long begin one of their own.
    ///
    /// Later than a process's limit, after which its decoder is free by itself.
    package static let sharedDecoderSeconds = 75
    /// A row whose audio makes no step for so long fails as `source`, whatever decodes it.
    ///
    /// For decoders inside the process and for reads that never return, which nothing can end: their
    /// thread is left behind. Later than the process's limit, which can tell more.
    package static let decodingSeconds = 90
    /// An engine that has rows and makes no step for so long is ended by its worker (exit 70).
    ///
    /// Twice what a row's audio may take, so that storage is never blamed on the engine. The longest step
    /// of a computation is far shorter: a tile of one layer, or 3,072 queries of one head.
    package static let engineSeconds = 180
    /// A session whose heartbeats tell of no step for so long loses its rows: its worker should have
    /// ended by itself, and cannot.
    package static let sessionStallSeconds = 300
}
