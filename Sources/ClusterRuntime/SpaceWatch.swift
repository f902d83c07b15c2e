internal import Processes
internal import Threading

/// Looks at the journal's disk on a thread of its own: a file system that does not answer must not
/// keep the coordinator from its workers.
final class SpaceWatch: Sendable {
    private let isOver = Guarded(false)
    private let thread: DedicatedThread

    private static let periodMilliseconds = 250
    /// How long its end is waited for; a look that never ends is left behind.
    private static let endMilliseconds = 1_000

    /// - Parameters:
    ///   - isShort: whether less is free than should be; may take any time.
    ///   - onChange: called with the first answer, and with each that differs from the one before, on
    ///     the watch's thread.
    /// - Throws: if the system gives no thread.
    init(
        _ isShort: @escaping @Sendable () -> Bool, onChange: @escaping @Sendable (Bool) -> Void
    ) throws(RuntimeError) {
        let isOver = isOver
        thread = try DedicatedThread.ofService {
            var known: Bool?
            while true {
                let present = isShort()
                let end: Bool? = isOver.wait(milliseconds: 0) { $0 ? true : nil }
                if end != nil { return }
                if present != known {
                    known = present
                    onChange(present)
                }
                let endNow: Bool? = isOver.wait(milliseconds: Self.periodMilliseconds) {
                    $0 ? true : nil
                }
                if endNow != nil { return }
            }
        }
    }

    func finish() {
        isOver.withLock { $0 = true }
        _ = thread.join(milliseconds: Self.endMilliseconds)
    }
}
