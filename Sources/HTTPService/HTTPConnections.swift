internal import CHostCalls
internal import Glibc
internal import Threading

/// The connections of a listener, and the loop that serves them.
package struct HTTPConnections {
    /// A fleet's worth of people with a page open, probes, and a scraper.
    package static let connectionsMax = 256
    /// From the first byte of a request to its last, and without a byte taken of an answer.
    static let patienceMilliseconds = 5_000
    /// From a request to the end of its answer, however steadily it is taken.
    static let answerMilliseconds = 60_000
    /// A peer reads what was written before it learns of the end.
    private static let lingerMilliseconds = 1_000
    private static let restMilliseconds = 100
    /// How often streams are looked at for something new.
    private static let streamMilliseconds = 250
    /// What is read of a peer at once, and after its request.
    private static let chunkBytes = 2 << 10

    private enum Phase {
        case reading
        case writing
        /// Follows a stream, of which this state was sent last.
        case following(HTTPStream, sent: Int)
        /// The answer is written, and the peer has still to end.
        case lingering
    }

    private struct Connection {
        let descriptor: Int32
        var reader = HTTPRequestReader()
        var phase = Phase.reading
        /// What is still to be written.
        var output: ArraySlice<UInt8> = []
        /// When it ends, whatever it does; in milliseconds, as the next.
        var end = Int.max
        var deadline: Int

        var isFollowing: Bool {
            if case .following = phase { true } else { false }
        }

        /// While an answer is written, what else the peer says can wait.
        var isWaitingToRead: Bool {
            if case .writing = phase { false } else { true }
        }
    }

    private let listener: Int32
    private let end: Int32
    private let answer: @Sendable (HTTPRequest) -> HTTPAnswer
    /// The oldest first.
    private var connections: [Connection] = []
    /// Nobody is let in before, because the system had no descriptor.
    private var restsUntil = 0

    /// - Parameters:
    ///   - listener: a listening socket that does not block.
    ///   - end: becomes readable when the loop should end.
    init(
        listener: Int32, end: Int32, answer: @escaping @Sendable (HTTPRequest) -> HTTPAnswer
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
                let events = ($0.output.isEmpty ? 0 : POLLOUT) | ($0.isWaitingToRead ? POLLIN : 0)
                return pollfd(fd: $0.descriptor, events: Int16(events), revents: 0)
            }
            var times = connections.map { min($0.deadline, $0.end) }
            if isResting { times.append(restsUntil) }
            if connections.contains(where: \.isFollowing) {
                times.append(now + Self.streamMilliseconds)
            }
            let wait = times.min().map { Int32(clamping: max(0, $0 - now) + 1) } ?? -1
            guard poll(&items, nfds_t(items.count), wait) >= 0 else {
                // Interrupted, or the system is short of memory.
                usleep(UInt32(Self.restMilliseconds * 1_000))
                continue
            }
            if items[0].revents != 0 { break }
            serve(items.dropFirst(2).map { Int32($0.revents) })
            if items[1].revents != 0 { letIn() }
        }
        for connection in connections { close(connection.descriptor) }
        connections = []
    }

    /// Goes on with the connections of which something is known, and ends those whose time is over.
    private mutating func serve(_ events: [Int32]) {
        let now = MonotonicClock.milliseconds()
        var left: [Connection] = []
        for (place, connection) in connections.enumerated() {
            var connection = connection
            var isOver = false
            if events[place] & ~POLLOUT != 0 { isOver = !read(&connection, now) }
            if !isOver { isOver = !follow(&connection, now) }
            if !isOver { isOver = !write(&connection, now) }
            if isOver || min(connection.deadline, connection.end) <= now {
                close(connection.descriptor)
            } else {
                left.append(connection)
            }
        }
        connections = left
    }

    /// Reads what is there; false if the connection has ended.
    private func read(_ connection: inout Connection, _ now: Int) -> Bool {
        var bytes = [UInt8](repeating: 0, count: Self.chunkBytes)
        let count = recv(connection.descriptor, &bytes, bytes.count, 0)
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        if count == 0 { return false }
        // What comes after the request is thrown away, for as long as the connection may last.
        guard case .reading = connection.phase else { return true }
        switch connection.reader.take(bytes.prefix(count)) {
        case .more: return true
        case .refused(let reply):
            connection.output = reply.bytes(hasBody: true)[...]
            connection.phase = .writing
        case .request(let request):
            switch answer(request) {
            case .stream(let reply, let stream) where request.method != "HEAD":
                connection.output = reply.head(length: nil)[...]
                connection.phase = .following(stream, sent: .min)
            case .reply(let reply), .stream(let reply, _):
                connection.output = reply.bytes(hasBody: request.method != "HEAD")[...]
                connection.phase = .writing
            }
        }
        connection.deadline = now + Self.patienceMilliseconds
        if !connection.isFollowing { connection.end = now + Self.answerMilliseconds }
        return true
    }

    /// Takes the newest state of a stream, once the former is written.
    private func follow(_ connection: inout Connection, _ now: Int) -> Bool {
        guard case .following(let stream, let sent) = connection.phase, connection.output.isEmpty
        else { return true }
        let newest = stream.newest()
        guard newest.number > sent else {
            connection.deadline = .max
            return true
        }
        connection.output = newest.bytes[...]
        connection.phase = .following(stream, sent: newest.number)
        connection.deadline = now + Self.patienceMilliseconds
        return true
    }

    /// Writes what can be without waiting; false if the connection has ended.
    private func write(_ connection: inout Connection, _ now: Int) -> Bool {
        guard !connection.output.isEmpty else { return true }
        let count = connection.output.withUnsafeBytes {
            send(connection.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        connection.output = connection.output.dropFirst(count)
        if count > 0 { connection.deadline = now + Self.patienceMilliseconds }
        if connection.output.isEmpty, case .writing = connection.phase {
            shutdown(connection.descriptor, Int32(SHUT_WR))
            connection.phase = .lingering
            connection.deadline = now + Self.lingerMilliseconds
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
                // Who follows has been let in; who says nothing has not. Of followers alone, the oldest goes.
                let place = connections.firstIndex { !$0.isFollowing } ?? 0
                close(connections.remove(at: place).descriptor)
            }
            connections.append(
                Connection(
                    descriptor: descriptor,
                    deadline: MonotonicClock.milliseconds() + Self.patienceMilliseconds))
        }
    }
}
