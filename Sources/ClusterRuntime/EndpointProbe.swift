internal import Glibc
internal import Threading

/// Whether anybody listens at an endpoint, before a model is loaded for whoever that is.
package enum EndpointProbe {
    private static let timeoutMilliseconds: Int32 = 2_000
    private static let pauseMilliseconds = 1_000

    /// The index of the first endpoint at which somebody listens; they are tried in order, over and over.
    ///
    /// - Parameter isOver: looked at between tries.
    /// - Returns: nil if nobody did in time, or it is over.
    package static func firstListening(
        of endpoints: [String], withinMilliseconds: Int, isOver: () -> Bool
    ) -> Int? {
        let deadline = MonotonicClock.milliseconds() + withinMilliseconds
        while !isOver() {
            if let found = endpoints.firstIndex(where: listens) { return found }
            guard MonotonicClock.milliseconds() < deadline else { return nil }
            usleep(UInt32(pauseMilliseconds * 1_000))
        }
        return nil
    }

    /// Whether a connection to the endpoint is taken within two seconds.
    package static func listens(at endpoint: String) -> Bool {
        if endpoint.hasPrefix("ipc://") {
            return isTaken(localAddress(String(endpoint.dropFirst("ipc://".count))))
        }
        return addresses(of: endpoint).contains { isTaken($0) }
    }

    private struct Address {
        var family: Int32
        var bytes: [UInt8]
    }

    private static func localAddress(_ path: String) -> Address {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path) - 1
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            place.copyBytes(from: path.utf8.prefix(capacity))
        }
        return Address(family: AF_UNIX, bytes: withUnsafeBytes(of: address) { Array($0) })
    }

    /// What `tcp://HOST:PORT` resolves to; empty if it does not.
    private static func addresses(of endpoint: String) -> [Address] {
        guard endpoint.hasPrefix("tcp://"), let colon = endpoint.lastIndex(of: ":") else {
            return []
        }
        let start = endpoint.index(endpoint.startIndex, offsetBy: "tcp://".count)
        guard start < colon else { return [] }
        let host = endpoint[start..<colon].filter { $0 != "[" && $0 != "]" }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(endpoint[colon...].dropFirst()), &hints, &list) == 0
        else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [Address] = []
        var next = list
        while let info = next?.pointee {
            let bytes = UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen))
            addresses.append(Address(family: info.ai_family, bytes: Array(bytes)))
            next = info.ai_next
        }
        return addresses
    }

    private static func isTaken(_ address: Address) -> Bool {
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, flags, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let status = address.bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return Int32(-1) }
            return connect(
                descriptor, base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        if status == 0 { return true }
        guard errno == EINPROGRESS else { return false }
        var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&item, 1, timeoutMilliseconds) == 1 else { return false }
        var problem: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem == 0
    }
}
