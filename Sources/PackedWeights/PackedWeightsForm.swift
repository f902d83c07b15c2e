package import Digests

/// Pieces of a ledger as one file: a head that says whose they are and how long, and the pieces.
///
///     magic       32 bytes
///     key         32 bytes, SHA-256
///     byte count   8 bytes, of the whole file
///     pieces       8 bytes, their number
///     table       16 bytes a piece: its length (8), its CRC-32C (4), zero (4)
///     checksum     4 bytes: CRC-32C of all before
///     pieces      each at a multiple of 64 bytes, the first at one of 4,096
///
/// Numbers are little-endian. Checksums find damage. They do not find malice: whoever may write the file is trusted.
package enum PackedWeightsForm {
    private static let magic = Array("scriptorium packed weights 1\n\0\0\0".utf8)
    private static let fixedBytes = 32 + 32 + 8 + 8
    private static let entryBytes = 16
    private static let pageBytes = 4_096
    /// More than any model has by far.
    package static let piecesMax = 1 << 17
    /// Of a head: what is read before anything is believed.
    package static let headBytesMax = fixedBytes + piecesMax * entryBytes + 4

    /// What is wrong with a file.
    package struct Flaw: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String

        package init(_ description: String) { self.description = description }
    }

    /// Where pieces stand.
    package struct Layout: Hashable, Sendable {
        /// Of each piece, in order.
        package let ranges: [Range<Int>]
        package let byteCount: Int

        /// - Returns: nil where lengths are negative or do not fit a file.
        package init?(lengths: [Int]) {
            let head = fixedBytes + lengths.count * entryBytes + 4
            var end = Self.rounded(head, to: pageBytes)
            var ranges: [Range<Int>] = []
            ranges.reserveCapacity(lengths.count)
            for length in lengths {
                let start = Self.rounded(end, to: PackedPiece.alignment)
                guard length >= 0, length <= Int.max / 4, start <= Int.max / 4 else { return nil }
                ranges.append(start..<start + length)
                end = start + length
            }
            self.ranges = ranges
            byteCount = end
        }

        private static func rounded(_ count: Int, to step: Int) -> Int {
            (count + step - 1) / step * step
        }
    }

    /// The head of a file, with the zeros up to the first piece.
    ///
    /// - Precondition: there are no more pieces than ``piecesMax``.
    package static func head(
        key: ContentDigest, layout: Layout, checksums: [UInt32]
    ) -> [UInt8] {
        precondition(
            layout.ranges.count == checksums.count && checksums.count <= piecesMax,
            "every piece has a checksum")
        var bytes = magic + key.bytes
        append(UInt64(layout.byteCount), to: &bytes)
        append(UInt64(layout.ranges.count), to: &bytes)
        for (range, checksum) in zip(layout.ranges, checksums) {
            append(UInt64(range.count), to: &bytes)
            append(UInt64(checksum), to: &bytes)
        }
        append(CRC32C.checksum(of: bytes), to: &bytes)
        let first = layout.ranges.first?.lowerBound ?? layout.byteCount
        bytes += [UInt8](repeating: 0, count: max(0, first - bytes.count))
        return bytes
    }

    /// Reads what ``head(key:layout:checksums:)`` writes.
    ///
    /// - Parameter file: all bytes of it.
    /// - Throws: if it is not whole, of another form, or of another key.
    package static func read(
        _ file: UnsafeRawBufferPointer, key: ContentDigest
    ) throws(Flaw) -> (layout: Layout, checksums: [UInt32]) {
        guard file.count >= fixedBytes + 4 else { throw Flaw("it is cut short") }
        guard file.prefix(magic.count).elementsEqual(magic) else {
            throw Flaw("it is of another form")
        }
        guard file[32..<64].elementsEqual(key.bytes) else {
            throw Flaw("it is of another model, program or machine")
        }
        guard let byteCount = Int(exactly: number(file, 64)),
            let count = Int(exactly: number(file, 72)), count <= piecesMax,
            fixedBytes + count * entryBytes + 4 <= file.count
        else { throw Flaw("its head is damaged") }
        let table = fixedBytes + count * entryBytes
        let head = UnsafeRawBufferPointer(rebasing: file[0..<table])
        let checksum = file.loadUnaligned(fromByteOffset: table, as: UInt32.self)
        guard CRC32C.checksum(of: head) == UInt32(littleEndian: checksum) else {
            throw Flaw("its head is damaged")
        }
        var lengths: [Int] = []
        var checksums: [UInt32] = []
        for index in 0..<count {
            let place = fixedBytes + index * entryBytes
            guard let length = Int(exactly: number(file, place)),
                let checksum = UInt32(exactly: number(file, place + 8))
            else { throw Flaw("its head is damaged") }
            lengths.append(length)
            checksums.append(checksum)
        }
        guard let layout = Layout(lengths: lengths), layout.byteCount == byteCount else {
            throw Flaw("its head is damaged")
        }
        guard file.count == byteCount else {
            throw Flaw("it has \(file.count) bytes and not \(byteCount)")
        }
        return (layout, checksums)
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func number(_ file: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
        UInt64(littleEndian: file.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }
}
