internal import ClusterProtocol
internal import Coordination
internal import Digests
internal import JobState
internal import SpeechTypes
internal import Testing

/// Rows of equal length.
struct PlainPlan: RowPlan {
    let rowCount: Int
    var milliseconds = 10_000
    var duplicates = DuplicateRows()
    func ordinal(atRank rank: Int) -> Int { rank }
    func audioMilliseconds(of ordinal: Int) -> Int { milliseconds }
    /// Rows below 50 come from one place, the others from another.
    func source(of ordinal: Int) -> String { ordinal < 50 ? "near" : "far" }
    func rawBytes(of ordinal: Int) -> Int { 20 }
    func rowDigest(of ordinal: Int) -> ShortDigest { Samples.rowDigest(ordinal) }
    func record(of ordinal: Int, like record: [UInt8]) -> [UInt8]? {
        record == Array("unreadable".utf8) ? nil : record + Array(" for \(ordinal)".utf8)
    }
}

enum Samples {
    static func digest(_ text: String) -> ContentDigest {
        SHA256Hasher.digest(of: Array(text.utf8))
    }

    static func rowDigest(_ ordinal: Int) -> ShortDigest { digest("row \(ordinal)").short }

    static func identity(
        slot: String, instance: Int = 1, model: String = "model", arithmetic: String = "fp32/a",
        classes: [String] = ["fp32/a"], canary: String = "canary", engine: Int = 1
    ) -> WorkerIdentity {
        WorkerIdentity(
            slot: slot, instance: instanceName(instance), build: "test",
            modelDigest: digest(model), engineNumber: engine, arithmetic: arithmetic,
            arithmeticClasses: classes, canaryDigest: digest(canary), cores: 1,
            memoryBytes: 1 << 30, speed: 10_000)
    }

    static func instanceName(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    static func job(
        rows: Int, arithmetic: String = "auto", options: RecognitionOptions = RecognitionOptions()
    ) -> JobIdentity {
        JobIdentity(
            manifestDigest: digest("manifest"), rowCount: rows, options: options,
            modelDigest: digest("model"), engineNumber: 1, arithmetic: arithmetic)
    }
}

/// A coordinator on a table: events go in one by one, commits finish when told.
struct CoordinatorHarness {
    var coordinator: Coordinator
    var now = Instant(nanoseconds: 0)
    /// Entries that became durable.
    var journal: [JournalEntry] = []
    /// Everything that was said, with its peer.
    var said: [(message: CoordinatorMessage, peer: PeerID)] = []
    var grants: [(grant: LeaseGrant, peer: PeerID)] = []
    var compared: [DuplicateClaim] = []
    var answers: [OperatorAnswer] = []
    var isFinished = false
    var stop: StopReason?
    var openCommit: CommitBatch?
    /// Commits finish by themselves.
    var commits = true

    init(
        rows: Int, replay: ReplayState? = nil, arithmetic: String = "auto",
        limits: ClusterLimits = ClusterLimits(), duplicates: [(first: Int, duplicate: Int)] = [],
        rowMilliseconds: Int = 10_000, options: RecognitionOptions = RecognitionOptions()
    ) {
        var plan = PlainPlan(rowCount: rows, milliseconds: rowMilliseconds)
        plan.duplicates = DuplicateRows(
            duplicates.map { .init(first: UInt32($0.first), duplicate: UInt32($0.duplicate)) })
        coordinator = Coordinator(
            configuration: .init(
                identity: Samples.job(rows: rows, arithmetic: arithmetic, options: options),
                manifestFolder: "/data", limits: limits),
            plan: plan,
            replay: replay ?? ReplayState(epoch: 1, recorded: RowSet(rowCount: rows)),
            at: now)
    }

    static func peer(_ name: String) -> PeerID { PeerID(Array(name.utf8)) }

    mutating func handle(_ event: CoordinatorEvent) {
        for effect in coordinator.handle(event, at: now) {
            switch effect {
            case .send(let message, let peer): said.append((message, peer))
            case .sendLease(let grant, let peer): grants.append((grant, peer))
            case .sendStatus, .exportSnapshot: break
            case .answer(let answer, _): answers.append(answer)
            case .commit(let batch):
                precondition(openCommit == nil, "one commit at a time")
                openCommit = batch
                if commits { finishCommit() }
            case .compareDuplicate(let claim): compared.append(claim)
            case .finished: isFinished = true
            case .stopped(let reason): stop = reason
            }
        }
    }

    mutating func finishCommit() {
        guard let batch = openCommit else { return }
        openCommit = nil
        journal += batch.entries
        handle(.commitFinished(batch: batch.number))
    }

    /// Ends turns until all that was decided is done.
    mutating func turn(after delay: Duration = .milliseconds(30)) {
        now = now + delay
        for _ in 0..<3 {
            handle(.turnEnded)
            now = now + .milliseconds(25)
        }
    }

    mutating func send(_ message: WorkerMessage, from peer: String) {
        handle(.message(message, from: Self.peer(peer)))
    }

    // MARK: Workers in a few words

    /// Opens a session and asks for work.
    ///
    /// - Returns: the session; nil if there was no welcome.
    @discardableResult
    mutating func join(
        _ identity: WorkerIdentity, from peer: String, held: [HeldLease] = [],
        inEngine: [Int] = [], asks: Bool = true
    ) -> Int? {
        let before = said.count
        send(
            .hello(Hello(identity: identity, firstNumber: 1, held: held, inEngine: inEngine)),
            from: peer)
        turn()
        let welcome = said[before...].compactMap { item -> Welcome? in
            guard case .welcome(let welcome) = item.message, item.peer == Self.peer(peer) else {
                return nil
            }
            return welcome
        }.last
        guard let session = welcome?.session else { return nil }
        if asks {
            let credit = Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000)
            send(.requestWork(RequestWork(session: session, credit: credit)), from: peer)
            turn()
        }
        return session
    }

    /// As ``join(_:from:held:inEngine:asks:)``, where a welcome is expected.
    mutating func joined(
        _ identity: WorkerIdentity, from peer: String, held: [HeldLease] = [],
        inEngine: [Int] = [], asks: Bool = true
    ) throws -> Int {
        let session = join(identity, from: peer, held: held, inEngine: inEngine, asks: asks)
        return try #require(session, "no welcome for \(peer)")
    }

    func result(_ ordinal: Int, record: String? = nil, digestOf: Int? = nil) -> ResultRow {
        let record = Array((record ?? "record \(ordinal)").utf8)
        return ResultRow(
            ordinal: ordinal, rowDigest: Samples.rowDigest(digestOf ?? ordinal), record: record,
            recordCRC: CRC32C.checksum(of: record),
            recordDigest: SHA256Hasher.digest(of: record).short,
            audioDigest: Samples.rowDigest(0), audioMilliseconds: 9_000, warning: "")
    }

    mutating func finish(_ ordinals: [Int], number: Int, session: Int, from peer: String) {
        let rows = ordinals.map { result($0) }
        send(.results(Results(session: session, number: number, rows: rows)), from: peer)
    }

    mutating func fail(
        _ ordinal: Int, _ failureClass: FailureClass, _ code: FailureCode, number: Int,
        lease: Int, session: Int, from peer: String
    ) {
        send(
            .failure(
                Failure(
                    session: session, number: number, lease: lease, ordinal: ordinal,
                    rowDigest: Samples.rowDigest(ordinal), failureClass: failureClass, code: code,
                    detail: "test")), from: peer)
        turn()
    }

    /// The row's last outcome, unless it was taken back.
    func outcome(_ ordinal: Int) -> RowOutcome? {
        for entry in journal.reversed() {
            if case .outcome(let outcome) = entry, outcome.ordinal == ordinal { return outcome }
            if case .retried(let ordinals) = entry, ordinals.contains(ordinal) { return nil }
        }
        return nil
    }

    /// Commands what an operator may.
    ///
    /// - Returns: the answer, once what it says is durable.
    mutating func command(_ command: OperatorCommand) throws -> OperatorAnswer {
        let before = answers.count
        handle(.command(command, from: Self.peer("operator")))
        turn()
        return try #require(answers.count > before ? answers.last : nil, "no answer")
    }

    func recordedNumbers(for peer: String) -> [Int] {
        said.compactMap { item in
            guard case .recorded(let recorded) = item.message, item.peer == Self.peer(peer) else {
                return nil
            }
            return recorded.number
        }
    }

    func rejections(for peer: String) -> [Rejected] {
        said.compactMap { item in
            guard case .rejected(let rejected) = item.message, item.peer == Self.peer(peer) else {
                return nil
            }
            return rejected
        }
    }

    func grants(for peer: String) -> [LeaseGrant] {
        grants.filter { $0.peer == Self.peer(peer) }.map(\.grant)
    }
}
