package import MeasuredRows

/// What hears the rows' audio: of each a fingerprint, by which the same recording is known again.
package struct RowAudio: Sendable {
    package enum Heard: Sendable {
        case fingerprint([UInt32])
        /// Why there is none.
        case unreadable(String)
    }

    /// Rows that are heard at once.
    package let threads: Int
    package let hear: @Sendable (MeasuredRow) -> Heard

    package init(threads: Int, hear: @escaping @Sendable (MeasuredRow) -> Heard) {
        self.threads = max(1, threads)
        self.hear = hear
    }
}
