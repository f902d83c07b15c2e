internal import HTTPTransfer
internal import Threading

/// The keys of an object store as they are now: those that are lent for an hour are read again when the store refuses them.
final class StoreKeys: Sendable {
    private let state: Guarded<(store: ObjectStore, isToBeRead: Bool)>
    private let read: (@Sendable () -> ObjectStore)?
    /// The store's own address, which is known before any keys are; nil for AWS.
    private let endpoint: String?
    private let namesBucketInHost: Bool

    /// - Parameters:
    ///   - read: reads the keys again; nil for keys that stay as they are.
    ///   - readsFirst: `store` has no keys: they are read when they are needed for the first time.
    init(_ store: ObjectStore, read: (@Sendable () -> ObjectStore)?, readsFirst: Bool = false) {
        state = Guarded((store, readsFirst))
        self.read = read
        endpoint = store.endpoint
        namesBucketInHost = store.namesBucketInHost
    }

    /// Whether an address is of the store whose own address is known.
    func areOf(_ address: WebAddress) -> Bool {
        guard let origin = endpoint.flatMap({ WebAddress($0) })?.origin else { return false }
        if address.origin == origin { return true }
        guard namesBucketInHost, let mark = origin.firstRange(of: "://") else { return false }
        return address.origin.hasPrefix(origin[..<mark.upperBound])
            && address.origin.hasSuffix(".\(origin[mark.upperBound...])")
    }

    /// The store with the keys that were read last.
    var current: ObjectStore {
        state.withLock { state in
            // All that need keys wait for those that the first one asks for.
            if state.isToBeRead, let read { state = (read(), false) }
            return state.store
        }
    }

    /// Looks whether there are other keys than those that were refused.
    func areOthers(than refused: ObjectStore) -> Bool {
        guard current == refused else { return true }
        // Files are read outside of the lock; whoever reads last reads the latest.
        guard let fresh = read?(), fresh != refused else { return false }
        state.withLock { $0 = (fresh, false) }
        return true
    }
}
