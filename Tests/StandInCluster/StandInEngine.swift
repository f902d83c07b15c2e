internal import Digests
internal import Glibc
internal import SpeechTypes

/// An engine whose record is a hash of the row, and which does what the row says.
///
/// `"do":"kill"` ends the process as a crash would; `"hang"` never returns; `"throw"` leaves the
/// engine unusable; `"missing"` and `"engine"` fail; `"slow"` takes a second. Everything else is
/// transcribed.
struct StandInEngine: RowTranscriber {
    /// How long a batch of up to four rows takes.
    let batchMilliseconds: Int

    struct Unusable: Error {}

    func run(inbox: any RowInbox, emit: @escaping @Sendable (RowEvent) -> Void) throws {
        while let first = inbox.next() {
            var batch = [first]
            while batch.count < 4, !first.isAlone, let next = inbox.nextIfAvailable() {
                batch.append(next)
                if next.isAlone { break }
            }
            emit(.started(batch.map(\.ordinal)))
            // A killer dies in the middle of its batch, so that its neighbours are suspects too.
            usleep(UInt32(batchMilliseconds * 500))
            for row in batch where text(row).contains("\"do\":\"kill\"") { abort() }
            usleep(UInt32(batchMilliseconds * 500))
            for row in batch { emit(try outcome(of: row)) }
        }
    }

    private func outcome(of row: RowTask) throws -> RowEvent {
        let text = text(row)
        if text.contains("\"do\":\"throw\"") { throw Unusable() }
        if text.contains("\"do\":\"hang\"") { while true { sleep(1_000) } }
        if text.contains("\"do\":\"slow\"") { sleep(1) }
        if text.contains("\"do\":\"missing\"") {
            return .failed(
                FailedRow(
                    ordinal: row.ordinal, failureClass: .input, code: .audioNotFound,
                    detail: "the row says so"))
        }
        if text.contains("\"do\":\"engine\"") {
            return .failed(
                FailedRow(
                    ordinal: row.ordinal, failureClass: .engine, code: .quarantinedEngine,
                    detail: "the row says so"))
        }
        let digest = SHA256Hasher.digest(of: row.raw)
        let record =
            text.dropLast() + ",\"pred_text\":\"\(digest.hex)\",\"status\":\"transcribed\"}"
        return .finished(
            FinishedRow(
                ordinal: row.ordinal, record: Array(record.utf8), audioDigest: digest.short.bytes,
                audioSeconds: 1))
    }

    private func text(_ row: RowTask) -> String { String(decoding: row.raw, as: UTF8.self) }
}
