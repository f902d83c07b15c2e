internal import Threading

/// The keys of an object store as they are now: those that are lent for an hour are read again when the store refuses them.
final class StoreKeys: Sendable {
    private let state: Guarded<ObjectStore>
    private let read: (@Sendable () -> ObjectStore)?

    /// - Parameter read: reads the keys again; nil for keys that stay as they are.
    init(_ store: ObjectStore, read: (@Sendable () -> ObjectStore)?) {
        state = Guarded(store)
        self.read = read
    }

    var current: ObjectStore { state.withLock { $0 } }

    /// Looks whether there are other keys than those that were refused.
    func areOthers(than refused: ObjectStore) -> Bool {
        guard current == refused else { return true }
        // Files are read outside of the lock; whoever reads last reads the latest.
        guard let fresh = read?(), fresh != refused else { return false }
        state.withLock { $0 = fresh }
        return true
    }
}
