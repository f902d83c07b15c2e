internal import ClusterRuntime
internal import Coordination
internal import Digests
internal import Foundation
internal import SpeechTypes

/// The lines of a file as the rows of a job, held in memory.
struct ListRows: JobRows {
    private let rows: [[UInt8]]
    private let order: [Int]
    let manifestDigest: ContentDigest

    init(file: String) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        rows = bytes.split(separator: 0x0A).map { Array($0) }
        let lengths = rows.map(\.count)
        order = rows.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
        manifestDigest = SHA256Hasher.digest(of: bytes)
    }

    var rowCount: Int { rows.count }
    func ordinal(atRank rank: Int) -> Int { order[rank] }
    func audioMilliseconds(of ordinal: Int) -> Int { 1_000 }
    func rawBytes(of ordinal: Int) -> Int { rows[ordinal].count }
    func rowDigest(of ordinal: Int) -> ShortDigest { SHA256Hasher.digest(of: rows[ordinal]).short }
    func raw(of ordinal: Int) -> [UInt8] { rows[ordinal] }

    func rejections(from ordinal: Int, max: Int) -> (rows: [PlanningRejection], next: Int?) {
        let end = min(rowCount, ordinal + max)
        let rejected = (ordinal..<end).filter { rows[$0].first != UInt8(ascii: "{") }
            .map { PlanningRejection(ordinal: $0, code: .manifestInvalidJSON) }
        return (rejected, end < rowCount ? end : nil)
    }

    func record(of ordinal: Int, failedWith code: FailureCode) -> [UInt8] {
        Array(
            "{\"row\":\(ordinal),\"status\":\"\(code.status)\",\"code\":\"\(code.rawValue)\"}".utf8)
    }
}
