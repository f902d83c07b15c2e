internal import CHostCalls
internal import Glibc
internal import Threading

/// The connections of a listener, and the loop that serves them.
package struct HTTPConnections {
    /// Probes come one at a time, and people with a browser a few.
    package static let connectionsMax = 16
    /// From the first byte to the last.
    static let patienceMilliseconds = 5_000
    /// A peer reads what was written before it learns of the end.
    private static let lingerMilliseconds = 1_000
    private static let restMilliseconds = 100
    /// What is read of a peer at once, and after its request.
    private static let chunkBytes = 2 << 10

    private struct Connection {
        let descriptor: Int32
        var reader = HTTPRequestReader()
        /// What is still to be written; nil until the request is there.
        var output: ArraySlice<UInt8>?
        /// The answer is written, and the peer has still to end.
        var isLingering = false
        var deadline: Int
    }

    private let listener: Int32
    private let end: Int32
    private let answer: @Sendable (HTTPRequest) -> HTTPReply
    /// The oldest first.
    private var connections: [Connection] = []
    /// Nobody is let in before, because the system had no descriptor.
    private var restsUntil = 0

    /// - Parameters:
    ///   - listener: a listening socket that does not block.
    ///   - end: becomes readable when the loop should end.
    init(
        listener: Int32, end: Int32, answer: @escaping @Sendable (HTTPRequest) -> HTTPReply
    ) {
        self.listener = listener
        self.end = end
        self.answer = answer
    }

    /// Serves until it should end.
    mutating func run() {
        while true {
            let now = MonotonicClock.milliseconds()
            let isResting = now < restsUntil
            var items = [
                pollfd(fd: end, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isResting ? -1 : listener, events: Int16(POLLIN), revents: 0),
            ]
            items += connections.map {
                let waitsToWrite = $0.output != nil && !$0.isLingering
                return pollfd(
                    fd: $0.descriptor, events: Int16(waitsToWrite ? POLLOUT : POLLIN), revents: 0)
            }
            let deadlines = connections.map(\.deadline) + (isResting ? [restsUntil] : [])
            let wait = deadlines.min().map { Int32(clamping: max(0, $0 - now) + 1) } ?? -1
            guard poll(&items, nfds_t(items.count), wait) >= 0 else {
                // Interrupted, or the system is short of memory.
                usleep(UInt32(Self.restMilliseconds * 1_000))
                continue
            }
            if items[0].revents != 0 { break }
            serve(items.dropFirst(2).map { $0.revents != 0 })
            if items[1].revents != 0 { letIn() }
        }
        for connection in connections { close(connection.descriptor) }
        connections = []
    }

    /// Goes on with the connections of which something is known, and ends those whose time is over.
    private mutating func serve(_ isAwake: [Bool]) {
        let now = MonotonicClock.milliseconds()
        var left: [Connection] = []
        for (place, connection) in connections.enumerated() {
            var connection = connection
            let isOver = isAwake[place] && !advance(&connection)
            if isOver || connection.deadline <= now {
                close(connection.descriptor)
            } else {
                left.append(connection)
            }
        }
        connections = left
    }

    /// Reads or writes what can be without waiting; false if the connection has ended.
    private func advance(_ connection: inout Connection) -> Bool {
        if connection.output == nil || connection.isLingering {
            var bytes = [UInt8](repeating: 0, count: Self.chunkBytes)
            let count = recv(connection.descriptor, &bytes, bytes.count, 0)
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            // What comes after the request is thrown away, for as long as the connection may last.
            if count == 0 || connection.isLingering { return count > 0 }
            switch connection.reader.take(bytes.prefix(count)) {
            case .more: return true
            case .request(let request):
                connection.output = answer(request).bytes(hasBody: request.method != "HEAD")[...]
            case .refused(let reply): connection.output = reply.bytes(hasBody: true)[...]
            }
        }
        guard let output = connection.output else { return true }
        let count = output.withUnsafeBytes {
            send(connection.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        connection.output = output.dropFirst(count)
        if count == output.count {
            shutdown(connection.descriptor, Int32(SHUT_WR))
            connection.isLingering = true
            connection.deadline = min(
                connection.deadline, MonotonicClock.milliseconds() + Self.lingerMilliseconds)
        }
        return true
    }

    private mutating func letIn() {
        for _ in 0..<Self.connectionsMax {
            let descriptor = scriptorium_accept(listener)
            guard descriptor >= 0 else {
                if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) {
                    restsUntil = MonotonicClock.milliseconds() + Self.restMilliseconds
                }
                return
            }
            if connections.count == Self.connectionsMax {
                close(connections.removeFirst().descriptor)
            }
            connections.append(
                Connection(
                    descriptor: descriptor,
                    deadline: MonotonicClock.milliseconds() + Self.patienceMilliseconds))
        }
    }
}
