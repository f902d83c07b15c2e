internal import Glibc
internal import Synchronization

/// Removes something that must not stay if the process is ended before it is done: a file half
/// written, a temporary folder, a child process.
///
/// Registered as long as the object lives; whoever holds it removes the thing in all other cases.
package final class ExitCleanup: Sendable {
    private static let removals = Mutex<[Int: @Sendable () -> Void]>([:])
    private static let numbers = Atomic<Int>(0)

    private let number: Int

    /// - Parameter remove: called on another thread if ``end(status:)`` comes first; must not block.
    package init(remove: @escaping @Sendable () -> Void) {
        let number = Self.numbers.add(1, ordering: .relaxed).newValue
        self.number = number
        Self.removals.withLock { $0[number] = remove }
    }

    /// Begins something, and registers it: nothing ends the process between the two.
    ///
    /// - Parameter begin: returns how the thing is removed; nil if it has not begun.
    package init?(beginning begin: () -> (@Sendable () -> Void)?) {
        let number = Self.numbers.add(1, ordering: .relaxed).newValue
        self.number = number
        let hasBegun = Self.removals.withLock { removals in
            removals[number] = begin()
            return removals[number] != nil
        }
        if !hasBegun { return nil }
    }

    deinit { Self.removals.withLock { $0[number] = nil } }

    /// Cancels the removal once `body` has made the thing permanent; nothing ends the process between
    /// the two.
    ///
    /// - Throws: what `body` throws; the thing is still removed then.
    package func cancel<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let result = Self.removals.withLock { removals -> Result<Value, Failure> in
            do throws(Failure) {
                let value = try body()
                removals[number] = nil
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Runs all removals and ends the process at once, whatever its threads do.
    package static func exitProcess(status: Int32) -> Never {
        removals.withLock { removals in
            // The latest first: files before the folder that they lie in.
            for number in removals.keys.sorted(by: >) { removals[number]?() }
            // Inside the lock, so that nothing is put in its place after it was removed.
            _exit(status)
        }
    }
}
