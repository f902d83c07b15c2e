package import Digests
internal import JobState
package import SpeechTypes

/// What a simulated engine meets in a row.
package enum RowBehavior: Hashable, Sendable {
    case good
    /// No such file, wherever one looks.
    case missing
    /// No such file on one host, whose mount is missing.
    case missingOnHost(Int)
    /// The engine fails on it everywhere.
    case failsEngine
    /// The engine fails on it in one slot.
    case failsEngineOnSlot(Int)
    /// The process dies of it.
    case poison
    /// The process dies of it before a word of it has left.
    case poisonsAtOnce
    /// The engine stands still for ever.
    case hangs
    /// Fits only workers with at least so many bytes of memory.
    case large(Int)
    /// The worker in one slot fails itself.
    case workerFails(Int)
    /// The manifest line is unusable.
    case invalid
}

/// The rows of a simulated job, and the order to work on them.
package struct SimulatedInput: RowPlan {
    package let behaviors: [RowBehavior]
    private let milliseconds: [Int]
    private let sources: [Int]
    private let ranks: [Int]
    private let digests: [ShortDigest]

    /// - Parameter sources: where each row's audio comes from; one place for all if empty.
    package init(behaviors: [RowBehavior], audioMilliseconds: [Int], sources: [Int] = []) {
        precondition(behaviors.count == audioMilliseconds.count)
        self.behaviors = behaviors
        self.sources = sources
        milliseconds = audioMilliseconds
        ranks = behaviors.indices.sorted {
            (audioMilliseconds[$1], $0) < (audioMilliseconds[$0], $1)
        }
        digests = behaviors.indices.map { SHA256Hasher.digest(of: Self.raw(of: $0)).short }
    }

    package var rowCount: Int { behaviors.count }
    package func ordinal(atRank rank: Int) -> Int { ranks[rank] }
    package func audioMilliseconds(of ordinal: Int) -> Int { milliseconds[ordinal] }
    package func rawBytes(of ordinal: Int) -> Int { Self.raw(of: ordinal).count }
    package func source(of ordinal: Int) -> String { "source-\(sourceNumber(of: ordinal))" }
    func sourceNumber(of ordinal: Int) -> Int { sources.isEmpty ? 0 : sources[ordinal] }
    package func rowDigest(of ordinal: Int) -> ShortDigest { digests[ordinal] }

    /// The manifest line.
    package static func raw(of ordinal: Int) -> [UInt8] {
        Array("{\"audio_filepath\":\"\(ordinal).wav\"}".utf8)
    }

    /// The record that any engine gives for the row: a function of the row alone.
    package static func record(of raw: [UInt8]) -> [UInt8] {
        var record = raw
        record.removeLast()
        return record + Array(",\"pred_text\":\"\(raw.count)\",\"status\":\"transcribed\"}".utf8)
    }

    /// The features that any engine gives for the row.
    package static func features(of raw: [UInt8]) -> [UInt8] {
        Array("{\"of\":\"\(SHA256Hasher.digest(of: raw).hex)\"}".utf8)
    }

    package static let invalidCode = FailureCode.manifestInvalidJSON
    package static let missingCode = FailureCode.audioNotFound
}

extension RowBehavior {
    /// Workers that touch the row are lost.
    package var isPoison: Bool { self == .poison || self == .poisonsAtOnce || self == .hangs }
}
