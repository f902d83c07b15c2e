internal import ClusterProtocol
internal import ClusterSecurity
internal import Coordination
internal import JobState
internal import Logging
internal import Processes
internal import ZeroMQ

/// The coordinator's sockets: one for this machine and one for the network, who may come in
/// through them, what they may do, and how fast.
///
/// Belongs to the coordinator's thread.
final class PeerListener {
    /// What has come in.
    enum Arrival {
        case message([UInt8], from: PeerID, roles: Set<PeerRole>)
        /// Not one frame.
        case malformed(ProtocolError, from: PeerID)
        /// Of a peer that may not do anything (any more).
        case forbidden(PeerID)
        /// One of too many.
        case dropped
    }

    /// Where the coordinator listens, with ports that were chosen.
    private(set) var endpoints: [String] = []

    private let local: Socket
    private let network: Socket?
    private let authenticator: Authenticator?
    private let limits: ClusterLimits
    private let logger: Logger
    /// Nil where anybody on the network may work: in the clear, as was asked.
    private var allowed: AllowList?
    private var rates: [PeerID: MessageRate] = [:]
    private var nextSweep: Instant
    private var isNetworkNext = false
    private var unknownKeys: Set<String> = []
    /// What names the folder of keys on a command line.
    private let keysOption: String

    /// Handshakes answered in one turn.
    private static let handshakesMax = 256
    /// Unknown keys that are told of: people can use the first few, not a flood of them.
    private static let unknownKeysToldMax = 20
    /// A peer that said nothing for so long has no session: its pace is forgotten.
    private static let sweepInterval = Duration.seconds(60)

    /// Listens on all endpoints.
    init(
        _ settings: CoordinatorService.Settings, in context: Context, at now: Instant
    ) throws {
        limits = settings.limits
        logger = settings.logger
        nextSweep = now + Self.sweepInterval
        local = try Socket(.router, in: context)
        var curve: CurveRole?
        if case .curve(let folder) = settings.security {
            // Before anybody can connect.
            let authenticator = try Authenticator(in: context)
            self.authenticator = authenticator
            allowed = try folder.allowList()
            keysOption = folder.option
            curve = .server(try folder.keyPair(), judge: authenticator)
        } else {
            authenticator = nil
            keysOption = ""
        }
        let isNeeded = settings.endpoints.contains { !$0.hasPrefix("ipc:") }
        network = isNeeded ? try Socket(.router, in: context, curve: curve) : nil
        for endpoint in settings.endpoints {
            let socket = endpoint.hasPrefix("ipc:") ? local : network ?? local
            endpoints.append(try socket.bind(endpoint))
        }
    }

    /// What becomes readable when there is something to do.
    var sources: [Poller.Source] {
        var sources = [Poller.Source.socket(local)]
        if let network { sources.append(.socket(network)) }
        if let authenticator { sources.append(.authenticator(authenticator)) }
        return sources
    }

    // MARK: Coming in

    /// Judges those who want to come in.
    func answerHandshakes() throws {
        guard let authenticator, let allowed else { return }
        try authenticator.answer(atMost: Self.handshakesMax) { request in
            guard let key = PublicKey(bytes: request.key) else { return nil }
            if !allowed.roles(of: key.hex).isEmpty { return key.hex }
            tellOfUnknownKey(key.hex, request.address)
            return nil
        }
    }

    /// The next message; nil if none has arrived.
    func receive(at now: Instant) throws -> Arrival? {
        if now >= nextSweep {
            nextSweep = now + Self.sweepInterval
            rates = rates.filter { now - $0.value.last < Self.sweepInterval }
        }
        // By turns, so that neither socket's peers wait for the other's.
        for _ in 0..<2 {
            isNetworkNext.toggle()
            if let socket = isNetworkNext ? network : local, let arrival = try socket.receive() {
                return judge(arrival, isNetwork: isNetworkNext, at: now)
            }
        }
        return nil
    }

    private func judge(_ arrival: Socket.Arrival, isNetwork: Bool, at now: Instant) -> Arrival {
        let (sender, body): (Socket.Peer, [UInt8]?) =
            switch arrival {
            case .message(let peer, let body): (peer, body)
            case .malformed(let peer): (peer, nil)
            }
        let peer = PeerID(sender, isNetwork: isNetwork)
        switch rates[peer, default: MessageRate(limits, at: now)].admit(limits, at: now) {
        case .taken: break
        case .dropped(let isFirst):
            if isFirst { tellOfFlood(of: peer) }
            return .dropped
        }
        let roles = roles(of: sender.user, isNetwork: isNetwork)
        guard !roles.isEmpty else { return .forbidden(peer) }
        guard let body else {
            return .malformed(ProtocolError(.header, "a message has one frame"), from: peer)
        }
        return .message(body, from: peer, roles: roles)
    }

    private func tellOfFlood(of peer: PeerID) {
        let name = peer.user.isEmpty ? "a worker" : "the worker with the key \(peer.user)"
        logger.tell(
            .warning,
            "\(name) sends more than \(limits.messagesPerSecondMax) messages a second; what is beyond "
                + "is dropped, and it sends again what matters",
            metadata: ["peer": "\(peer.user)"])
    }

    private func roles(of user: String, isNetwork: Bool) -> Set<PeerRole> {
        // The socket lies in a folder of the user's own.
        guard isNetwork else { return Set(PeerRole.allCases) }
        return allowed?.roles(of: user) ?? [.worker, .observer]
    }

    // MARK: Allowed keys

    /// Replaces the list of keys.
    ///
    /// - Returns: peers that may not work any more.
    func allow(_ list: AllowList) -> [PeerID] {
        guard let former = allowed, former != list else { return [] }
        allowed = list
        unknownKeys = []
        return rates.keys.filter { peer in
            peer.isNetwork && former.roles(of: peer.user).contains(.worker)
                && !list.roles(of: peer.user).contains(.worker)
        }
    }

    private func tellOfUnknownKey(_ key: String, _ address: String) {
        guard unknownKeys.count < Self.unknownKeysToldMax, unknownKeys.insert(key).inserted else {
            return
        }
        logger.tell(
            .warning,
            "turned away the key \(key), which came from \(address); to let it work, type "
                + "scriptorium keys allow NAME \(key)\(keysOption)",
            metadata: ["peer": "\(key)", "address": "\(address)"])
    }

    // MARK: Going out

    /// Hands a message to the network; dropped if the peer cannot take it.
    func send(_ message: ClusterMessage, to peer: PeerID) throws {
        let socket = peer.isNetwork ? network : local
        _ = try socket?.send(MessageCodec.encode(message), to: peer.route)
    }

    /// How long the last messages may take to leave.
    func setLinger(milliseconds: Int32) throws {
        try local.setLinger(milliseconds: milliseconds)
        try network?.setLinger(milliseconds: milliseconds)
    }
}

/// A peer is the socket that it came through, its key and its routing id, so that no session can
/// be spoken for with another key.
extension PeerID {
    fileprivate init(_ peer: Socket.Peer, isNetwork: Bool) {
        // A key has 64 digits, or there is none.
        let user = Array(peer.user.utf8)
        self.init([isNetwork ? 1 : 0, UInt8(user.count)] + user + peer.route)
    }

    fileprivate var isNetwork: Bool { bytes[0] == 1 }
    fileprivate var user: String { String(decoding: bytes[2..<(2 + Int(bytes[1]))], as: UTF8.self) }
    fileprivate var route: [UInt8] { Array(bytes[(2 + Int(bytes[1]))...]) }
}
