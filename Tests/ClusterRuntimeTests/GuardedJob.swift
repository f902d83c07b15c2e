internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import Digests
internal import Foundation
internal import Glibc
internal import Processes
internal import ReservedPorts
internal import ZeroMQ

/// A job whose coordinator listens on tcp with keys.
final class GuardedJob {
    let job: StandIn
    private let reserved: ReservedPort
    var port: UInt16 { reserved.number }
    var endpoint: String { reserved.endpoint }
    let coordinatorKey: PublicKey
    /// Whose keys the coordinator lets in.
    let keys: KeyFolder
    private let workerKeys: KeyFolder

    static let workerName = "worker-1"

    /// One a process: ending a context with CURVE can harm another (libzmq 4.3.4).
    static let context = Result { try Context() }

    /// Coordinator and worker have keys; the worker's is allowed.
    init(rows: [String]) throws {
        job = try StandIn(rows: rows)
        reserved = try ReservedPort()
        keys = try KeyFolder("\(job.folder)/coordinator-keys")
        workerKeys = try KeyFolder("\(job.folder)/worker-keys")
        coordinatorKey = try keys.makeSecret()
        try allow(Self.workerName, try workerKeys.makeSecret(), .worker)
    }

    func allow(_ name: String, _ key: PublicKey, _ role: PeerRole) throws {
        try keys.allow(AllowList.Entry(name: name, role: role, key: key))
    }

    /// Starts the coordinator, and waits until it listens.
    func coordinate(workers: Int = 0) throws -> RunningProcess {
        let settings = StandIn.impatient.merging(["STANDIN_KEYS": keys.path]) { $1 }
        let coordinator = try job.coordinate(
            workers: workers, listen: endpoint, settings: settings)
        _ = coordinator.wait { coordinator.errors.contains("listening on") }
        return coordinator
    }

    /// Starts a worker.
    ///
    /// - Parameters:
    ///   - keys: its keys; those of the worker that is allowed by default.
    ///   - endpoint: where it connects, if not to the coordinator itself.
    func work(
        slot: String, keys: KeyFolder? = nil, endpoint: String? = nil, batchMilliseconds: Int = 2
    ) throws -> RunningProcess {
        try job.work(
            at: endpoint ?? self.endpoint, slot: slot, batchMilliseconds: batchMilliseconds,
            settings: StandIn.impatient.merging([
                "STANDIN_KEYS": (keys ?? workerKeys).path,
                "STANDIN_COORDINATOR": coordinatorKey.hex,
            ]) { $1 })
    }

    /// Starts a process with many sessions.
    func swarm(sessions: Int) throws -> RunningProcess {
        try job.swarm(
            at: endpoint, sessions: sessions,
            settings: [
                "STANDIN_KEYS": workerKeys.path, "STANDIN_COORDINATOR": coordinatorKey.hex,
            ])
    }

    /// Connects with keys that were allowed a moment ago.
    func admit(_ pair: CurveKeyPair) throws -> TestPeer {
        var peer = try TestPeer(pair, to: endpoint, key: coordinatorKey)
        for _ in 0..<20 {
            if try peer.sees(.connected, orElse: .refused) { break }
            usleep(200_000)
            peer = try TestPeer(pair, to: endpoint, key: coordinatorKey)
        }
        return peer
    }

    /// Keys of another machine.
    func newKeys(_ name: String) throws -> (folder: KeyFolder, key: PublicKey) {
        let folder = try KeyFolder("\(job.folder)/\(name)")
        return (folder, try folder.makeSecret())
    }

    /// What a coordinator that met no enemy writes for these rows.
    static func undisturbed(_ rows: [String]) throws -> String? {
        let job = try StandIn(rows: rows)
        _ = try job.coordinate(workers: 1).waitForEnd()
        return job.outputText
    }
}

/// A dealer in the hands of a test.
final class TestPeer {
    let socket: Socket
    private let monitor: ConnectionMonitor
    private(set) var changes: [ConnectionMonitor.Change] = []

    /// - Parameter keys: nil to speak in the clear.
    init(_ keys: CurveKeyPair?, to endpoint: String, key: PublicKey) throws {
        let context = try GuardedJob.context.get()
        var options = SocketOptions()
        options.frameBytesMax = 64 << 20
        socket = try Socket(
            .dealer, in: context, options: options,
            curve: keys.map { .client($0, server: key.bytes) })
        monitor = try ConnectionMonitor(of: socket, in: context)
        try socket.connect(endpoint)
    }

    /// Sends as soon as there is a connection; false if there was none in time.
    func send(_ bytes: [UInt8], withinMilliseconds: Int = 3_000) throws -> Bool {
        for _ in 0..<(withinMilliseconds / 10) {
            if try socket.send(bytes) == .queued { return true }
            try look(milliseconds: 10)
        }
        return false
    }

    /// The next message, or nil if none came in time.
    func receive(withinMilliseconds: Int = 3_000) throws -> ClusterMessage? {
        for _ in 0...(withinMilliseconds / 10) {
            if case .message(_, let body)? = try socket.receive() {
                return try MessageCodec.decode(body)
            }
            try look(milliseconds: withinMilliseconds > 0 ? 10 : 0)
        }
        return nil
    }

    /// Waits for a change of the connection; false if another came, or it did not come in time.
    func sees(
        _ change: ConnectionMonitor.Change, orElse other: ConnectionMonitor.Change? = nil
    ) throws -> Bool {
        for _ in 0..<500 {
            if changes.contains(change) { return true }
            if let other, changes.contains(other) { return false }
            try look(milliseconds: 10)
        }
        return false
    }

    private func look(milliseconds: Int) throws {
        try Poller.wait(for: [.socket(socket), .monitor(monitor)], milliseconds: milliseconds)
        while let change = try monitor.next() { changes.append(change) }
    }
}

extension PublicKey {
    init(_ pair: CurveKeyPair) throws {
        guard let key = PublicKey(hex: Hexadecimal.text(pair.publicKey)) else {
            throw RuntimeError(.system, "a public key has 32 bytes")
        }
        self = key
    }
}

/// A plain TCP connection.
final class TCPPeer {
    let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, status == 0 else {
            throw RuntimeError(.system, "connect: \(String(cString: strerror(errno)))")
        }
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
    }

    deinit { close(descriptor) }

    /// False once the other side has closed, or takes nothing for five seconds.
    func send(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start,
                    Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            start += count
        }
        return true
    }

    /// Everything until the other side closes; nil if it does not within five seconds of silence.
    func receiveToEnd() -> [UInt8]? {
        var all: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count == 0 || (count < 0 && errno == ECONNRESET) { return all }
            if count < 0 { return nil }
            all += bytes[..<count]
        }
    }

    /// ZMTP's greeting with a mechanism, as a client would send it.
    static func greeting(_ mechanism: String) -> [UInt8] {
        let name = Array(mechanism.utf8)
        return [0xff] + [UInt8](repeating: 0, count: 8) + [0x7f, 3, 0] + name
            + [UInt8](repeating: 0, count: 20 - name.count + 32)
    }
}

extension RunningProcess {
    /// Memory in use, in bytes.
    var residentBytes: Int {
        let text = (try? String(contentsOfFile: "/proc/\(identifier)/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(getpagesize())
    }
}
