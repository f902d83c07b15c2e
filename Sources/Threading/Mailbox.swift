internal import CLinux
internal import Glibc
internal import Synchronization
package import SystemErrors

/// Values handed from any thread to the one that polls ``descriptor``.
package final class Mailbox<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    private let event: EventDescriptor

    /// - Throws: if the process has no descriptor left.
    package init() throws(SystemError) {
        event = try EventDescriptor()
    }

    /// Readable while there may be something to take.
    package var descriptor: Int32 { event.descriptor }

    /// Leaves `element` and wakes the reader.
    package func post(_ element: Element) {
        elements.withLock { $0.append(element) }
        event.signal()
    }

    /// Everything posted so far, oldest first; the mailbox is empty afterwards.
    package func takeAll() -> [Element] {
        event.reset()
        return elements.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}

/// A descriptor that is readable once it was signalled, so that a thread that polls can be woken.
package final class EventDescriptor: Sendable {
    package let descriptor: Int32

    /// - Throws: if the process has no descriptor left.
    package init() throws(SystemError) {
        descriptor = scriptorium_eventfd()
        guard descriptor >= 0 else { throw .last }
    }

    deinit { close(descriptor) }

    /// Makes the descriptor readable.
    package func signal() { Self.signal(descriptor) }

    /// Makes the descriptor of an event readable; allowed in a signal handler.
    package static func signal(_ descriptor: Int32) {
        var one: UInt64 = 1
        // A full counter means that the descriptor is readable already.
        _ = write(descriptor, &one, 8)
    }

    /// Makes the descriptor unreadable until it is signalled again.
    package func reset() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
