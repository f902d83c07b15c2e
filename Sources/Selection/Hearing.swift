internal import Calibration
internal import Digests
internal import MeasuredRows
internal import Threading

/// Rows that wait to be heard, many at once, in the order of the output.
final class Hearing {
    struct Heard: Sendable {
        var ordinal: Int
        var reading: RowScorer.Reading?
        /// Nil where the recording could not be read.
        var fingerprint: [UInt32]?
    }

    private struct Waiting: Sendable {
        var row: MeasuredRow
        var reading: RowScorer.Reading?
    }

    private let audio: RowAudio
    private var waiting: [Waiting] = []
    private var hasher: SHA256Hasher? = SHA256Hasher()
    /// Of all fingerprints, in hexadecimal digits; nil before the end.
    private(set) var digest: String?
    private var heardCount = 0
    private var firstUnreadable: String?

    private static let rowsOfThread = 16

    init(_ audio: RowAudio) { self.audio = audio }

    /// So many rows keep all threads busy.
    var rowsAtOnce: Int { audio.threads * Self.rowsOfThread }

    func wait(_ row: MeasuredRow, _ reading: RowScorer.Reading?) {
        waiting.append(Waiting(row: row, reading: reading))
    }

    /// - Returns: what was heard of the rows that waited; nothing where fewer than `least` do.
    func hear(atLeast least: Int) -> [Heard] {
        guard waiting.count >= least else { return [] }
        let answers = ParallelMap.map(waiting, threads: audio.threads) { [audio] in
            audio.hear($0.row)
        }
        let heard = zip(waiting, answers).map { waiting, answer in
            var heard = Heard(ordinal: waiting.row.ordinal, reading: waiting.reading)
            switch answer {
            case .fingerprint(let fingerprint):
                heard.fingerprint = fingerprint
                heardCount += 1
            case .unreadable(let why):
                firstUnreadable =
                    firstUnreadable ?? "line \(waiting.row.lineNumber): \(why)"
            }
            add(heard)
            return heard
        }
        waiting.removeAll()
        return heard
    }

    private func add(_ heard: Heard) {
        var bytes: [UInt8] = []
        let items = heard.fingerprint ?? []
        for number in [UInt32(truncatingIfNeeded: heard.ordinal), UInt32(items.count)] + items {
            withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
        }
        hasher?.update(bytes)
    }

    /// Ends it.
    ///
    /// - Throws: if no recording could be read at all.
    func check() throws(CalibrationError) {
        if heardCount == 0, let firstUnreadable {
            throw CalibrationError(
                "no recording can be read, such as that of \(firstUnreadable); --audio-root names the "
                    + "folder of relative ones")
        }
        digest = hasher.take()?.finalize().hex
    }
}
