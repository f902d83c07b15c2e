internal import CZeroMQ

/// How sockets of the cluster behave; each value has a reason in docs/cluster-protocol.md.
package struct SocketOptions: Hashable, Sendable {
    /// Largest frame taken, in bytes: a longer one ends its connection before it is buffered.
    package var frameBytesMax = 34 << 20
    /// Messages queued for one peer; bytes are bounded by the protocol's windows.
    ///
    /// Large enough for a burst of small batches: with 16, messages of fast workers were dropped
    /// and sent again only ten seconds later.
    package var highWaterMark: Int32 = 1_024
    /// Messages of one peer that a router buffers before they are read: nothing is lost beyond, the
    /// connection is not read meanwhile and the rest waits at the sender.
    ///
    /// With ``frameBytesMax`` this is all that a peer can make the coordinator hold: half a GiB.
    package var arrivalsMax: Int32 = 16
    /// How long unsent messages of a closed socket are kept, in milliseconds.
    package var lingerMilliseconds: Int32 = 0
    /// Transport heartbeats: without them a cut cable is noticed after minutes or never.
    package var heartbeatMilliseconds: Int32 = 5_000
    /// Silence on the transport that ends a connection.
    package var heartbeatTimeoutMilliseconds: Int32 = 15_000
    /// A peer that does not finish its greeting is dropped.
    package var handshakeMilliseconds: Int32 = 3_000
    /// Connections waiting to be accepted: a whole fleet may come back at once.
    package var backlog: Int32 = 4_096
    /// An attempt to connect is given up and begun again.
    package var connectMilliseconds: Int32 = 5_000
    /// First and longest pause between attempts to connect.
    package var reconnectMilliseconds: ClosedRange<Int32> = 100...5_000

    package init() {}

    /// The options as libzmq names them, for one kind of socket.
    func settings(for kind: SocketKind) -> [(option: Int32, name: String, value: Int32)] {
        var settings: [(option: Int32, name: String, value: Int32)] = [
            (ZMQ_LINGER, "LINGER", lingerMilliseconds),
            (ZMQ_SNDHWM, "SNDHWM", highWaterMark),
            (ZMQ_RCVHWM, "RCVHWM", kind == .router ? arrivalsMax : highWaterMark),
            (ZMQ_HEARTBEAT_IVL, "HEARTBEAT_IVL", heartbeatMilliseconds),
            (ZMQ_HEARTBEAT_TIMEOUT, "HEARTBEAT_TIMEOUT", heartbeatTimeoutMilliseconds),
            (ZMQ_HEARTBEAT_TTL, "HEARTBEAT_TTL", heartbeatTimeoutMilliseconds),
            (ZMQ_HANDSHAKE_IVL, "HANDSHAKE_IVL", handshakeMilliseconds),
            (ZMQ_IPV6, "IPV6", 1),
            (ZMQ_TCP_KEEPALIVE, "TCP_KEEPALIVE", 1),
        ]
        switch kind {
        case .router:
            // Without it, messages that have no way to their peer vanish without a word.
            settings.append((ZMQ_ROUTER_MANDATORY, "ROUTER_MANDATORY", 1))
            settings.append((ZMQ_BACKLOG, "BACKLOG", backlog))
        case .dealer:
            // Nothing is queued for a connection that is not there yet.
            settings.append((ZMQ_IMMEDIATE, "IMMEDIATE", 1))
            settings.append((ZMQ_CONNECT_TIMEOUT, "CONNECT_TIMEOUT", connectMilliseconds))
            settings.append((ZMQ_RECONNECT_IVL, "RECONNECT_IVL", reconnectMilliseconds.lowerBound))
            settings.append(
                (ZMQ_RECONNECT_IVL_MAX, "RECONNECT_IVL_MAX", reconnectMilliseconds.upperBound))
        }
        return settings
    }
}

/// The two ends of the protocol.
package enum SocketKind: Hashable, Sendable {
    /// Many peers, each named by a routing id that the library chose.
    case router
    /// One peer.
    case dealer

    var number: Int32 {
        switch self {
        case .router: ZMQ_ROUTER
        case .dealer: ZMQ_DEALER
        }
    }
}
