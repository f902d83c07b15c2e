internal import Digests
internal import Glibc
internal import SpeechTypes

/// An engine whose record is a hash of the row, and which does what the row says.
///
/// `"do":"kill"` ends the process as a crash would, `"fault"` as one that gives nobody time to say which row
/// it was; `"hang"` never returns; `"throw"` leaves the
/// engine unusable; `"missing"` and `"engine"` fail; `"slow"` takes a second. Everything else is
/// transcribed.
struct StandInEngine: RowTranscriber {
    /// How long a batch of up to four rows takes.
    let batchMilliseconds: Int
    /// Whether the job has features, which are a hash of the row as well.
    var hasFeatures = false
    /// Seconds of audio a second, by the rows' `duration`; nil where rows take what a batch takes.
    var speed: Int?
    /// A file that must be there before a worker ends a second span; nil for none.
    var gate: String?

    struct Unusable: Error {}

    func run(
        inbox: any RowInbox, progress: EngineProgress,
        emit: @escaping @Sendable (RowEvent) -> Void
    ) throws {
        var spans = 0
        while let first = inbox.next() {
            var batch = [first]
            while batch.count < 4, !first.isAlone, let next = inbox.nextIfAvailable() {
                batch.append(next)
                if next.isAlone { break }
            }
            if batch.contains(where: { Self.order(in: $0) == "fault" }) {
                signal(SIGSEGV, SIG_DFL)
                kill(getpid(), SIGSEGV)
            }
            emit(.started(batch.map(\.ordinal)))
            for row in batch where Self.order(in: row) == "kill at once" { abort() }
            // A killer dies in the middle of its batch, so that its neighbours are suspects too.
            let milliseconds =
                speed.map { speed in
                    batch.reduce(0) { $0 + Self.audioMilliseconds(of: $1) } / speed
                } ?? batchMilliseconds
            work(milliseconds: milliseconds / 2, progress)
            for row in batch where Self.order(in: row) == "kill" { abort() }
            work(milliseconds: milliseconds - milliseconds / 2, progress)
            for row in batch {
                if Self.order(in: row) == "slow" { work(milliseconds: 1_000, progress) }
                if Self.order(in: row) == "long" { work(milliseconds: 6_000, progress) }
                if case .span = row.part {
                    if spans > 0 { waitForGate(progress) }
                    spans += 1
                }
                emit(try outcome(of: row))
            }
        }
    }

    private func waitForGate(_ progress: EngineProgress) {
        guard let gate else { return }
        while access(gate, F_OK) != 0 { work(milliseconds: 50, progress) }
    }

    /// Takes its time, and makes a step now and then.
    private func work(milliseconds: Int, _ progress: EngineProgress) {
        for start in stride(from: 0, to: milliseconds, by: 50) {
            usleep(UInt32(min(50, milliseconds - start) * 1_000))
            progress.step()
        }
    }

    /// What becomes of a row.
    func outcome(of row: RowTask) throws -> RowEvent {
        switch Self.order(in: row) {
        case "throw": throw Unusable()
        case "hang": while true { sleep(1_000) }
        case "missing":
            return .failed(
                FailedRow(
                    ordinal: row.ordinal, failureClass: .input, code: .audioNotFound,
                    detail: "the row says so"))
        case "engine":
            return .failed(
                FailedRow(
                    ordinal: row.ordinal, failureClass: .engine, code: .quarantinedEngine,
                    detail: "the row says so"))
        default: break
        }
        let digest = SHA256Hasher.digest(of: row.raw)
        if case .span(let span) = row.part {
            return .finished(
                FinishedRow(
                    ordinal: row.ordinal, record: Self.bytes(of: span, digest),
                    audioDigest: digest.short.bytes,
                    audioSeconds: Double(Self.audioMilliseconds(of: row)) / 1_000))
        }
        if case .join(let pieces) = row.part, !Self.isWhole(pieces, digest) { throw Unusable() }
        let record =
            row.raw.dropLast()
            + ",\"pred_text\":\"\(digest.hex)\",\"status\":\"transcribed\"}".utf8
        return .finished(
            FinishedRow(
                ordinal: row.ordinal, record: Array(record), audioDigest: digest.short.bytes,
                audioSeconds: speed == nil ? 1 : Double(Self.seconds(of: row)),
                features: hasFeatures ? Array("{\"of\":\"\(digest.hex)\"}".utf8) : []))
    }

    // MARK: Spans

    /// What stands for a span of a row.
    private static func bytes(of span: RowSpan, _ digest: ContentDigest) -> [UInt8] {
        Array("span \(span.firstWindow) \(span.endWindow ?? -1) \(digest.hex)".utf8)
    }

    /// Whether these are all spans of the row, in their order.
    private static func isWhole(_ pieces: [[UInt8]], _ digest: ContentDigest) -> Bool {
        var next: Int? = 0
        for piece in pieces {
            let words = String(decoding: piece, as: UTF8.self).split(separator: " ")
            guard words.count == 4, words[3] == digest.hex, let first = next,
                words[1] == String(first), let end = Int(words[2])
            else { return false }
            next = end < 0 ? nil : end
        }
        return next == nil
    }

    /// Audio that is computed of a row.
    private static func audioMilliseconds(of row: RowTask) -> Int {
        let whole = 1_000 * seconds(of: row)
        guard case .span(let span) = row.part else { return row.isJoin ? 0 : whole }
        return min(span.endWindow.map { 30_000 * $0 } ?? whole, whole) - 30_000 * span.firstWindow
    }

    /// The row's `duration`.
    private static func seconds(of row: RowTask) -> Int {
        let text = String(decoding: row.raw, as: UTF8.self)
        let parts = text.split(separator: "\"duration\":", maxSplits: 1)
        return parts.count == 2 ? Int(parts[1].prefix { $0.isNumber }) ?? 0 : 0
    }

    /// What the row says is to be done; nil where it says nothing.
    private static func order(in row: RowTask) -> String? {
        row.raw.withUnsafeBytes { raw in
            let starts = 0..<max(0, raw.count - orderKey.count)
            guard
                let start = starts.first(where: {
                    raw[$0] == orderKey[0] && raw[$0...].starts(with: orderKey)
                })
            else {
                return nil
            }
            let rest = raw[(start + orderKey.count)...]
            return String(decoding: rest.prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
        }
    }

    private static let orderKey = Array("\"do\":\"".utf8)
}
