internal import Threading

/// Reads the allow-list again whenever one of its files has changed.
final class KeyWatch: Sendable {
    private let isOver = Guarded(false)
    private let thread: DedicatedThread

    /// How soon a change is noticed: well within a beat.
    private static let periodMilliseconds = 1_000

    /// - Parameters:
    ///   - onChange: called with what is allowed now, on the watch's thread.
    ///   - onNotice: called with what is wrong about a file, which lets nobody in.
    init(
        _ folder: KeyFolder, onChange: @escaping @Sendable (AllowList) -> Void,
        onNotice: @escaping @Sendable (String) -> Void
    ) {
        let isOver = isOver
        thread = DedicatedThread {
            // Read at once: a file may have changed since the list that the sockets began with.
            var known: [String: [Int]]?
            while true {
                let present = folder.fingerprint()
                if present != known {
                    known = present
                    do throws(RuntimeError) {
                        onChange(try folder.allowList { onNotice($0.message) })
                    } catch {
                        onNotice(error.message)
                        onChange(AllowList([]))
                    }
                }
                let end: Bool? = isOver.wait(milliseconds: Self.periodMilliseconds) {
                    $0 ? true : nil
                }
                if end != nil { return }
            }
        }
    }

    func finish() {
        isOver.withLock { $0 = true }
        thread.join()
    }
}
