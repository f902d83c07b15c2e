internal import Digests
internal import JobState
internal import SpeechTypes

/// A row of the table `outcome`, and the checksum that says whether it is what was written.
///
/// Read value by value, because a damaged page may hold values of any type.
struct StoredOutcome: Hashable {
    var ordinal: Int
    let status: RowStatus
    let code: FailureCode?
    let recordCRC: UInt32
    let recordDigest: ShortDigest?
    let rowDigest: ShortDigest
    let audioDigest: ShortDigest?
    let audioMilliseconds: Int
    let slot: String
    let lease: Int
    /// With what follows ``objectMark``.
    let detail: String

    /// In the order of ``insert(_:)``.
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
        recordDigest = outcome.recordDigest
        rowDigest = outcome.rowDigest
        audioDigest = outcome.audioDigest
        audioMilliseconds = outcome.audioMilliseconds
        slot = Self.withoutZeroBytes(outcome.slot)
        lease = outcome.lease
        var detail = Self.plain(outcome.detail)
        if !outcome.object.isEmpty {
            detail += "\(Self.objectMark)\(Self.plain(outcome.object))"
        }
        self.detail = detail
    }

    /// Stands between the text of a detail and the object that the row's audio was fetched from, where there is one: of
    /// most jobs no row has any, and their journals are as they always were.
    static let objectMark: Character = "\u{1F}"

    /// The object that the row's audio was fetched from; empty for files.
    var object: String {
        detail.firstIndex(of: Self.objectMark).map { String(detail[$0...].dropFirst()) } ?? ""
    }

    private static func plain(_ text: String) -> String {
        withoutZeroBytes(text).replacing("\(objectMark)", with: " ")
    }

    /// SQLite's texts end at a zero byte.
    private static func withoutZeroBytes(_ text: String) -> String {
        text.utf8.contains(0) ? text.replacing("\0", with: " ") : text
    }

    /// Reads a row; nil if its checksum does not hold, or no version of this program wrote it.
    ///
    /// - Parameter values: the columns; what follows them is none of the row's business.
    init?(_ values: [StoredValue]) {
        guard values.count >= Self.columnCount, let ordinal = values[0].integer,
            let status = values[1].text.flatMap({ RowStatus(rawValue: $0) }),
            let recordCRC = values[3].integer.flatMap({ UInt32(exactly: $0) }),
            let recordDigest = Self.optionalDigest(values[4]),
            let rowDigest = Self.digest(values[5]),
            let audioDigest = Self.optionalDigest(values[6]),
            let audioMilliseconds = values[7].integer, let slot = values[8].text,
            let lease = values[9].integer, let detail = values[10].text,
            let checksum = values[11].integer
        else { return nil }
        if values[2].isNull {
            code = nil
        } else {
            guard let code = values[2].text.flatMap({ FailureCode(rawValue: $0) }) else {
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
        guard checksum == Int(self.checksum), (status == .transcribed) == (code == nil),
            (status == .transcribed) == (recordDigest != nil)
        else { return nil }
    }

    /// Runs ``insertion``.
    ///
    /// - Returns: false if the row has an outcome already; nothing is written then.
    func insert(_ insertion: RowStatement) throws -> Bool {
        try insertion.bind(ordinal, at: 1)
        try insertion.bind(status.rawValue, at: 2)
        try insertion.bind(code?.rawValue, at: 3)
        try insertion.bind(Int(recordCRC), at: 4)
        try insertion.bind(recordDigest, at: 5)
        try insertion.bind(rowDigest, at: 6)
        try insertion.bind(audioDigest, at: 7)
        try insertion.bind(audioMilliseconds, at: 8)
        try insertion.bind(slot, at: 9)
        try insertion.bind(lease, at: 10)
        try insertion.bind(detail, at: 11)
        try insertion.bind(Int(checksum), at: 12)
        return try insertion.run() == 1
    }

    /// Whether `record` is the record that this outcome was found with.
    func isOutcome(of record: [UInt8]?) -> Bool {
        guard let record else { return status != .transcribed }
        return status == .transcribed && CRC32C.checksum(of: record) == recordCRC
            && SHA256Hasher.digest(of: record).short == recordDigest
    }

    /// CRC-32C over all columns but itself, texts and digests with their lengths before them.
    private var checksum: UInt32 {
        var checksum: UInt32 = 0
        func add(_ bytes: UnsafeRawBufferPointer) {
            checksum = CRC32C.checksum(of: bytes, seed: checksum)
        }
        func add(_ number: Int) {
            withUnsafeBytes(of: Int64(number).littleEndian) { add($0) }
        }
        func add(_ text: String) {
            var text = text
            add(text.utf8.count)
            text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
        }
        for number in [ordinal, Int(recordCRC), audioMilliseconds, lease] { add(number) }
        for text in [status.rawValue, code?.rawValue ?? "", slot, detail] { add(text) }
        for digest in [recordDigest, rowDigest, audioDigest] {
            add(digest == nil ? 0 : 16)
            digest?.withBytes { add($0) }
        }
        return checksum
    }

    private static func digest(_ value: StoredValue) -> ShortDigest? {
        guard let bytes = value.bytes, bytes.count == 16 else { return nil }
        return ShortDigest(bytes)
    }

    /// NULL as `.some(nil)`; nil for what is neither NULL nor a digest.
    private static func optionalDigest(_ value: StoredValue) -> ShortDigest?? {
        value.isNull ? .some(nil) : digest(value).map { .some($0) }
    }
}
