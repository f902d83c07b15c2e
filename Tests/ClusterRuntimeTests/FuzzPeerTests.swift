internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import Foundation
internal import Glibc
internal import Processes
internal import Testing
internal import ZeroMQ

/// Longer with `make fuzz` and `make hostile`, which set what these variables say.
private enum Long {
    static func count(_ name: String, otherwise count: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? count
    }
}

@Suite("Fuzzing a coordinator with an allowed key") struct FuzzPeerTests {
    private static let rows = StandIn.rows(80)

    @Test("mutated and impossible messages of an allowed key change no record", arguments: [1, 2])
    func authenticated(seed: UInt64) throws {
        let frames = Long.count("SCRIPTORIUM_FUZZ_RUNS", otherwise: 3_000)
        let guarded = try GuardedJob(rows: Self.rows)
        let keys = try CurveKeyPair()
        try guarded.allow("intruder", PublicKey(keys), .worker)
        let coordinator = try guarded.coordinate()
        let before = coordinator.residentBytes
        // Rows are leased while the intruder is at work.
        let first = try guarded.work(slot: "host/0", batchMilliseconds: 300)
        var intruder = Intruder(seed: seed)
        var peer = try TestPeer(keys, to: guarded.endpoint, key: guarded.coordinatorKey)
        var answers: [MessageKind: Int] = [:]
        for index in 0..<frames where coordinator.isRunning {
            // A connection may send only so much before its pace is limited.
            if index > 0, index % 5_000 == 0 {
                peer = try TestPeer(keys, to: guarded.endpoint, key: guarded.coordinatorKey)
            }
            let frame =
                index % 50 == 0
                ? MessageCodec.encode(Intruder.hello(slot: "intruder/0")) : intruder.frame()
            #expect(try peer.send(frame), "seed \(seed), frame \(index)")
            while let answer = try peer.receive(withinMilliseconds: index % 50 == 0 ? 100 : 0) {
                answers[answer.kind, default: 0] += 1
                if case .coordinator(.welcome(let welcome)) = answer {
                    intruder.session = welcome.session
                    break
                }
            }
        }
        // It was heard, and turned away, many times.
        for kind in [MessageKind.welcome, .refused, .rejected, .unknownSession] {
            #expect(answers[kind] ?? 0 > 0, "seed \(seed): \(answers)")
        }
        #expect(coordinator.residentBytes - before < 48 << 20)
        let second = try guarded.work(slot: "host/1")
        #expect(coordinator.waitForEnd() == .exited(0), "seed \(seed): \(coordinator.errors)")
        for worker in [first, second] {
            #expect(worker.waitForEnd() == .exited(0), "seed \(seed): \(worker.errors)")
        }
        #expect(guarded.job.outputText == (try GuardedJob.undisturbed(Self.rows)), "seed \(seed)")
    }
}

@Suite("Idle peers without a known key") struct IdleStrangerTests {
    @Test("workers get in and the job goes on while strangers connect and say nothing")
    func idle() throws {
        let strangers = Long.count("SCRIPTORIUM_STRANGERS", otherwise: 200)
        let isMeasured = strangers >= 2_000
        let rows = StandIn.rows(isMeasured ? 40_000 : 400)
        let alone = try rowsPerSecond(rows, strangers: 0)
        let among = try rowsPerSecond(rows, strangers: strangers)
        #expect(alone.output == among.output)
        print(
            "rows a second: \(Int(alone.speed)) alone, "
                + "\(Int(among.speed)) among \(strangers) idle strangers")
        // Only where it is long enough to be a measurement.
        if isMeasured { #expect(among.speed >= 0.9 * alone.speed) }
    }

    private func rowsPerSecond(
        _ rows: [String], strangers: Int
    ) throws -> (speed: Double, output: String?) {
        let guarded = try GuardedJob(rows: rows)
        let coordinator = try guarded.coordinate()
        var idle: [TCPPeer] = []
        for _ in 0..<strangers { idle.append(try TCPPeer(port: guarded.port)) }
        let began = Date()
        let workers = try (0..<2).map { try guarded.work(slot: "host/\($0)", batchMilliseconds: 4) }
        // Those that the handshake's time limit dropped come again at once.
        while coordinator.isRunning {
            for index in idle.indices where try hasClosed(idle[index]) {
                idle[index] = try TCPPeer(port: guarded.port)
            }
            usleep(50_000)
        }
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        let seconds = Date().timeIntervalSince(began)
        for worker in workers { #expect(worker.waitForEnd() == .exited(0), "\(worker.errors)") }
        return (Double(rows.count) / seconds, guarded.job.outputText)
    }

    private func hasClosed(_ peer: TCPPeer) throws -> Bool {
        var byte: UInt8 = 0
        let count = recv(peer.descriptor, &byte, 1, Int32(MSG_DONTWAIT | MSG_PEEK))
        return count == 0 || (count < 0 && errno != EAGAIN)
    }
}
