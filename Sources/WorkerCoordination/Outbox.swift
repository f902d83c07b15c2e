package import ClusterProtocol
package import Digests
package import JobState
package import SpeechTypes

/// Numbered messages of a worker that are not known to be recorded, in the order of their numbers.
package struct Outbox: Sendable {
    /// What a numbered message says, without the session that it is said in.
    package enum Content: Sendable {
        case results([ResultRow])
        case failure(
            lease: Int, row: Int, digest: ShortDigest, FailureClass, FailureCode, detail: String)
        case release(lease: Int, ordinals: [Int], Release.Reason)
    }

    package struct Item: Sendable {
        package let number: Int
        package let content: Content
        package let bytes: Int
        /// In the present session; nil if not sent in it.
        package var sentAt: Instant?
    }

    private let linger: Duration
    private let rowsMax: Int
    package private(set) var items: [Item] = []
    package private(set) var nextNumber = 1
    /// Finished rows waiting for company.
    private var loose: [ResultRow] = []
    private var looseBytes = 0
    private var looseSince: Instant?
    /// Bytes of results in `items`.
    private var packedBytes = 0

    package init(linger: Duration, rowsMax: Int) {
        self.linger = linger
        self.rowsMax = rowsMax
    }

    package var isEmpty: Bool { items.isEmpty && loose.isEmpty }

    /// The lowest number that may still have to be sent.
    package var firstNumber: Int { items.first?.number ?? nextNumber }

    /// Bytes of results that are not known to be recorded, sent or not.
    package var bytes: Int { packedBytes + looseBytes }

    /// When loose rows are to be packed.
    package var packingDue: Instant? { looseSince.map { $0 + linger } }

    /// When the oldest message that was sent was sent.
    package var oldestSentAt: Instant? { items.first?.sentAt }

    // MARK: Filling

    package mutating func add(_ row: ResultRow, at now: Instant, frameBytesMax: Int) {
        // Meta of each row is counted generously.
        let bytes = row.record.count + row.features.count + 1_024
        if looseBytes + bytes > frameBytesMax / 4 { pack() }
        loose.append(row)
        looseBytes += bytes
        looseSince = looseSince ?? now
        if loose.count >= rowsMax { pack() }
    }

    /// Adds a message; rows that finished before go first.
    package mutating func add(_ content: Content) {
        pack()
        append(content, bytes: 0)
    }

    /// Packs loose rows whose time has come.
    package mutating func packIfDue(at now: Instant) {
        if let due = packingDue, now >= due { pack() }
    }

    /// Packs loose rows into one message.
    package mutating func pack() {
        guard !loose.isEmpty else { return }
        append(.results(loose), bytes: looseBytes)
        packedBytes += looseBytes
        loose = []
        looseBytes = 0
        looseSince = nil
    }

    private mutating func append(_ content: Content, bytes: Int) {
        items.append(Item(number: nextNumber, content: content, bytes: bytes))
        nextNumber += 1
    }

    // MARK: Emptying

    /// Everything is to be sent again.
    package mutating func forgetSending() {
        for index in items.indices { items[index].sentAt = nil }
    }

    /// The messages to send now, within the window; one is always allowed when nothing is on its
    /// way, whatever its size.
    package mutating func nextToSend(windowBytes: Int, at now: Instant) -> [Item] {
        var onTheirWay = items.reduce(0) { $1.sentAt == nil ? $0 : $0 + $1.bytes }
        var sendable: [Item] = []
        for index in items.indices where items[index].sentAt == nil {
            let bytes = items[index].bytes
            guard onTheirWay == 0 || bytes == 0 || onTheirWay + bytes <= windowBytes else { break }
            items[index].sentAt = now
            onTheirWay += bytes
            sendable.append(items[index])
        }
        return sendable
    }

    /// Forgets messages up to `number`.
    ///
    /// - Returns: the rows that ended with them.
    package mutating func acknowledge(through number: Int) -> [Int] {
        var ended: [Int] = []
        while let item = items.first, item.number <= number {
            items.removeFirst()
            packedBytes -= item.bytes
            switch item.content {
            case .results(let rows): ended += rows.map(\.ordinal)
            case .failure(_, let row, _, _, _, _): ended.append(row)
            case .release: break
            }
        }
        return ended
    }
}
