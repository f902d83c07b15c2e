internal import Glibc
package import Processes
internal import SystemErrors
internal import Threading

/// Answers requests on one address, on a thread of its own.
///
/// Peers cost it little, whoever they are: each request is short, each connection has one and a few
/// seconds unless it follows a stream and takes what comes, and a connection too many ends the oldest.
/// Nothing else of the process waits for it.
package final class HTTPListener: Sendable {
    /// Where it listens, with the port that the system chose if none was named.
    package let address: HTTPAddress
    private let end: EventDescriptor
    private let thread: DedicatedThread

    private static let stackBytes = 512 << 10
    private static let backlog: Int32 = 128

    /// - Parameter answer: called on the listener's thread; must not block.
    /// - Throws: `usage` if this machine does not have the address or it is taken, `system` without a
    ///   thread or descriptor.
    package init(
        _ address: HTTPAddress, answer: @escaping @Sendable (HTTPRequest) -> HTTPAnswer
    ) throws(RuntimeError) {
        let descriptor = address.makeSocket()
        guard descriptor >= 0 else { throw RuntimeError(withoutDescriptors: SystemError.last) }
        var isKept = false
        defer { if !isKept { close(descriptor) } }
        var yes: Int32 = 1
        // A process that goes on in the place of another takes its port over.
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard address.withSocketAddress({ bind(descriptor, $0, $1) }) == 0,
            listen(descriptor, Self.backlog) == 0
        else {
            throw RuntimeError(
                .usage,
                "--http \(address): \(SystemError.last); name another port, or an address of this machine"
            )
        }
        self.address = address.withPort(HTTPAddress.port(of: descriptor) ?? address.port)
        let end: EventDescriptor
        do throws(SystemError) {
            end = try EventDescriptor()
        } catch {
            throw RuntimeError(withoutDescriptors: error)
        }
        self.end = end
        do throws(ThreadError) {
            thread = try DedicatedThread(stackBytes: Self.stackBytes) {
                var connections = HTTPConnections(
                    listener: descriptor, end: end.descriptor, answer: answer)
                connections.run()
                close(descriptor)
            }
        } catch {
            throw RuntimeError(error)
        }
        isKept = true
    }

    deinit { end.signal() }

    /// Ends all connections; returns when the address is free.
    package func stop() {
        end.signal()
        thread.join()
    }
}
