import Digests
import PackedWeights
import Testing

@Suite("Packed weights as a file")
struct PackedWeightsFormTests {
    private let key = SHA256Hasher.digest(of: Array("a key".utf8))
    private let pieces: [[UInt8]] = [Array(0..<100), [], [7], [UInt8](repeating: 3, count: 5_000)]

    /// The whole file.
    private func file() throws -> [UInt8] {
        let layout = try #require(PackedWeightsForm.Layout(lengths: pieces.map(\.count)))
        var bytes = PackedWeightsForm.head(
            key: key, layout: layout, checksums: pieces.map { CRC32C.checksum(of: $0) })
        for (piece, range) in zip(pieces, layout.ranges) {
            bytes += [UInt8](repeating: 0, count: range.lowerBound - bytes.count) + piece
        }
        #expect(bytes.count == layout.byteCount)
        return bytes
    }

    private func refusal(_ bytes: [UInt8], key: ContentDigest? = nil) -> String? {
        bytes.withUnsafeBytes { file in
            do throws(PackedWeightsForm.Flaw) {
                _ = try PackedWeightsForm.read(file, key: key ?? self.key)
                return nil
            } catch {
                return error.description
            }
        }
    }

    @Test("pieces are found where they were put, each on a cache line of its own")
    func roundTrip() throws {
        let bytes = try file()
        try bytes.withUnsafeBytes { file in
            let (layout, checksums) = try PackedWeightsForm.read(file, key: key)
            #expect(layout.ranges.count == pieces.count)
            for (index, range) in layout.ranges.enumerated() {
                #expect(range.lowerBound % PackedPiece.alignment == 0)
                #expect(Array(file[range]) == pieces[index])
                #expect(checksums[index] == CRC32C.checksum(of: pieces[index]))
            }
        }
    }

    @Test("a file that is shorter or longer than it says is refused, wherever it ends")
    func cut() throws {
        let bytes = try file()
        for count in 0..<bytes.count { #expect(refusal(Array(bytes[..<count])) != nil, "\(count)") }
        #expect(refusal(bytes + [0]) != nil)
        #expect(refusal(bytes) == nil)
    }

    @Test("a head with any byte altered is refused")
    func altered() throws {
        let bytes = try file()
        for place in 0..<80 + 16 * pieces.count + 4 {
            var other = bytes
            other[place] ^= 0x40
            #expect(refusal(other) != nil, "\(place)")
        }
    }

    @Test("a file of another key, form or of absurd numbers is refused")
    func foreign() throws {
        let bytes = try file()
        #expect(
            refusal(bytes, key: SHA256Hasher.digest(of: []))?.contains("another model") == true)
        var other = bytes
        other[28] = UInt8(ascii: "2")
        #expect(refusal(other)?.contains("another form") == true)
        for count in [UInt64.max, 1 << 62, UInt64(PackedWeightsForm.piecesMax) + 1] {
            other = bytes
            withUnsafeBytes(of: count.littleEndian) { other.replaceSubrange(72..<80, with: $0) }
            #expect(refusal(other) != nil)
        }
        #expect(PackedWeightsForm.Layout(lengths: [-1]) == nil)
        #expect(PackedWeightsForm.Layout(lengths: [.max]) == nil)
        #expect(PackedWeightsForm.Layout(lengths: [Int.max / 4, Int.max / 4, 1]) == nil)
    }

    @Test("a ledger gives what another recorded, in order and with its sizes, and else nothing")
    func ledger() {
        final class Memory {
            let bytes: UnsafeMutableRawBufferPointer
            init(_ count: Int) { bytes = .allocate(byteCount: count, alignment: 64) }
            deinit { bytes.deallocate() }
            var piece: PackedPiece {
                PackedPiece(bytes: UnsafeRawBufferPointer(bytes), owner: self)
            }
        }
        let recording = PackingLedger.recording()
        #expect(recording.take(byteCount: 8) == nil && recording.isKept)
        for count in [8, 16] { recording.add(Memory(count).piece) }
        #expect(recording.byteCount == 24 && recording.recorded.count == 2)
        let reading = PackingLedger(reading: recording.recorded)
        #expect(!reading.isComplete)
        #expect(reading.take(byteCount: 8)?.bytes.count == 8)
        #expect(reading.take(byteCount: 16)?.bytes.count == 16)
        #expect(reading.isComplete && reading.byteCount == 24)
        #expect(reading.take(byteCount: 16) == nil && !reading.isComplete)
        let astray = PackingLedger(reading: recording.recorded)
        #expect(astray.take(byteCount: 16) == nil)
        #expect(
            astray.take(byteCount: 8) == nil, "nothing after a piece of another size is believed")
        let none = PackingLedger()
        none.add(Memory(8).piece)
        #expect(none.recorded.isEmpty && !none.isKept && none.isComplete)
    }
}
