internal import ClusterRuntime
internal import Glibc
internal import Processes
internal import Threading

/// Sits between a client and a server, and keeps what the client said.
final class Recorder: Sendable {
    let port: UInt16
    private let recorded = Guarded<[UInt8]>([])
    private let thread: DedicatedThread

    /// Takes one connection, and hands everything on to `server`.
    init(to server: UInt16) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int32 in
                guard bind(listener, address, size) == 0, listen(listener, 1) == 0 else {
                    return -1
                }
                return getsockname(listener, address, &size)
            }
        }
        guard status == 0 else {
            throw RuntimeError(.system, "listen: \(String(cString: strerror(errno)))")
        }
        port = UInt16(bigEndian: address.sin_port)
        let recorded = recorded
        thread = try DedicatedThread {
            let client = accept(listener, nil, nil)
            close(listener)
            if let server = try? TCPPeer(port: server) {
                Self.pass(client, server.descriptor) { bytes in
                    recorded.withLock { $0 += bytes }
                }
            }
            close(client)
        }
    }

    /// What the client said until it hung up.
    func finish() -> [UInt8] {
        thread.join()
        return recorded.withLock { $0 }
    }

    private static func pass(_ client: Int32, _ server: Int32, onBytes: ([UInt8]) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            var items = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&items, 2, 30_000) > 0 else { return }
            for (item, other) in [(items[0], server), (items[1], client)] where item.revents != 0 {
                let count = recv(item.fd, &buffer, buffer.count, 0)
                guard count > 0 else { return }
                if item.fd == client { onBytes(Array(buffer[..<count])) }
                guard send(other, buffer, count, Int32(MSG_NOSIGNAL)) == count else {
                    return
                }
            }
        }
    }
}
