internal import ClusterProtocol
internal import Foundation
internal import Testing

@Suite("Fuzzing the reader of messages")
struct MessageFuzzTests {
    /// Frames of one seed; `make fuzz` asks for more.
    private static let frames =
        ProcessInfo.processInfo.environment["SCRIPTORIUM_FUZZ_RUNS"].flatMap { Int($0) } ?? 20_000
    /// What the process may grow by, however many frames are read; other tests run beside it.
    private static let growthMax = 256 << 20

    @Test("no bytes whatever stop the reader, and what it reads it can write", arguments: [1, 2])
    func mutations(seed: UInt64) {
        var mutator = Mutator(seed: seed)
        var accepted = 0
        var before = 0
        for number in 0..<Self.frames {
            // Memory is compared with that after a while: the first frames fill the allocator.
            if number == Self.frames / 10 { before = Self.residentBytes }
            guard let read = try? MessageCodec.decode(mutator.frame()) else { continue }
            accepted += 1
            #expect((try? MessageCodec.decode(MessageCodec.encode(read))) == read, "seed \(seed)")
        }
        // Some mutants must be messages still: otherwise nothing behind the checks was reached.
        #expect(accepted > Self.frames / 100, "seed \(seed)")
        let growth = Self.residentBytes - before
        #expect(growth < Self.growthMax, "seed \(seed)")
        print("seed \(seed): \(Self.frames) frames, \(accepted) read, grew by \(growth >> 10) KiB")
    }

    private static var residentBytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4_096
    }
}

/// Frames that are nearly messages.
private struct Mutator {
    private var state: UInt64
    private let samples = SampleMessages.all.map { MessageCodec.encode($0) }
    /// What breaks readers: bounds of integers, nesting, duplicate and unknown names.
    private static let pieces = [
        "-1", "9007199254740993", "1e999", "[[1]]", "{}", "null", "\\ud800", "\"", "]", ",",
        "\"session\":1,", "18446744073709551616", String(repeating: "[", count: 100),
    ].map { Array($0.utf8) }

    init(seed: UInt64) { state = seed }

    mutating func frame() -> [UInt8] {
        let sample = samples[draw(samples.count)]
        switch draw(8) {
        case 0: return Array(sample.prefix(draw(sample.count)))
        case 1:
            // Any byte of the frame, header and checksum included.
            var frame = sample
            frame[draw(frame.count)] ^= UInt8(1 << draw(8))
            return frame
        case 2: return (0..<draw(300)).map { _ in UInt8(draw(256)) }
        default: break
        }
        // Behind a right checksum, so that the fields are reached.
        var body = Array(sample[MessageCodec.headerBytes...])
        for _ in 0...draw(4) where !body.isEmpty {
            switch draw(5) {
            case 0: body[draw(body.count)] = UInt8(draw(256))
            case 3:
                // Another number, and mostly a message still.
                let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
                if let index = body[draw(body.count)...].firstIndex(where: digits.contains) {
                    body[index] = UInt8(ascii: "0") + UInt8(draw(10))
                }
            case 1: body.remove(at: draw(body.count))
            case 2: body.insert(UInt8(draw(128)), at: draw(body.count))
            default:
                body.insert(
                    contentsOf: Self.pieces[draw(Self.pieces.count)], at: draw(body.count))
            }
        }
        let split = draw(2) == 0 ? body.count : draw(body.count + 1)
        return MessageCodec.frame(
            kind: draw(20) == 0 ? UInt8(draw(256)) : sample[6], meta: Array(body[..<split]),
            payload: Array(body[split...]))
    }

    private mutating func draw(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
