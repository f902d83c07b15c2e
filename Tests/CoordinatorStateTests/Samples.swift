internal import Digests
internal import JobState
internal import SpeechTypes

/// Rows of given lengths; row `n` is `n`th in the order of work.
struct PlainPlan: RowPlan {
    let milliseconds: [Int]

    var rowCount: Int { milliseconds.count }
    func ordinal(atRank rank: Int) -> Int { rank }
    func audioMilliseconds(of ordinal: Int) -> Int { milliseconds[ordinal] }
    func rawBytes(of ordinal: Int) -> Int { 20 }
    func source(of ordinal: Int) -> String { "source" }
    func rowDigest(of ordinal: Int) -> ShortDigest {
        SHA256Hasher.digest(of: [UInt8(ordinal)]).short
    }
}

/// Seconds from the beginning.
func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }
