internal import CZeroMQ
internal import Glibc
internal import Synchronization

/// Values handed from any thread to the one that polls ``descriptor``.
package final class Mailbox<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    private let eventDescriptor: EventDescriptor

    package init() throws(ZeroMQError) {
        eventDescriptor = try EventDescriptor()
    }

    /// Readable while there may be something to take.
    package var descriptor: Int32 { eventDescriptor.descriptor }

    /// Leaves `element` and wakes the reader.
    package func post(_ element: Element) {
        elements.withLock { $0.append(element) }
        eventDescriptor.ring()
    }

    /// Everything posted so far, oldest first; the mailbox is empty afterwards.
    package func takeAll() -> [Element] {
        eventDescriptor.silence()
        return elements.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}

/// A descriptor that becomes readable when rung; ringing is allowed in a signal handler.
package final class EventDescriptor: Sendable {
    package let descriptor: Int32

    package init() throws(ZeroMQError) {
        descriptor = scriptorium_eventfd()
        guard descriptor >= 0 else {
            throw ZeroMQError(
                code: .exhausted, call: "eventfd", subject: "",
                message: "no descriptors left; raise the limit of open files (ulimit -n)")
        }
    }

    deinit { close(descriptor) }

    /// Makes the descriptor readable.
    package func ring() { Self.ring(descriptor) }

    /// Makes a eventDescriptor's descriptor readable; touches nothing but the descriptor.
    package static func ring(_ descriptor: Int32) {
        var one: UInt64 = 1
        // A full counter means that the eventDescriptor rings already.
        _ = write(descriptor, &one, 8)
    }

    /// Makes the descriptor unreadable until it is rung again.
    package func silence() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
