internal import Coordination
internal import Digests
internal import Foundation
internal import GRDB
internal import SpeechTypes

/// A row of the table `outcome`, and the checksum that says whether it is what was written.
///
/// Read value by value, because a damaged page may hold values of any type.
struct StoredOutcome: Hashable {
    typealias Value = DatabaseValue.Storage

    var ordinal: Int
    let status: RowStatus
    let code: FailureCode?
    let recordCRC: UInt32
    let recordDigest: [UInt8]?
    let rowDigest: [UInt8]
    let audioDigest: [UInt8]?
    let audioMilliseconds: Int
    let slot: String
    let lease: Int
    let detail: String

    /// In the order of ``values``.
    static let columns = """
        ordinal, status, code, record_crc, record_digest, row_digest, audio_digest, audio_ms, slot, \
        lease, detail, checksum
        """
    static let columnCount = 12
    static let insertion =
        "INSERT OR IGNORE INTO outcome (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

    init(_ outcome: RowOutcome) {
        ordinal = outcome.ordinal
        status = outcome.status
        code = outcome.code
        recordCRC = outcome.recordCRC
        recordDigest = outcome.recordDigest?.bytes
        rowDigest = outcome.rowDigest.bytes
        audioDigest = outcome.audioDigest?.bytes
        audioMilliseconds = outcome.audioMilliseconds
        // SQLite's texts end at a zero byte.
        slot = outcome.slot.replacing("\0", with: " ")
        lease = outcome.lease
        detail = outcome.detail.replacing("\0", with: " ")
    }

    /// Reads a row; nil if its checksum does not hold, or no version of this program wrote it.
    init?(_ values: some RandomAccessCollection<Value>) {
        let values = Array(values)
        guard values.count == Self.columnCount, let ordinal = Self.integer(values[0]),
            let status = Self.text(values[1]).flatMap({ RowStatus(rawValue: $0) }),
            let recordCRC = Self.integer(values[3]).flatMap({ UInt32(exactly: $0) }),
            let recordDigest = Self.optionalBytes(values[4]), let rowDigest = Self.bytes(values[5]),
            let audioDigest = Self.optionalBytes(values[6]),
            let audioMilliseconds = Self.integer(values[7]), let slot = Self.text(values[8]),
            let lease = Self.integer(values[9]), let detail = Self.text(values[10]),
            let checksum = Self.integer(values[11])
        else { return nil }
        if case .null = values[2] {
            code = nil
        } else {
            guard let code = Self.text(values[2]).flatMap({ FailureCode(rawValue: $0) }) else {
                return nil
            }
            self.code = code
        }
        self.ordinal = ordinal
        self.status = status
        self.recordCRC = recordCRC
        self.recordDigest = recordDigest
        self.rowDigest = rowDigest
        self.audioDigest = audioDigest
        self.audioMilliseconds = audioMilliseconds
        self.slot = slot
        self.lease = lease
        self.detail = detail
        guard checksum == Int(self.checksum), rowDigest.count == 16,
            audioDigest.map({ $0.count == 16 }) ?? true,
            (status == .transcribed) == (code == nil),
            (status == .transcribed) == (recordDigest?.count == 16)
        else { return nil }
    }

    /// What the row's columns hold.
    var values: [(any DatabaseValueConvertible)?] {
        [
            ordinal, status.rawValue, code?.rawValue, recordCRC, recordDigest?.data, rowDigest.data,
            audioDigest?.data, audioMilliseconds, slot, lease, detail, checksum,
        ]
    }

    /// Whether `record` is the record that this outcome was found with.
    func isOutcome(of record: [UInt8]?) -> Bool {
        guard let record else { return status != .transcribed }
        return status == .transcribed && CRC32C.checksum(of: record) == recordCRC
            && SHA256Hasher.digest(of: record).short.bytes == recordDigest
    }

    /// CRC-32C over all columns but itself, each with its length before it.
    private var checksum: UInt32 {
        var bytes: [UInt8] = []
        func add(_ field: some Collection<UInt8>) {
            withUnsafeBytes(of: Int64(field.count).littleEndian) { bytes += $0 }
            bytes += field
        }
        for number in [ordinal, Int(recordCRC), audioMilliseconds, lease] {
            withUnsafeBytes(of: Int64(number).littleEndian) { bytes += $0 }
        }
        for text in [status.rawValue, code?.rawValue ?? "", slot, detail] { add(text.utf8) }
        for digest in [recordDigest, rowDigest, audioDigest] { add(digest ?? []) }
        return CRC32C.checksum(of: bytes)
    }

    // MARK: Values of any type

    static func integer(_ value: Value) -> Int? {
        if case .int64(let number) = value { Int(number) } else { nil }
    }

    static func text(_ value: Value) -> String? {
        if case .string(let text) = value { text } else { nil }
    }

    static func bytes(_ value: Value) -> [UInt8]? {
        if case .blob(let data) = value { Array(data) } else { nil }
    }

    /// NULL as `.some(nil)`; nil for what is neither NULL nor bytes.
    private static func optionalBytes(_ value: Value) -> [UInt8]?? {
        if case .null = value { .some(nil) } else { bytes(value).map { .some($0) } }
    }
}

extension Row {
    /// The columns' values, whatever their types are.
    var storages: [DatabaseValue.Storage] { databaseValues.map(\.storage) }
}
