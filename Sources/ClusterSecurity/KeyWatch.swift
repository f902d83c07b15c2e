package import Logging
package import Processes
internal import Threading

/// Reads the allow-list again whenever one of its files has changed.
package final class KeyWatch: Sendable {
    private let isOver = Guarded(false)
    private let thread: DedicatedThread

    /// How soon a change is noticed: less than the interval between heartbeats.
    private static let periodMilliseconds = 1_000

    /// - Parameters:
    ///   - onChange: called with what is allowed now, on the watch's thread.
    ///   - logger: is told what is wrong about a file, which then allows no key.
    package init(
        _ folder: KeyFolder, onChange: @escaping @Sendable (AllowList) -> Void,
        logger: Logger
    ) throws(RuntimeError) {
        let isOver = isOver
        thread = try DedicatedThread.ofService {
            // Read at once: a file may have changed since the list that the sockets began with.
            var known: [String: [Int]]?
            var isToldOfShortage = false
            while true {
                let present = folder.fingerprint()
                if present != known {
                    let isTold = isToldOfShortage
                    let list = Self.list({ if !isTold { logger.warning("\($0)") } }) {
                        onBadFile throws(RuntimeError) in
                        try folder.allowList(onBadFile: onBadFile)
                    }
                    // Otherwise it is read again in a while, and said once.
                    isToldOfShortage = list == nil
                    if let list {
                        known = present
                        onChange(list)
                    }
                }
                let end: Bool? = isOver.wait(milliseconds: Self.periodMilliseconds) {
                    $0 ? true : nil
                }
                if end != nil { return }
            }
        }
    }

    /// What is allowed, as `read` finds it: no key where the list is invalid.
    ///
    /// - Returns: nil where the machine was short of descriptors or memory, which says nothing about
    ///   the list: keys that were allowed stay allowed.
    package static func list(
        _ onNotice: @escaping (String) -> Void,
        _ read: ((RuntimeError) -> Void) throws(RuntimeError) -> AllowList
    ) -> AllowList? {
        var isShort = false
        func note(_ error: RuntimeError) {
            isShort = isShort || error.code == .system
            onNotice(error.message)
        }
        do throws(RuntimeError) {
            let list = try read(note)
            return isShort ? nil : list
        } catch {
            note(error)
            return isShort ? nil : AllowList([])
        }
    }

    package func finish() {
        isOver.withLock { $0 = true }
        thread.join()
    }
}
