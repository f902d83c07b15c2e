internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import Glibc
internal import JobOutput
internal import Processes
internal import Testing
internal import Threading
internal import ZeroMQ

@Suite("A coordinator among hostile peers") struct HostilePeerTests {
    private static let rows = StandIn.rows(80)
    private static let undisturbed = Result { try GuardedJob.undisturbed(rows) }

    /// What a coordinator may grow by while it is attacked with ten times as much.
    private static let growthMax = 48 << 20

    /// Runs a job that is attacked before its worker comes; its output must not show it.
    private func besiege(_ attack: (GuardedJob, RunningProcess) throws -> Void) throws {
        let guarded = try GuardedJob(rows: Self.rows)
        let coordinator = try guarded.coordinate()
        let before = coordinator.residentBytes
        try attack(guarded, coordinator)
        #expect(coordinator.residentBytes - before < Self.growthMax)
        let worker = try guarded.work(slot: "host/0")
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        #expect(worker.waitForEnd() == .exited(0), "\(worker.errors)")
        #expect(guarded.job.outputText == (try Self.undisturbed.get()))
    }

    @Test("without a key, or with one for another coordinator, or unlisted, nothing gets in")
    func strangers() throws {
        try besiege { guarded, coordinator in
            let hello = MessageCodec.encode(Intruder.hello(slot: "intruder/0"))
            let plain = try TestPeer(nil, to: guarded.endpoint, key: guarded.coordinatorKey)
            #expect(try !plain.send(hello, withinMilliseconds: 500))

            let listed = try CurveKeyPair()
            try guarded.allow("listed", PublicKey(listed), .worker)
            let deceived = try TestPeer(
                listed, to: guarded.endpoint, key: PublicKey(try CurveKeyPair()))
            #expect(try deceived.sees(.handshakeFailed))
            #expect(try !deceived.send(hello, withinMilliseconds: 100))

            let keys = try CurveKeyPair()
            let unlisted = try TestPeer(keys, to: guarded.endpoint, key: guarded.coordinatorKey)
            #expect(try unlisted.sees(.refused))
            #expect(try !unlisted.send(hello, withinMilliseconds: 100))
            let advice = "scriptorium keys allow NAME \(try PublicKey(keys))"
            #expect(coordinator.wait { coordinator.errors.contains(advice) })
        }
    }

    @Test("garbage, endless commands and endless messages without a handshake end their connection")
    func garbage() throws {
        try besiege { guarded, _ in
            var chance = SeededGenerator(seed: 7)
            let megabyte = (0..<(1 << 20)).map { _ in UInt8.random(in: 0...255, using: &chance) }
            let openings: [[UInt8]] = [
                [], Array("GET / HTTP/1.1\r\n\r\n".utf8), TCPPeer.greeting("NULL"),
                TCPPeer.greeting("CURVE"), TCPPeer.greeting("PLAIN"),
                // A command of 2^63 bytes, and a frame of a message that never ends.
                TCPPeer.greeting("CURVE") + [6, 0x80, 0, 0, 0, 0, 0, 0, 0],
                TCPPeer.greeting("CURVE") + [3, 0, 0, 0, 0, 0, 0x10, 0, 0],
                TCPPeer.greeting("NULL") + [3, 0, 0, 0, 0, 0, 0x10, 0, 0],
            ]
            for (index, opening) in openings.enumerated() {
                let peer = try TCPPeer(port: guarded.port)
                var isOpen = peer.send(opening)
                // Half a gigabyte, were anybody to take it.
                for _ in 0..<512 where isOpen { isOpen = peer.send(megabyte) }
                #expect(!isOpen, "opening \(index)")
            }
        }
    }

    @Test("a frame above the limit ends its connection, though the key is allowed")
    func oversize() throws {
        try besiege { guarded, _ in
            let keys = try CurveKeyPair()
            try guarded.allow("big", PublicKey(keys), .worker)
            let peer = try guarded.admit(keys)
            #expect(try peer.send([UInt8](repeating: 1, count: 35 << 20)))
            #expect(try peer.sees(.disconnected))
        }
    }

    @Test("a recorded session that is played back opens no session")
    func replay() throws {
        try besiege { guarded, coordinator in
            let recorder = try Recorder(to: guarded.port)
            let victim = try guarded.work(
                slot: "victim/0", endpoint: "tcp://127.0.0.1:\(recorder.port)",
                batchMilliseconds: 5_000)
            let endpoint = try JobFolder.endpoint(ofOutput: guarded.job.output)
            let client = try OperatorClient(to: endpoint, security: .ipcOnly)
            #expect(coordinator.wait { (try? client.status())??.workersComputing == 1 })
            victim.send(SIGKILL)
            _ = victim.waitForEnd()
            let recorded = recorder.finish()
            #expect(recorded.count > 1_000)
            #expect(coordinator.wait { (try? client.status())??.workers == 0 })
            for _ in 0..<3 {
                let peer = try TCPPeer(port: guarded.port)
                _ = peer.send(recorded)
                #expect(peer.receiveToEnd() != nil, "the connection stays open")
                #expect(try client.status()?.workers == 0)
            }
        }
    }

    @Test("a worker whose key is not listed says what to type, and works once it is allowed")
    func allowedLater() throws {
        let guarded = try GuardedJob(rows: Self.rows)
        let coordinator = try guarded.coordinate()
        let (folder, key) = try guarded.newKeys("late-keys")
        let worker = try guarded.work(slot: "late/0", keys: folder)
        #expect(worker.wait { worker.errors.contains("scriptorium keys allow") })
        #expect(worker.errors.contains(key.hex))
        try guarded.allow("late", key, .worker)
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        #expect(worker.waitForEnd() == .exited(0), "\(worker.errors)")
        #expect(guarded.job.outputText == (try Self.undisturbed.get()))
    }

    @Test("revoking a key ends its session and gives its rows to others without blame")
    func revoked() throws {
        let guarded = try GuardedJob(rows: Self.rows)
        let coordinator = try guarded.coordinate()
        let traitor = try guarded.work(slot: "traitor/0", batchMilliseconds: 400)
        let endpoint = try JobFolder.endpoint(ofOutput: guarded.job.output)
        let client = try OperatorClient(to: endpoint, security: .ipcOnly)
        #expect(coordinator.wait { (try? client.status())??.workersComputing == 1 })
        try guarded.keys.revoke(GuardedJob.workerName)
        #expect(traitor.waitForEnd() == .exited(65), "\(traitor.errors)")
        #expect(traitor.errors.contains("key"), "\(traitor.errors)")
        let again = try guarded.work(slot: "traitor/0")
        #expect(again.wait { again.errors.contains("scriptorium keys allow") })
        again.send(SIGKILL)
        let (folder, key) = try guarded.newKeys("heir-keys")
        try guarded.allow("heir", key, .worker)
        let heir = try guarded.work(slot: "heir/0", keys: folder)
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        #expect(heir.waitForEnd() == .exited(0), "\(heir.errors)")
        #expect(guarded.job.outputText == (try Self.undisturbed.get()))
    }

    @Test("a worker's key cannot ask or steer, and an observer's cannot work")
    func roles() throws {
        try besiege { guarded, _ in
            func peer(_ role: PeerRole) throws -> TestPeer {
                let keys = try CurveKeyPair()
                try guarded.allow(role.rawValue, PublicKey(keys), role)
                return try guarded.admit(keys)
            }
            let worker = try peer(.worker)
            #expect(try worker.send(MessageCodec.encode(.statusRequest)))
            #expect(try worker.receive() == .coordinator(.refused(.forbidden)))
            let observer = try peer(.observer)
            #expect(try observer.send(MessageCodec.encode(.statusRequest)))
            guard case .statusReply(let status)? = try observer.receive() else {
                Issue.record("an observer got no status")
                return
            }
            #expect(status.rowsTotal == Self.rows.count)
            let hello = Intruder.hello(slot: "observer/0")
            #expect(try observer.send(MessageCodec.encode(hello)))
            guard case .coordinator(.rejected(let refusal))? = try observer.receive() else {
                Issue.record("an observer was not turned away")
                return
            }
            #expect(refusal.code == .forbidden)
        }
    }

    @Test("a peer that sends without pause is slowed down, not turned away, and the job goes on")
    func flood() throws {
        try besiege { guarded, _ in
            let keys = try CurveKeyPair()
            try guarded.allow("flood", PublicKey(keys), .worker)
            let peer = try guarded.admit(keys)
            #expect(try peer.send(MessageCodec.encode(Intruder.hello(slot: "flood/0"))))
            guard case .coordinator(.welcome(let welcome))? = try peer.receive() else {
                Issue.record("a worker with an allowed key was not welcome")
                return
            }
            let request = RequestWork(session: welcome.session, credit: .none)
            let bytes = MessageCodec.encode(.worker(.requestWork(request)))
            var sent = 0
            while sent < 30_000 {
                guard try peer.socket.send(bytes) == .queued else {
                    usleep(1_000)
                    continue
                }
                sent += 1
            }
            // Three times what is taken at once: some was dropped, and the session epochs.
            var isAnswered = false
            for number in 1...60 where !isAnswered {
                let beat = Heartbeat(
                    session: welcome.session, number: number, leases: [], inEngine: [],
                    progressAgeMilliseconds: 0, isWaitingForWindow: false, credit: .none)
                _ = try peer.send(MessageCodec.encode(.worker(.heartbeat(beat))))
                while case .coordinator(let answer)? = try peer.receive(withinMilliseconds: 200) {
                    if case .beat = answer { isAnswered = true }
                    if case .rejected(let refusal) = answer {
                        Issue.record("turned away: \(refusal.sentence)")
                        return
                    }
                }
            }
            #expect(isAnswered, "after \(sent) messages")
        }
    }
}
