internal import CZeroMQ

/// Waits on sockets, their monitors and descriptors at once.
package enum Poller {
    /// Something that can become readable.
    package enum Source {
        case socket(Socket)
        case monitor(ConnectionMonitor)
        case authenticator(Authenticator)
        case descriptor(Int32)
    }

    /// Waits until one of `sources` is readable, a signal arrives, or the time is over.
    ///
    /// - Parameter milliseconds: the longest wait; 0 only looks, negative waits without end.
    package static func wait(
        for sources: [Source], milliseconds: Int
    ) throws(ZeroMQError) {
        var items = sources.map { source in
            var item = zmq_pollitem_t()
            item.events = Int16(ZMQ_POLLIN)
            switch source {
            case .socket(let socket): item.socket = socket.handle
            case .monitor(let monitor): item.socket = monitor.handle
            case .authenticator(let authenticator): item.socket = authenticator.handle
            case .descriptor(let descriptor): item.fd = descriptor
            }
            return item
        }
        if zmq_poll(&items, Int32(items.count), milliseconds) < 0, zmq_errno() != EINTR {
            throw .last("zmq_poll")
        }
    }
}
