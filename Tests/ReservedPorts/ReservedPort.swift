internal import Glibc

/// A tcp port that the kernel chose and that nobody else gets while this process lives.
///
/// It is bound and not listened on, with an address that may be used again: whoever knows the number can
/// listen there, end, and listen again, as a coordinator does that is killed and started again.
package struct ReservedPort: Sendable {
    /// What the system said when no port could be had.
    package struct Unavailable: Error {
        package let errorNumber: Int32
    }

    package let number: UInt16

    /// Where a coordinator on this port listens, on this machine alone.
    package var endpoint: String { "tcp://127.0.0.1:\(number)" }

    /// Reserves a port of 127.0.0.1.
    ///
    /// - Throws: ``Unavailable``.
    package init() throws(Unavailable) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Unavailable(errorNumber: errno) }
        var isReused: Int32 = 1
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused, 4) == 0
                    && bind(descriptor, address, size) == 0
                    && getsockname(descriptor, address, &size) == 0
            }
        }
        guard isBound else {
            let errorNumber = errno
            close(descriptor)
            throw Unavailable(errorNumber: errorNumber)
        }
        // Never closed: that is what reserves the port.
        number = UInt16(bigEndian: address.sin_port)
    }
}
