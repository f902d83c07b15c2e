package import Digests
internal import Files

/// Where each row of a manifest stands, how long it is planned to be, and the order of work.
///
/// A memory-mapped file of little-endian numbers, so that ten million rows cost no memory:
///
/// ```
/// rows      16 bytes each: offset u56 | lanes - 1 u8 | milliseconds u32 | order u32
/// lines     16 bytes each: ordinal u64 | blank lines before that row u64, where that grows
/// trailer   64 bytes: "SCRIDX02" | rows u64 | lines u64 | manifest bytes u64 | manifest SHA-256
/// ```
///
/// `order` of entry k is the ordinal of the row that is k-th in the order of work (``WorkOrder``): what
/// takes longest first (milliseconds × lanes), the spans of a recording together. Milliseconds of
/// `0xFFFFFFFF` mark a row whose line is unusable.
package final class RowIndex: @unchecked Sendable {  // The mapping is read-only and never moves.
    package let rowCount: Int
    /// Of the manifest that is described.
    package let manifestByteCount: Int
    package let manifestDigest: ContentDigest

    private let file: MappedFile
    private let base: UnsafeRawPointer
    private let lineRunCount: Int

    static let entryBytes = 16
    static let trailerBytes = 64
    static let magic = Array("SCRIDX02".utf8)
    static let unusable = UInt32.max
    /// Lanes that an entry can tell: more channels than any recording has.
    static let lanesMax = 128
    static let offsetBits: UInt64 = 56
    static let offsetMask: UInt64 = 1 << offsetBits - 1

    /// Maps the index at `path` and checks all of it.
    ///
    /// - Throws: `invalid` if it is no complete index.
    package init(path: String) throws(ManifestError) {
        file = try mapError(ManifestError.input) { () throws(FileError) in
            try MappedFile(OpenFile(path))
        }
        let size = file.bytes.count
        guard size >= Self.trailerBytes, size % Self.entryBytes == 0,
            let start = file.bytes.baseAddress
        else { throw Self.invalid(path, "its size is \(size)") }
        base = start
        let trailer = base + (size - Self.trailerBytes)
        let numbers = (1...3).map { trailer.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
        let entries = UInt64((size - Self.trailerBytes) / Self.entryBytes)
        let hasMagic = UnsafeRawBufferPointer(start: trailer, count: 8).elementsEqual(Self.magic)
        guard hasMagic, numbers[0] <= entries, numbers[1] == entries - numbers[0],
            numbers[0] <= ManifestLimits.rowsMax, numbers[2] <= UInt64(Int.max)
        else { throw Self.invalid(path, "its trailer does not fit its size") }
        rowCount = Int(numbers[0])
        lineRunCount = Int(numbers[1])
        manifestByteCount = Int(numbers[2])
        manifestDigest = ContentDigest(
            Array(UnsafeRawBufferPointer(start: trailer + 32, count: 32)))
        guard isConsistent() else { throw Self.invalid(path, "an entry is out of range") }
    }

    /// Where the row begins, in bytes from the start of the manifest.
    package func offset(of ordinal: Int) -> Int {
        Int(entry(ordinal).loadUnaligned(as: UInt64.self) & Self.offsetMask)
    }

    /// Lanes that are computed: the channels where each has a transcript of its own, as far as known.
    package func lanes(of ordinal: Int) -> Int {
        Int(entry(ordinal).loadUnaligned(as: UInt64.self) >> Self.offsetBits) + 1
    }

    /// The planned length; 0 for a row whose line is unusable.
    package func milliseconds(of ordinal: Int) -> Int {
        let value = entry(ordinal).loadUnaligned(fromByteOffset: 8, as: UInt32.self)
        return value == Self.unusable ? 0 : Int(value)
    }

    /// Whether the row's line cannot be transcribed from; its record says why.
    package func isUnusable(_ ordinal: Int) -> Bool {
        entry(ordinal).loadUnaligned(fromByteOffset: 8, as: UInt32.self) == Self.unusable
    }

    /// The ordinal of the row that is `rank`th in the order of work.
    package func ordinal(atRank rank: Int) -> Int {
        Int(entry(rank).loadUnaligned(fromByteOffset: 12, as: UInt32.self))
    }

    /// The row's 1-based line in the manifest, blank lines counted.
    package func lineNumber(of ordinal: Int) -> Int {
        precondition((0..<rowCount).contains(ordinal), "no row \(ordinal)")
        var low = 0
        var high = lineRunCount
        while low < high {
            let middle = (low + high) / 2
            if lineRun(middle).ordinal <= ordinal { low = middle + 1 } else { high = middle }
        }
        return ordinal + 1 + (low == 0 ? 0 : lineRun(low - 1).blanks)
    }

    private func entry(_ index: Int) -> UnsafeRawPointer {
        precondition((0..<rowCount).contains(index), "no row \(index)")
        return base + index * Self.entryBytes
    }

    private func lineRun(_ index: Int) -> (ordinal: Int, blanks: Int) {
        let run = base + (rowCount + index) * Self.entryBytes
        return (
            Int(truncatingIfNeeded: run.loadUnaligned(as: UInt64.self)),
            Int(truncatingIfNeeded: run.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }

    /// Whether every number is one that the accessors may return.
    private func isConsistent() -> Bool {
        var previous: UInt64?
        for index in 0..<rowCount {
            let entry = base + index * Self.entryBytes
            let offset = entry.loadUnaligned(as: UInt64.self) & Self.offsetMask
            guard offset < manifestByteCount, previous.map({ $0 < offset }) ?? true,
                entry.loadUnaligned(fromByteOffset: 12, as: UInt32.self) < rowCount
            else { return false }
            previous = offset
        }
        for index in 0..<lineRunCount {
            let run = lineRun(index)
            guard (0..<rowCount).contains(run.ordinal), (0...manifestByteCount).contains(run.blanks)
            else { return false }
        }
        return true
    }

    private static func invalid(_ path: String, _ what: String) -> ManifestError {
        ManifestError(.invalid, path, "not a complete index (\(what)); remove it and run again")
    }
}
