import CompressedFixtures
import Decompression
import SpeechTypes
import Testing

@Suite("Compressed lists") struct DecompressionTests {
    private enum Never: Error {}

    /// All that comes out, with input and output in pieces of these sizes.
    private func expanded(
        _ bytes: [UInt8], piece: Int = 1 << 16, room: Int = 1 << 16
    ) throws -> [UInt8] {
        let form = try #require(Compression(head: bytes))
        var rest = bytes[...]
        let reader = try ExpandedBytes<Never>(form, head: []) { buffer in
            let count = min(piece, rest.count, buffer.count)
            buffer.copyBytes(from: rest.prefix(count))
            rest.removeFirst(count)
            return count
        }
        var output: [UInt8] = []
        var block = [UInt8](repeating: 0, count: room)
        while true {
            let count = try block.withUnsafeMutableBytes { try reader.read(into: $0) }
            if count == 0 { return output }
            output += block[..<count]
        }
    }

    private func compressed(_ form: Compression, _ bytes: [UInt8]) -> [UInt8] {
        form == .gzip ? Compressed.gzip(bytes) : Compressed.zstd(bytes)
    }

    /// Text that neither repeats in short nor is random.
    private static let text: [UInt8] = (0..<20_000).flatMap { "row \($0 &* 2_654_435_761)\n".utf8 }

    @Test(arguments: Compression.allCases, [(1, 1 << 16), (7, 13), (1 << 16, 1), (997, 1 << 18)])
    func whatWasCompressedComesBackHoweverItIsCut(_ form: Compression, _ sizes: (Int, Int)) throws {
        let text = sizes.1 == 1 ? Array(Self.text.prefix(20_000)) : Self.text
        let bytes = compressed(form, text)
        #expect(bytes.count < text.count)
        #expect(try expanded(bytes, piece: sizes.0, room: sizes.1) == text)
    }

    @Test(arguments: Compression.allCases)
    func membersThatWereJoinedAreReadOneAfterAnother(_ form: Compression) throws {
        let bytes = ["a\n", "", "b\n"].flatMap { compressed(form, Array($0.utf8)) }
        #expect(try expanded(bytes) == Array("a\nb\n".utf8))
    }

    @Test func framesOfZstdThatHoldNoDataArePassedOver() throws {
        let skipped: [UInt8] = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        #expect(try expanded(skipped + Compressed.zstd([65])) == [65])
    }

    @Test(arguments: Compression.allCases)
    func aFileThatWasCutShortIsToldWhereverItWasCut(_ form: Compression) throws {
        let bytes = compressed(form, Array(Self.text.prefix(3_000)))
        for count in stride(from: 4, to: bytes.count, by: 37) + [bytes.count - 1] {
            let error = #expect(throws: (any Error).self) {
                try expanded(Array(bytes[..<count]))
            }
            #expect("\(error.map { "\($0)" } ?? "")".contains("ends too early"), "\(count)")
        }
    }

    @Test(arguments: Compression.allCases)
    func damageAndBytesBehindTheEndAreErrors(_ form: Compression) throws {
        var bytes = compressed(form, Array(Self.text.prefix(3_000)))
        #expect(throws: (any Error).self) { try expanded(bytes + Array("more".utf8)) }
        // Reserved bits of the method's header.
        bytes[bytes.count / 2] ^= 0xFF
        bytes[bytes.count / 2 + 1] ^= 0xFF
        if form == .gzip { #expect(throws: (any Error).self) { try expanded(bytes) } }
    }

    @Test func aFileThatGrowsBeyondAllReasonIsRefused() throws {
        // Zeros shrink to a thousandth in deflate and further in zstd, where a frame in a frame's place is a
        // few bytes for 128 KiB.
        let zeros = Compressed.zstd([UInt8](repeating: 0, count: 96 << 20))
        #expect(zeros.count * 1_100 < 32 << 20)
        let error = #expect(throws: (any Error).self) { try expanded(zeros, room: 1 << 20) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("1100 times"))
    }

    @Test func aFrameThatNeedsMoreMemoryThanTheLimitIsRefusedWithWhatHelps() throws {
        let bytes = Compressed.zstd(Array(Self.text.prefix(100)), windowLog: 30)
        let error = #expect(throws: (any Error).self) { try expanded(bytes) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("128 MiB"))
        #expect(try expanded(Compressed.zstd(Self.text, windowLog: 27)) == Self.text)
    }

    @Test func onlyTheFirstBytesTellWhatIsCompressed() {
        #expect(Compression(head: Array("{\"audio_filepath\":".utf8)) == nil)
        #expect(Compression(head: [0x1F, 0x8B]) == nil)
        #expect(Compression(head: []) == nil)
        #expect(Compression.innerName(of: "a/cuts.jsonl.gz") == "a/cuts.jsonl")
        #expect(Compression.innerName(of: "cuts.JSONL.ZST") == "cuts.JSONL")
        #expect(Compression.innerName(of: "cuts.jsonl") == "cuts.jsonl")
    }
}
