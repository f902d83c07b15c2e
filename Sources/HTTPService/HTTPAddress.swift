package import Glibc
package import SystemErrors

/// `[ADDRESS:]PORT`: where a process answers; this machine alone unless an address is named.
package struct HTTPAddress: Hashable, Sendable, CustomStringConvertible {
    /// A numeric address, without brackets.
    package let host: String
    /// 0 lets the system choose.
    package let port: UInt16
    private let family: Int32

    /// - Returns: nil for what is no port, or no numeric address before it (`10.0.0.5:8080`, `[::1]:8080`).
    package init?(_ text: String) {
        let colon = text.lastIndex(of: ":")
        let digits = colon.map { text[text.index(after: $0)...] } ?? text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(digits)
        else { return nil }
        guard let colon else {
            self.init(host: "127.0.0.1", port: port)
            return
        }
        let address = text[..<colon]
        if address.hasPrefix("["), address.hasSuffix("]"), address.contains(":") {
            self.init(host: String(address.dropFirst().dropLast()), port: port)
        } else if !address.contains(":") {
            self.init(host: String(address), port: port)
        } else {
            return nil
        }
    }

    private init?(host: String, port: UInt16) {
        var bytes = in6_addr()
        let family = host.contains(":") ? AF_INET6 : AF_INET
        guard inet_pton(family, host, &bytes) == 1 else { return nil }
        self.host = host
        self.port = port
        self.family = family
    }

    /// The same address with the port that the system chose.
    func withPort(_ port: UInt16) -> HTTPAddress { HTTPAddress(host: host, port: port) ?? self }

    /// As it stands in a URL.
    package var description: String {
        family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    // MARK: Sockets

    /// A socket for this address that does not block; -1 with errno set.
    package func makeSocket() -> Int32 {
        socket(
            family,
            Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    /// Calls `body` with the address as `bind` and `connect` take it.
    package func withSocketAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        if family == AF_INET6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            return Self.call(body, with: &address)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return Self.call(body, with: &address)
    }

    private static func call<Address>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32, with address: inout Address
    ) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    /// Why nobody can listen there now; nil if somebody can.
    package func listeningError() -> SystemError? {
        let descriptor = makeSocket()
        guard descriptor >= 0 else { return SystemError.last }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let status = withSocketAddress { bind(descriptor, $0, $1) }
        return status == 0 && listen(descriptor, 1) == 0 ? nil : SystemError.last
    }

    /// The port that a bound socket has.
    static func port(of descriptor: Int32) -> UInt16? {
        // Both families have the port in the same place.
        var address = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &size)
            }
        }
        return status == 0 ? UInt16(bigEndian: address.sin6_port) : nil
    }
}
