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

    /// The row of a task, which may be a span's and have another ordinal.
    static func row(of task: RowTask) -> Int {
        let digits = task.raw.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self)) ?? 0
    }

    /// What any engine gives for a span of the row.
    static func part(_ span: RowSpan, of raw: [UInt8]) -> [UInt8] {
        Array("part \(span.firstWindow) \(span.endWindow ?? -1) ".utf8) + raw
    }

    /// The record that any engine makes of the row's spans.
    static func record(of raw: [UInt8], joining pieces: [[UInt8]]) -> [UInt8] {
        var next: Int? = 0
        for piece in pieces {
            let words = piece.split(separator: UInt8(ascii: " "), maxSplits: 3)
            let numbers = words.dropFirst().prefix(2).compactMap {
                Int(String(decoding: $0, as: UTF8.self))
            }
            guard words.count == 4, words[3].elementsEqual(raw), numbers.count == 2,
                numbers[0] == next
            else { return Array("{\"spans\":\"of other rows\"}".utf8) }
            next = numbers[1] < 0 ? nil : numbers[1]
        }
        return next == nil ? record(of: raw) : Array("{\"spans\":\"too few\"}".utf8)
    }

    /// The audio of a task: of its row, or of its span; none of a row that is joined.
    func audioMilliseconds(of task: RowTask) -> Int {
        let whole = milliseconds[Self.row(of: task)]
        switch task.part {
        case nil: return whole
        case .join: return 0
        case .span(let span):
            let end = span.endWindow.map { $0 * 30_000 } ?? whole
            return max(0, min(end, whole) - span.firstWindow * 30_000)
        }
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
